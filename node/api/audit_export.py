"""Who has done what as a file: CSV for spreadsheets, JSON Lines for programs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict
from typing import Final

from aiohttp import web

from node.api import csv_export
from node.api.export_pages import JSON_LINES, send_file
from node.api.shapes import moment
from node.errors import ArgumentError
from node.operations.audit_reading import AuditLine, named
from node.operations.node import Node
from node.spreadsheets import guarded
from node.web.account_words import ACTIONS, ACTORS
from node.web.language import Language, wanted
from node.web.pages.audit import wanted_lines
from node.web.site import NODE
from storage.audit_store import AuditWanted

BATCH_LINES: Final = 1_000
HEADINGS: Final = (
    *("nummer", "tid", "vem", "namn", "händelse", "i_ord", "om", "om_namn", "detalj"),
)


async def csv_file(request: web.Request) -> web.StreamResponse:
    """GET /anvandare/handelser.csv"""
    language = wanted(request)

    batches = await _batches(request)

    async def parts() -> AsyncIterator[bytes]:
        yield csv_export.beginning(HEADINGS)
        async for lines in batches:
            yield csv_rows(lines, language)

    return await send_file(request, csv_export.CONTENT_TYPE, "handelser.csv", parts())


async def json_lines_file(request: web.Request) -> web.StreamResponse:
    """GET /anvandare/handelser.jsonl"""

    batches = await _batches(request)

    async def parts() -> AsyncIterator[bytes]:
        async for lines in batches:
            yield json_rows(lines)

    return await send_file(request, JSON_LINES, "handelser.jsonl", parts())


def csv_rows(lines: Iterable[AuditLine], language: Language) -> bytes:
    """Lines as rows of a table, no cell of which a spreadsheet takes for a formula."""
    return csv_export.lines(_cells(line, language) for line in lines).encode()


def json_rows(lines: Iterable[AuditLine]) -> bytes:
    """Lines as one JSON document each, with the time in words that programs read."""
    documents = (asdict(line) | {"time": _time(line)} for line in lines)
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in documents).encode()


def _cells(line: AuditLine, language: Language) -> list[str]:
    actor = line.actor_name or language.translated(ACTORS.get(line.actor, line.actor))
    action = language.translated(ACTIONS.get(line.action, line.action))
    cells = (
        *(str(line.number), _time(line), line.actor, actor, line.action, action),
        *(line.subject, line.subject_name, line.detail),
    )
    return [guarded(cell) for cell in cells]


def _time(line: AuditLine) -> str:
    return moment(line.time_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _batches(request: web.Request) -> AsyncIterator[list[AuditLine]]:
    """What the address asks for; raises 400 before anything is sent."""
    try:
        return _read(request.app[NODE], await wanted_lines(request))
    except ArgumentError as error:
        raise web.HTTPBadRequest from error


async def _read(node: Node, looked_for: AuditWanted) -> AsyncIterator[list[AuditLine]]:
    before: int | None = None
    while entries := await node.audit.find(looked_for, BATCH_LINES, before=before):
        yield await named(node, entries)
        before = entries[-1].number
