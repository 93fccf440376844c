"""Decisions about municipalities as a file: taken home, and brought with a look at what changes.

Nothing is done when a file is brought: its page shows each change. The button there sends the same
file again with the seal of what was shown; when something else would happen by then, nothing does.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import NamedTuple

from aiohttp import web

from node.errors import ArgumentError
from node.importers.csv_table import read_table
from node.importers.result import BrokenFileError
from node.importers.texts import decode
from node.operations.decision_operations import (
    DECISIONS_BYTES_MAX,
    ImportedDecisions,
    PlannedDecision,
)
from node.operations.decision_table import Fault
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import see_other, short_name
from node.web.uploads import WAITING
from node.web.visitors import acting
from protocol.directory import Standing
from storage.log_registry import REASON_CHARS_MAX

NONE_CHOSEN = Message("Välj en fil först")
TOO_LARGE = Message("Filen är för stor, högst 300 kB får plats")
NO_TABLE = Message("Filen går inte att läsa som en tabell. Spara den som CSV och försök igen")
NO_COLUMN = Message("Filen saknar någon av kolumnerna id och beslut")
CHANGED = Message("Något har ändrats sedan ni tittade. Se efter igen innan ni genomför")
STANDINGS = {
    "": Message("Okänd här"),
    Standing.MEMBER: Message("Med"),
    Standing.INTRODUCED: Message("Väntar på beslut"),
    Standing.IGNORED: Message("Inte nu"),
    Standing.BLOCKED: Message("Blockerad"),
}
FAULTS = {
    Fault.NO_ID: Message("Id är inte 64 tecken, 0–9 och a–f."),
    Fault.OWN: Message("Det är er egen logg."),
    Fault.TWICE: Message("Samma id står längre upp i filen."),
    Fault.NO_DECISION: Message("Beslutet ska vara medlem, inte nu eller blockerad."),
    Fault.NO_REASON: Message("En blockering behöver ett skäl."),
    Fault.LONG: Message("Skälet eller anteckningen är längre än %(most)s tecken.",
                        most=REASON_CHARS_MAX),
    Fault.BROKEN: Message("Raden går inte att läsa."),
}  # fmt: skip


class Change(NamedTuple):
    """A row of the file in words."""

    row: PlannedDecision
    name: str
    before: Message
    after: Message
    fault: str


async def decisions_page(request: web.Request) -> web.Response:
    """GET /grannar/beslut"""
    return _show(request)


async def look(request: web.Request) -> web.Response:
    """POST /grannar/beslut: show what a file would change."""
    await read_posted(request)
    files = request.get(WAITING, [])
    if not files or not files[0].growing.size_bytes:
        return _show(request, NONE_CHOSEN)
    if files[0].growing.size_bytes > DECISIONS_BYTES_MAX:
        return _show(request, TOO_LARGE)
    data = await asyncio.to_thread(files[0].growing.path.read_bytes)
    return await _preview(request, data)


async def carry_out(request: web.Request) -> web.Response:
    """POST /grannar/beslut/genomfor: do what was shown."""
    posted = await read_posted(request)
    try:
        data = base64.b64decode(str(posted.get("fil", "")), validate=True)
        text = _text(data)
        done = await acting(request).import_decisions(
            text, dry_run=False, seal_shown=str(posted.get("sigill", "")) or "-"
        )
    except (binascii.Error, ValueError, ArgumentError, BrokenFileError) as error:
        raise web.HTTPBadRequest from error
    if not done.done:
        return await _preview(request, data, CHANGED)
    raise see_other("/grannar/beslut?klart=beslut-genomforda")


async def _preview(request: web.Request, data: bytes, error: Message | None = None) -> web.Response:
    try:
        read_table(data)
        found = await acting(request).import_decisions(_text(data))
    except BrokenFileError:
        return _show(request, NO_TABLE)
    except ArgumentError:
        return _show(request, NO_COLUMN)
    return _show(request, error, found, base64.b64encode(data).decode())


def _text(data: bytes) -> str:
    """What a file says, in whichever of the usual ways it was saved."""
    return decode(data, encoding="", windows_too=True).text


def _show(
    request: web.Request,
    error: Message | None = None,
    found: ImportedDecisions | None = None,
    carried: str = "",
) -> web.Response:
    rows = [_change(row) for row in found.rows] if found else []
    return request.app[RENDERER].page(
        request,
        "decisions.html",
        status=INVALID if error else 200,
        error=error,
        found=found,
        carried=carried,
        changes=[one for one in rows if one.row.changes],
        faults=[one for one in rows if one.row.fault],
        same=sum(not one.row.changes and not one.row.fault for one in rows),
    )


def _change(row: PlannedDecision) -> Change:
    return Change(
        row,
        short_name(row.code, row.name) or row.log[:16],
        STANDINGS[row.before],
        STANDINGS[row.standing],
        FAULTS[Fault(row.fault)] if row.fault else "",
    )
