"""Who has done what: the audit of this node in words, newest first, searched and narrowed.

An operator sees all of it, who looks after the federation what concerns that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from node.operations.audit_reading import (
    FEDERATION_GROUPS,
    AuditAsked,
    AuditLine,
    is_day,
    named,
    read_asked,
)
from node.operations.node import Node
from node.web.account_words import ACTIONS, ACTORS, DETAILS
from node.web.message import Message
from node.web.posted import INVALID
from node.web.render import RENDERER, record_url
from node.web.site import NODE
from node.web.visitors import viewer_of, visible_to
from protocol.limits import ID_BYTES
from storage.account_views import Role
from storage.audit_store import AuditEntry, AuditWanted

ROWS_SHOWN = 50
WRONG_DAY = Message("Skriv en dag som 2026-11-26")
# Field of the form → what it narrows.
FIELDS = {
    "vem": "who",
    "vad": "what",
    "om": "about",
    "ord": "text",
    "fran": "since",
    "till": "until",
}


DAYS = ("fran", "till")


class Subject(NamedTuple):
    """What something was done about, as a person knows it, and where it is; both may be empty.

    `language` is that of a title.
    """

    words: str
    url: str = ""
    language: str = ""


class Line(NamedTuple):
    """One line of who did what."""

    time_ms: int
    actor: str
    action: str
    about: Subject
    detail: str


async def audit_page(request: web.Request) -> web.Response:
    """GET /anvandare/handelser"""
    node, typed = request.app[NODE], _typed(request)
    before = request.query.get("fore", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    wrong = [name for name in DAYS if not is_day(typed[name])]
    rows: list[AuditEntry] = []
    if not wrong:
        rows = await node.audit.find(await wanted_lines(request), ROWS_SHOWN + 1, before=last)
    shown = await named(node, rows[:ROWS_SHOWN])
    titles = await _titles(node, shown, visible_to(request))
    narrowed = urlencode({name: text for name, text in typed.items() if text})
    return request.app[RENDERER].page(
        request,
        "audit.html",
        status=INVALID if wrong else 200,
        wrong=wrong,
        error=WRONG_DAY if wrong else "",
        typed=typed,
        narrowed=narrowed,
        actors=await _actors(node),
        actions={code: words for code, words in ACTIONS.items() if _may_see(request, code)},
        sees_all=_sees_all(request),
        lines=[_line(row, titles) for row in shown],
        older=shown[-1].number if len(rows) > ROWS_SHOWN else None,
    )


async def wanted_lines(request: web.Request) -> AuditWanted:
    """Which lines the address asks for, as far as the visitor may see them.

    Raises `ArgumentError` for a day that is none.
    """
    asked = AuditAsked(**{FIELDS[name]: text for name, text in _typed(request).items()})
    return await read_asked(request.app[NODE], asked, federation_only=not _sees_all(request))


def _typed(request: web.Request) -> dict[str, str]:
    return {name: " ".join(request.query.get(name, "").split())[:200] for name in FIELDS}


def _sees_all(request: web.Request) -> bool:
    return viewer_of(request).may(Role.OPERATOR)


def _may_see(request: web.Request, action: str) -> bool:
    return _sees_all(request) or action.partition(" ")[0] in FEDERATION_GROUPS


async def _actors(node: Node) -> list[tuple[str, str]]:
    """Who may have done something: the name that signs in, and the name to show."""
    people = [(user.name, user.full_name) for user in await node.accounts.users()]
    return [*sorted(people, key=lambda one: one[1].casefold()), *ACTORS.items()]


def _line(row: AuditLine, titles: Mapping[str, Subject]) -> Line:
    actor = ACTORS.get(row.actor) or row.actor_name or row.actor
    about = Subject("") if row.subject == row.actor else titles.get(row.subject, _named(row))
    detail = DETAILS.get(row.detail, row.detail)
    return Line(row.time_ms, actor, ACTIONS.get(row.action, row.action), about, detail)


def _named(row: AuditLine) -> Subject:
    """People and municipalities by name; an id that names nothing any more is left out."""
    if _is_id(row.subject):
        return Subject(row.subject_name)
    return Subject(row.subject_name or row.subject)


async def _titles(
    node: Node, rows: Sequence[AuditLine], visible: tuple[str, ...]
) -> dict[str, Subject]:
    """What lines about records are called, by the id of the record."""
    ids = list({bytes.fromhex(row.subject) for row in rows if _is_id(row.subject)})
    records = await node.queries.rows(ids, visible=visible) if ids else ()
    return {
        row.record_id.hex(): Subject(row.title, record_url(row.record_id, row.title), row.language)
        for row in records
    }


def _is_id(text: str) -> bool:
    """Whether it is the id of a log or an entry; user names are shorter or have other letters."""
    return len(text) == 2 * ID_BYTES and set(text) <= set("0123456789abcdef")
