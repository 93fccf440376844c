"""The neighbourhood, as a map with tables beside; for a record, who holds it and its way here."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from node.operations.neighbour_details import Bringer, Holder, Network, Through
from node.web.network_map import Far, Near, make_picture
from node.web.pages.neighbours import UNKNOWN, NeighbourItem, make_item
from node.web.pages.records import find_record
from node.web.render import RENDERER
from node.web.site import NODE, OWN, short_name
from storage.swedish_order import sort_key

THROUGH_MAX = 300
"""Rows of those that come through others."""


@dataclass(frozen=True, slots=True)
class Named:
    """A neighbour by its short name; `entries` is what it brought."""

    name: str
    code: str
    log: str
    entries: int = 0


@dataclass(frozen=True, slots=True)
class FarItem:
    """A row of what comes through others: who brings it, who else holds it."""

    name: str
    code: str
    entries: int
    bringers: list[Named]
    holders: list[str]
    log: str
    is_full: bool


async def network_page(request: web.Request) -> web.Response:
    """GET /natverk"""
    found = await request.app[NODE].operations.network()
    items = [make_item(one) for one in found.neighbours]
    far = _far_items(found, {item.status.log: item.name for item in items})
    return request.app[RENDERER].page(
        request,
        "network.html",
        items=items,
        far=far[:THROUGH_MAX],
        far_count=len(far),
        picture=make_picture(
            (request.app[OWN].code, request.app[OWN].name),
            [_near(number, item) for number, item in enumerate(items, 1)],
            [one for item in far if (one := _drawn(item)) is not None],
        ),
    )


def _near(number: int, item: NeighbourItem) -> Near:
    return Near(number, item.status.code, item.name, item.mark)


def _drawn(item: FarItem) -> Far | None:
    """Who it comes through for the most part."""
    return Far(item.code, item.name, item.bringers[0].code) if item.bringers else None


def _far_items(found: Network, names: dict[str, str]) -> list[FarItem]:
    items = [_far_item(one, names) for one in found.through]
    return sorted(items, key=lambda item: sort_key(item.name))


def _far_item(one: Through, names: dict[str, str]) -> FarItem:
    return FarItem(
        short_name(one.code, one.name) or UNKNOWN,
        one.code,
        one.entries,
        [_bringer(who) for who in one.bringers],
        sorted((names[log] for log in one.holders if log in names), key=sort_key),
        one.log,
        one.is_full,
    )


def _bringer(who: Bringer) -> Named:
    return Named(short_name(who.code, who.name) or UNKNOWN, who.code, who.log, who.entries)


def _holder(who: Holder) -> Named:
    return Named(short_name(who.code, who.name) or UNKNOWN, who.code, who.log)


async def spread_page(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/spridning: which neighbours hold it, and through whom it came."""
    view = await find_record(request)
    operations = request.app[NODE].operations
    spread = await operations.spread(view.row.log, view.sequence)
    bringers = [_bringer(one) for one in spread.bringers]
    known = sum(one.entries for one in bringers)
    return request.app[RENDERER].page(
        request,
        "spread.html",
        view=view,
        holders=[(_holder(one), one) for one in spread.holders],
        holding=sum(one.holds for one in spread.holders),
        bringers=bringers,
        entries=spread.entries,
        # All entries of the log came by one way only: so did this one.
        certain=len(bringers) == 1 and known >= spread.entries,
        is_direct=bool(bringers) and bringers[0].log == view.row.log.hex(),
    )
