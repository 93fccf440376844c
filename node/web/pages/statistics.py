"""What the network shares, asks and uses, in numbers, each of which opens what it counts."""

from __future__ import annotations

from aiohttp import web

from node.web import statistics_view
from node.web.charts import share
from node.web.render import RENDERER
from node.web.site import NODE
from node.web.statistics_view import make_view
from node.web.visitors import visible_to


async def statistics_page(request: web.Request) -> web.Response:
    """GET /statistik"""
    found = await request.app[NODE].queries.statistics(visible=visible_to(request))
    return request.app[RENDERER].page(
        request,
        "statistics.html",
        found=found,
        view=make_view(found),
        urls=statistics_view,
        share=share,
    )
