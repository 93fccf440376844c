"""One neighbour: how it goes both ways, how far each side is, and what has gone wrong."""

from __future__ import annotations

from aiohttp import web

from node.errors import ArgumentError
from node.web.neighbour_view import show_errors, show_way
from node.web.pages.neighbours import make_item
from node.web.render import RENDERER
from node.web.site import NODE


async def neighbour_page(request: web.Request) -> web.Response:
    """GET /grannar/{log}"""
    node = request.app[NODE]
    try:
        detail = await node.operations.neighbour(request.match_info["log"])
    except ArgumentError:
        raise web.HTTPNotFound from None
    return request.app[RENDERER].page(
        request,
        "neighbour.html",
        detail=detail,
        item=make_item(detail.status),
        ways=[show_way(way) for way in detail.ways],
        errors=show_errors(detail.errors),
        quotas=await node.operations.quotas(detail.status.log),
        now_ms=node.clock.time_ms(),
    )
