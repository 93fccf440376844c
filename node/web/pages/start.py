"""The first page: search, questions to start from, what is new, and the neighbourhood."""

from __future__ import annotations

from aiohttp import web

from node.web.example import EXAMPLE
from node.web.maps import neighbourhood
from node.web.pages.progress import progress_notice
from node.web.questions import starting_questions
from node.web.render import RENDERER
from node.web.site import NODE, OWN
from node.web.visitors import visible_to

NEWEST_SHOWN = 8
NEWEST_FOR_QUESTIONS = 40


async def start_page(request: web.Request) -> web.Response:
    """GET /"""
    node = request.app[NODE]
    found = await node.queries.overview(NEWEST_FOR_QUESTIONS, visible=visible_to(request))
    picture, places = neighbourhood(request.app[OWN].code, found.municipalities)
    return request.app[RENDERER].page(
        request,
        "start.html",
        rows=found.newest[:NEWEST_SHOWN],
        counts=found.counts,
        questions=starting_questions(found.facets, found.newest, node.own_log),
        progress=await progress_notice(request),
        map=picture,
        example=request.app.get(EXAMPLE),
        places=places,
    )
