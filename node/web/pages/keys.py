"""The municipality's key and its recovery: since when, last rehearsed, and what to do when.

The page holds no secret and takes none: a recovery key is typed into a command on the server and
into nothing else (docs/adr/0030). What it shows is still for those who look after the node, and is
kept by no cache.
"""

from __future__ import annotations

from aiohttp import web

from node.errors import ArgumentError
from node.operations.key_operations import KeyStatus
from node.web.render import RENDERER
from node.web.site import NODE

DAY_MS = 24 * 60 * 60 * 1000
REHEARSED_LONG_AGO_MS = 400 * DAY_MS
"""After this a rehearsal is due: once a year, and a month to get round to it."""


async def keys_page(request: web.Request) -> web.Response:
    """GET /aterstallning"""
    node = request.app[NODE]
    keys: KeyStatus | None
    try:
        keys = await node.operations.key_status()
    except ArgumentError:  # nothing of our own log is here yet: it is being fetched
        keys = None
    now_ms = node.clock.time_ms()
    rehearsed_ms = keys.rehearsed_ms if keys else None
    response = request.app[RENDERER].page(
        request,
        "keys.html",
        keys=keys,
        is_due=rehearsed_ms is None or now_ms - rehearsed_ms > REHEARSED_LONG_AGO_MS,
        summary=await node.operations.status(),
        own_url=node.settings.public_url,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
