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
from storage.record_views import RecordFilter

NEWEST_SHOWN = 8
NEWEST_FOR_QUESTIONS = 40


async def start_page(request: web.Request) -> web.Response:
    """GET /"""
    node = request.app[NODE]
    visible = visible_to(request)
    newest = await node.queries.newest(NEWEST_FOR_QUESTIONS, visible=visible)
    facets = await node.queries.facets(RecordFilter(), visible=visible)
    municipalities = await node.queries.municipalities(visible=visible)
    picture, places = neighbourhood(request.app[OWN].code, municipalities)
    return request.app[RENDERER].page(
        request,
        "start.html",
        rows=newest[:NEWEST_SHOWN],
        counts=await node.queries.counts(visible=visible),
        questions=starting_questions(facets, newest, node.own_log),
        progress=await progress_notice(request),
        map=picture,
        example=request.app.get(EXAMPLE),
        places=places,
    )
