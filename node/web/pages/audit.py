"""Who has done what, for operators: the audit of this node in words, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import web

from node.operations.node import Node
from node.web.account_words import ACTIONS, ACTORS, DETAILS
from node.web.render import RENDERER, record_url
from node.web.site import NODE
from node.web.visitors import visible_to
from protocol.limits import ID_BYTES
from storage.audit_store import AuditEntry

ROWS_SHOWN = 50


class Subject(NamedTuple):
    """What something was done about, as a person knows it, and where it is; both may be empty."""

    words: str
    url: str = ""


class Line(NamedTuple):
    """One line of who did what."""

    time_ms: int
    actor: str
    action: str
    about: Subject
    detail: str


async def audit_page(request: web.Request) -> web.Response:
    """GET /anvandare/handelser"""
    node = request.app[NODE]
    before = request.query.get("fore", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    rows = await node.audit.newest(ROWS_SHOWN + 1, before=last)
    shown = rows[:ROWS_SHOWN]
    people = {user.name: user.full_name for user in await node.accounts.users()}
    subjects = await _subjects(node, shown, people, visible_to(request))
    return request.app[RENDERER].page(
        request,
        "audit.html",
        lines=[_line(row, people, subjects) for row in shown],
        older=shown[-1].number if len(rows) > ROWS_SHOWN else None,
    )


def _line(row: AuditEntry, people: Mapping[str, str], subjects: Mapping[str, Subject]) -> Line:
    actor = ACTORS.get(row.actor) or people.get(row.actor, row.actor)
    about = Subject("") if row.subject == row.actor else subjects[row.subject]
    detail = DETAILS.get(row.detail, row.detail)
    return Line(row.time_ms, actor, ACTIONS.get(row.action, row.action), about, detail)


async def _subjects(
    node: Node, rows: list[AuditEntry], people: Mapping[str, str], visible: tuple[str, ...]
) -> dict[str, Subject]:
    """Name people, municipalities and records; what is none of these any more is left unnamed."""
    found = {row.subject: Subject(people.get(row.subject, row.subject)) for row in rows}
    ids = {subject: bytes.fromhex(subject) for subject in found if _is_id(subject)}
    names = await node.log_store.names() if ids else {}
    records = await node.queries.rows(list(ids.values()), visible=visible) if ids else ()
    titled = {row.record_id: Subject(row.title, record_url(row.record_id, row.title))
              for row in records}  # fmt: skip
    for subject, identifier in ids.items():
        found[subject] = titled.get(identifier) or Subject(names.get(identifier, ""))
    return found


def _is_id(text: str) -> bool:
    """Whether it is the id of a log or an entry; user names are shorter or have other letters."""
    return len(text) == 2 * ID_BYTES and set(text) <= set("0123456789abcdef")
