"""Exports on request: any list with its filters, as a file that is written while it is read.

CSV, JSON Lines and Markdown are links on the list's page and hold what whoever opens them sees
there. The calendar is an address that programs come back to, so it follows the rule of feeds: an
open one holds what is public, a personal one what its owner may see.

A batch is written in a thread of its own: pages do not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from importlib import import_module

from aiohttp import web

from node.api import csv_export
from node.api.markdown_export import CONTENT_TYPE as GZIP
from node.api.markdown_export import MarkdownArchive
from node.api.record_shapes import WholeRecord
from node.api.record_stream import Exported, batches
from node.errors import OverloadedError
from node.web.access import place_of
from node.web.feeds import feed_reader, site_url
from node.web.listing import chips_of, read_filter
from node.web.site import NODE, OWN, today
from node.web.visitors import visible_to
from storage.errors import DamagedLogError

JSON_LINES = "application/jsonl"
EXPORTS_AT_ONCE_MAX = 4
"""Each reads a whole list; more would keep pages waiting."""
RUNNING = web.AppKey("exports_running", asyncio.Semaphore)


def prepare(app: web.Application) -> None:
    """Give an application what exports keep in it."""
    app[RUNNING] = asyncio.Semaphore(EXPORTS_AT_ONCE_MAX)


async def csv_file(request: web.Request) -> web.StreamResponse:
    """GET /erfarenheter/export.csv"""
    site = site_url(request)

    async def parts() -> AsyncIterator[bytes]:
        yield csv_export.heading()
        async for batch in _batches(request, visible_to(request)):
            yield await asyncio.to_thread(csv_export.rows, batch, site)

    return await send_file(request, csv_export.CONTENT_TYPE, "erfarenheter.csv", parts())


async def json_lines_file(request: web.Request) -> web.StreamResponse:
    """GET /erfarenheter/export.jsonl"""
    site = site_url(request)

    async def parts() -> AsyncIterator[bytes]:
        async for batch in _batches(request, visible_to(request)):
            yield await asyncio.to_thread(_json_lines, batch, site)

    return await send_file(request, JSON_LINES, "erfarenheter.jsonl", parts())


def _json_lines(batch: Iterable[Exported], site: str) -> bytes:
    records = (WholeRecord.whole(one.row, one.content, site) for one in batch)
    return "".join(f"{one.model_dump_json(by_alias=True)}\n" for one in records).encode()


async def markdown_files(request: web.Request) -> web.StreamResponse:
    """GET /erfarenheter/export.tar.gz"""

    async def parts() -> AsyncIterator[bytes]:
        archive = MarkdownArchive()
        async for batch in _batches(request, visible_to(request)):
            yield await asyncio.to_thread(archive.add, batch)
        yield archive.end()

    return await send_file(request, GZIP, "erfarenheter-markdown.tar.gz", parts())


async def calendar(request: web.Request) -> web.StreamResponse:
    """GET /erfarenheter/datum.ics"""
    # The library takes a tenth of a second to load, which no command should wait for.
    await asyncio.to_thread(import_module, "node.api.calendar_export")
    from node.api import calendar_export  # noqa: PLC0415  # loaded by the thread above

    reader, own = await feed_reader(request), request.app[OWN]
    words = ", ".join(chip.words for chip in chips_of(read_filter(request.query), own.code))
    title = f"Tidan: {words}" if words else "Tidan"
    day, site = date.fromisoformat(today(request)), site_url(request)

    async def parts() -> AsyncIterator[bytes]:
        yield calendar_export.beginning(title)
        async for batch in _batches(request, reader.visible):
            yield await asyncio.to_thread(calendar_export.events, batch, site, day)
        yield calendar_export.end()

    return await send_file(request, calendar_export.CONTENT_TYPE, "tidan.ics", parts())


def _batches(request: web.Request, visible: Sequence[str]) -> AsyncIterator[list[Exported]]:
    wanted = read_filter(request.query, request.app[OWN].code)
    return batches(request.app[NODE], wanted, visible)


async def send_file(
    request: web.Request, content_type: str, name: str, parts: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Send a file part by part; one that breaks off is cut, so that nobody takes it for whole."""
    response = web.StreamResponse()
    response.content_type = content_type
    if content_type.startswith("text/"):
        response.charset = "utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    async with _turn(request):
        await response.prepare(request)
        try:
            async for part in parts:
                if part:
                    await response.write(part)
        except Exception as error:  # of any kind: half a file must not look whole
            if isinstance(error, DamagedLogError):
                request.app[NODE].sync.mender.met(error)
            if not isinstance(error, ConnectionError):
                request.app[NODE].logger.exception("export broke off", path=place_of(request))
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the export broke off") from error
        await response.write_eof()
    return response


@asynccontextmanager
async def _turn(request: web.Request) -> AsyncIterator[None]:
    """One of the few exports that run at a time; raises `OverloadedError`."""
    running = request.app[RUNNING]
    if running.locked():
        raise OverloadedError("As many lists are being exported as can be at one time.")
    async with running:
        yield
