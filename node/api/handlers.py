"""What each address of the API answers with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from node.api.calls import Answer, Call
from node.api.errors import MissingError
from node.api.other_shapes import (
    Log,
    LogList,
    Municipality,
    MunicipalityList,
    MunicipalitySummary,
    Neighbour,
    NeighbourList,
)
from node.api.paging import paging, part
from node.api.reading import PageQuery, Query, RecordQuery, VersionQuery
from node.api.record_shapes import Choice, Facets, Record, RecordList, RecordSummary
from node.api.statistics_shapes import StatisticsDocument
from node.municipal import municipalities, taxonomy
from node.web import labels
from node.web.listing import OPEN
from node.web.place_facets import group_choices, place_choices
from protocol.directory import ACCEPTED_STANDINGS
from storage.api_token_store import Scope
from storage.record_views import Facets as Counted
from storage.swedish_order import sort_key


async def list_records(call: Call[RecordQuery]) -> Answer:
    """GET /api/v1/records"""
    wanted = call.query.filter(call.own.code)
    page, counted = await call.node.queries.page_and_facets(wanted, visible=call.visible)
    found = paging(call, page.total, page.pages)
    items = tuple(RecordSummary.of(row, call.site) for row in page.rows)
    facets = _facets(call, counted)
    return Answer(RecordList(items=items, facets=facets, **found.fields), found.links)


def _facets(call: Call[RecordQuery], counted: Counted) -> Facets:
    wanted, own = call.query.filter(call.own.code), call.own.code
    counts = counted.municipalities
    within = {
        code: count
        for code, count in counts.items()
        if wanted.codes is None or code in wanted.codes
    }
    names = {code: municipalities.name_of(code) for code in within}
    by_name = sorted(names, key=lambda code: sort_key(names[code]))
    places = place_choices(wanted, call.query.group or "", counts, own)
    groups = group_choices(wanted, call.query.place or "", counts, own)
    return Facets(
        area=_choices(_area_names(), counted.areas),
        type=_choices(labels.RECORD_TYPES, counted.types),
        municipality=_choices({code: names[code] for code in by_name}, within),
        status=_choices(labels.STATUSES, counted.statuses),
        place=_gathered(places),
        group=_gathered(groups),
        year=_choices({code: code for code in sorted(counted.years, reverse=True)}, counted.years),
        collaboration_open=_choices({"true": OPEN}, {"true": counted.collaboration_open}),
        product=_gathered((one.name, *one) for one in counted.products),
        supplier=_gathered((one.name, *one) for one in counted.suppliers),
    )


def _area_names() -> dict[str, str]:
    """Areas in their order, each followed by its subareas."""
    names: dict[str, str] = {}
    for area in taxonomy.areas():
        names[area.id] = area.sv
        names |= {subarea.id: subarea.sv for subarea in area.subareas}
    return names


def _choices(names: Mapping[str, str], counts: Mapping[str, int]) -> tuple[Choice, ...]:
    """The known choices in their order, then what a newer version may have brought."""
    codes = [*names, *sorted(counts.keys() - names.keys())]
    return tuple(
        Choice(code=code, label=names.get(code, code), records=counts[code])
        for code in codes
        if counts.get(code)
    )


def _gathered(found: Iterable[tuple[str, str, int]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(code=code, label=words, records=records) for code, words, records in found if records
    )


async def one_record(call: Call[VersionQuery]) -> Answer:
    """GET /api/v1/records/{id}"""
    record = bytes.fromhex(call.request.match_info["id"])
    version = bytes.fromhex(call.query.version) if call.query.version else None
    queries = call.node.queries
    detail = await queries.record(record, version=version, visible=call.visible)
    if detail is None:
        raise MissingError("There is no such record here, or no such version of it.")
    said = [row.entry_id for row in detail.comments if row.has_text and row.withdrawn is None]
    texts = await queries.comment_texts(said)
    return Answer(Record.detailed(detail, texts, call.site))


async def list_municipalities(call: Call[PageQuery]) -> Answer:
    """GET /api/v1/municipalities"""
    rows = await call.node.queries.municipalities(visible=call.visible)
    shown, found = part(call, rows)
    items = tuple(MunicipalitySummary.listed(row, call.site) for row in shown)
    return Answer(MunicipalityList(items=items, **found.fields), found.links)


async def one_municipality(call: Call[Query]) -> Answer:
    """GET /api/v1/municipalities/{code}"""
    code = call.request.match_info["code"]
    detail = await call.node.queries.municipality(code, visible=call.visible)
    if detail is None:
        raise MissingError("No municipality with this kommunkod shares anything here.")
    return Answer(Municipality.detailed(detail, call.site))


async def statistics(call: Call[Query]) -> Answer:
    """GET /api/v1/statistics"""
    return Answer(StatisticsDocument.of(await call.node.queries.statistics(visible=call.visible)))


async def list_logs(call: Call[PageQuery]) -> Answer:
    """GET /api/v1/logs"""
    shown, found = part(call, await _logs(call))
    return Answer(LogList(items=tuple(shown), **found.fields), found.links)


async def one_log(call: Call[Query]) -> Answer:
    """GET /api/v1/logs/{log}"""
    wanted = call.request.match_info["log"]
    for log in await _logs(call):
        if log.id == wanted:
            return Answer(log)
    raise MissingError("There is no such log here.")


async def _logs(call: Call[PageQuery] | Call[Query]) -> list[Log]:
    """Logs that are shown; what else was decided is for administrators."""
    accepted = {standing.value for standing in ACCEPTED_STANDINGS}
    return [
        Log.of(member)
        for member in await call.node.operations.members()
        if call.scope is Scope.ADMIN or member.standing in accepted
    ]


async def list_neighbours(call: Call[PageQuery]) -> Answer:
    """GET /api/v1/neighbours"""
    neighbours = await call.node.operations.neighbours()
    shown, found = part(call, neighbours)
    items = tuple(Neighbour.of(status) for status in shown)
    return Answer(NeighbourList(items=items, **found.fields), found.links)
