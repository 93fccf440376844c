"""Decisions about municipalities as CSV, in the form in which they are imported again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from node.api import csv_export
from node.api.export_pages import send_file
from node.api.shapes import moment
from node.operations.decision_table import COLUMNS, WORDS
from node.spreadsheets import guarded
from node.web.visitors import acting
from protocol.directory import Standing

FILE_NAME = "beslut.csv"


async def csv_file(request: web.Request) -> web.StreamResponse:
    """GET /grannar/beslut.csv"""
    rows = await acting(request).decisions()

    async def parts() -> AsyncIterator[bytes]:
        yield whole_file(asdict(row) for row in rows)

    return await send_file(request, csv_export.CONTENT_TYPE, FILE_NAME, parts())


def whole_file(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The file; rows are those of the verb `decisions`."""
    return csv_export.beginning(COLUMNS) + csv_export.lines(map(_cells, rows)).encode()


def _cells(row: Mapping[str, Any]) -> list[str]:
    since = moment(row["standing_ms"]).strftime("%Y-%m-%d")
    decided = WORDS[Standing(row["standing"])]
    texts = (row["log"], row["code"], row["name"], decided, row["reason"], row["public_note"])
    return [guarded(text) for text in (*texts, since)]
