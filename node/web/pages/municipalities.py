"""Municipalities: all that share something here, and one with its records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import web

from node.municipal import borders, municipalities, places, taxonomy
from node.municipal.municipalities import Municipality
from node.web.drawings import Listed, municipality_url
from node.web.follow_part import follow_municipality
from node.web.maps import neighbourhood, network
from node.web.render import RENDERER
from node.web.site import NODE, OWN, official_name, short_name
from node.web.visitors import visible_to
from storage.record_views import RecordFilter
from storage.swedish_order import sort_key

AREAS_SHOWN = 6
ALIKE_SHOWN = 8


class AlikeRow(NamedTuple):
    """A municipality like another, and how much it shares here."""

    known: Municipality
    records: int


async def list_page(request: web.Request) -> web.Response:
    """GET /kommuner: a map, and the same figures as a table."""
    rows = await request.app[NODE].queries.municipalities(visible=visible_to(request))
    listed = [
        Listed(row, short_name(row.code, row.name), municipalities.by_code(row.code))
        for row in rows
    ]
    listed.sort(key=lambda one: sort_key(one.name))
    own = request.app[OWN]
    left_out = await _left_out(request)
    told = {row.code for row in rows} | {one.code for one in left_out}
    around = [code for code in borders.neighbours_of(own.code) if code not in told]
    return request.app[RENDERER].page(
        request,
        "municipalities.html",
        items=listed,
        map=network(own.code, {row.code: row.records for row in rows}),
        left_out=left_out,
        missing=sorted(around, key=lambda code: sort_key(municipalities.name_of(code))),
    )


class LeftOut(NamedTuple):
    """A blocked municipality about which everybody may read why."""

    code: str
    name: str
    note: str


async def _left_out(request: web.Request) -> list[LeftOut]:
    noted = [
        LeftOut(code, short_name(code, name), note)
        for code, name, note in await request.app[NODE].log_store.noted_blocks()
    ]
    return sorted(noted, key=lambda one: sort_key(one.name))


async def municipality_page(request: web.Request) -> web.Response:
    """GET /kommuner/{code}-{name}: the code decides, another name redirects."""
    code = request.match_info["code"]
    queries, visible = request.app[NODE].queries, visible_to(request)
    detail = await queries.municipality(code, visible=visible)
    if detail is None and municipalities.by_code(code) is None:
        raise web.HTTPNotFound
    if request.path != municipality_url(code):
        raise web.HTTPMovedPermanently(municipality_url(code))
    wanted = RecordFilter(municipality=code)
    page, facets = await queries.page_and_facets(wanted, visible=visible, names=False)
    areas = sorted((detail.areas if detail else {}).items(), key=lambda item: -item[1])
    whole_areas = {area.id for area in taxonomy.areas()}
    name = detail.name if detail else municipalities.name_of(code)
    picture, around = neighbourhood(code, facets.municipalities, around_only=True)
    return request.app[RENDERER].page(
        request,
        "municipality.html",
        code=code,
        follow=await follow_municipality(request, code),
        name=short_name(code, name),
        official_name=official_name(code, name),
        known=municipalities.by_code(code),
        detail=detail,
        page=page,
        areas=[pair for pair in areas if pair[0] in whole_areas][:AREAS_SHOWN],
        map=picture,
        around=[place for place in around if place.code != code],
        alike=_alike(code, facets.municipalities),
        county=places.county_of(code),
        subregion=places.subregion_of(code),
        group=places.group_of(code),
    )


def _alike(code: str, records: Mapping[str, int]) -> list[AlikeRow]:
    """Those most like a municipality: first of them whoever shares something here."""
    rows = [AlikeRow(item, records.get(item.code, 0)) for item in places.alike(code)]
    return sorted(rows, key=lambda row: row.records == 0)[:ALIKE_SHOWN]
