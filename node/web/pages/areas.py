"""Subject areas: all of them, and one with what is new, who shares, and what is asked."""

from __future__ import annotations

from aiohttp import web

from node.municipal import municipalities, taxonomy
from node.web.follow_part import follow_area
from node.web.maps import sharing
from node.web.render import RENDERER
from node.web.site import NODE, OWN, short_name
from node.web.visitors import visible_to
from storage.record_views import RecordFilter
from storage.swedish_order import sort_key

NEWEST_SHOWN = 6
QUESTIONS_SHOWN = 5
SENDERS_SHOWN = 12


async def areas_page(request: web.Request) -> web.Response:
    """GET /amnen"""
    queries, visible = request.app[NODE].queries, visible_to(request)
    facets = await queries.facets(RecordFilter(page_size=1), visible=visible, names=False)
    return request.app[RENDERER].page(
        request, "areas.html", areas=taxonomy.areas(), counts=facets.areas
    )


async def area_page(request: web.Request) -> web.Response:
    """GET /amnen/{area}: an area or one of its subareas."""
    area = request.match_info["area"]
    if taxonomy.find(area) is None:
        raise web.HTTPNotFound
    queries, visible = request.app[NODE].queries, visible_to(request)
    wanted = RecordFilter(area=area, page_size=NEWEST_SHOWN)
    page, facets = await queries.page_and_facets(wanted, visible=visible, names=False)
    questions = await queries.open_questions(area, QUESTIONS_SHOWN, visible=visible)
    senders = sorted(
        ((code, count) for code, count in facets.municipalities.items() if count),
        key=lambda pair: (-pair[1], sort_key(municipalities.name_of(pair[0]))),
    )
    whole = taxonomy.parent(area)
    assert whole is not None, "every area of the taxonomy is of a whole one"
    return request.app[RENDERER].page(
        request,
        "area.html",
        area=area,
        follow=await follow_area(request, area),
        parent=whole if whole.id != area else None,
        subareas=[(sub, facets.areas.get(sub.id, 0)) for sub in whole.subareas],
        page=page,
        questions=questions,
        senders=[(code, short_name(code, code), count) for code, count in senders],
        senders_shown=SENDERS_SHOWN,
        statuses=facets.statuses,
        map=sharing(request.app[OWN].code, facets.municipalities) if senders else None,
    )
