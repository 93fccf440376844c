"""The first page: search, questions to start from, what is new, and the neighbourhood."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from aiohttp import web

from node.municipal import taxonomy
from node.web.draft_words import UNTITLED
from node.web.example import EXAMPLE
from node.web.maps import neighbourhood
from node.web.message import Message, said
from node.web.pages.progress import progress_notice
from node.web.questions import starting_questions
from node.web.render import RENDERER
from node.web.site import NODE, OWN
from node.web.swedish import month_and_year
from node.web.visitors import viewer_of, visible_to
from storage.record_views import Facets, RecordRow

NEWEST_SHOWN = 12
AREAS_SHOWN = 8
DRAFTS_SHOWN = 3
NEWEST_FOR_QUESTIONS = 40


async def start_page(request: web.Request) -> web.Response:
    """GET /"""
    node, user = request.app[NODE], viewer_of(request).user
    found = await node.queries.overview(NEWEST_FOR_QUESTIONS, visible=visible_to(request))
    picture, places = neighbourhood(request.app[OWN].code, found.municipalities)
    return request.app[RENDERER].page(
        request,
        "start.html",
        rows=found.newest[:NEWEST_SHOWN],
        months=_by_month(found.newest[1:NEWEST_SHOWN]),
        areas=_most_written_about(found.facets),
        counts=found.counts,
        questions=starting_questions(found.facets, found.newest, node.own_log),
        progress=await progress_notice(request),
        map=picture,
        example=request.app.get(EXAMPLE),
        places=places,
        drafts=await node.drafts.newest_of(user, DRAFTS_SHOWN) if user else [],
        to_review=await node.drafts.to_review(user, DRAFTS_SHOWN) if user else [],
        untitled=UNTITLED,
        followed_count=len(await node.following.of(user)) if user else 0,
    )


def _by_month(rows: Iterable[RecordRow]) -> list[tuple[Message, list[RecordRow]]]:
    """Rows under the month they are from, "november 2026", in the order given."""
    months = groupby(rows, key=lambda row: month_and_year(row.published_ms))
    return [(_month(list_of := list(of_month)), list_of) for _, of_month in months]


def _month(rows: list[RecordRow]) -> Message:
    return said(lambda formats: formats.month_and_year(rows[0].published_ms))


def _most_written_about(facets: Facets) -> list[tuple[str, int]]:
    """Whole areas with how much is shared about each, the most first."""
    counts = [(area.id, facets.areas.get(area.id, 0)) for area in taxonomy.areas()]
    return sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1])[:AREAS_SHOWN]
