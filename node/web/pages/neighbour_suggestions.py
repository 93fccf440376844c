"""Whom to become neighbours with, as part of the page Grannar, and how far away everybody is."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from node.municipal import municipalities
from node.operations.known_network import Distance, SuggestedNeighbour, add_command
from node.web.message import Message
from node.web.render import RENDERER
from node.web.site import NODE, short_name
from node.web.suggestion_words import WAITING, reason_words, steps_words
from protocol.directory import Standing
from storage.swedish_order import sort_key

UNKNOWN = Message("Okänd kommun")


@dataclass(frozen=True, slots=True)
class SuggestionItem:
    """One suggested neighbour with its short name, and why and how far in words.

    `command` is what an operator types; `waiting` is empty unless its log waits for a decision.
    """

    code: str
    name: str
    reason: Message
    steps: Message
    waiting: str
    command: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class DistanceRow:
    """A municipality, its steps (None when no way is known), and the neighbour that leads to it."""

    code: str
    name: str
    has_page: bool
    steps: int | None
    through: str


async def suggestion_items(request: web.Request) -> list[SuggestionItem]:
    """The suggestions for the page, in the rule's order."""
    suggested = await request.app[NODE].operations.suggested_neighbours()
    return [_item(one) for one in suggested]


def _item(one: SuggestedNeighbour) -> SuggestionItem:
    return SuggestionItem(
        one.code,
        short_name(one.code, one.name),
        reason_words(one),
        steps_words(one),
        WAITING if one.standing == Standing.INTRODUCED else "",
        add_command(one.url, one.log),
        one.fingerprint,
    )


async def distances_page(request: web.Request) -> web.Response:
    """GET /grannar/avstand"""
    found = await request.app[NODE].operations.distances()
    names = {one.log: short_name(one.code, one.name) for one in found}
    rows = [_row(one, names) for one in found]
    rows.sort(key=lambda row: (row.steps is None, row.steps or 0, sort_key(row.name)))
    steps = [row.steps for row in rows if row.steps is not None]
    return request.app[RENDERER].page(
        request,
        "distances.html",
        rows=rows,
        longest=max(steps, default=0),
        unknown=len(rows) - len(steps),
    )


def _row(one: Distance, names: dict[str, str]) -> DistanceRow:
    name = short_name(one.code, one.name) or UNKNOWN
    has_page = municipalities.by_code(one.code) is not None
    return DistanceRow(one.code, name, has_page, one.steps, names.get(one.through, ""))
