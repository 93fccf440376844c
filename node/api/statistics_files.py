"""The tables of the page of statistics as CSV, whole: also what the page folds or leaves out."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from node.api import csv_export
from node.municipal import taxonomy
from node.spreadsheets import guarded
from node.web.feeds import site_url
from node.web.render import record_url
from node.web.site import NODE, short_name
from node.web.statistics_view import area_rows, month_rows, place_rows
from node.web.visitors import visible_to
from storage.reuse_queries import AreaReuse
from storage.statistics import Statistics

PATH = "/statistik/{table:amnen|kommuner|manader|mest-anvanda}.csv"
_FIGURES = ("delat", "frågor", "väntar_på_svar_som_hjälper", "utan_svar")
HEADINGS = {
    "amnen": ("område", "namn", *_FIGURES, "till_nytta", "används_också", "hjälpte"),
    "kommuner": ("kommunkod", "kommun", *_FIGURES),
    "manader": ("månad", "delat"),
    "mest-anvanda": ("id", "titel", "kommunkod", "kommun", "används_av", "hjälpte", "adress"),
}
Row = Iterable[str | int]


async def table_file(request: web.Request) -> web.Response:
    """GET /statistik/{table}.csv"""
    table = request.match_info["table"]
    found = await request.app[NODE].queries.statistics(visible=visible_to(request))
    rows = csv_export.lines(_rows(table, found, site_url(request)))
    body = csv_export.beginning(HEADINGS[table]) + rows.encode()
    response = web.Response(body=body, content_type=csv_export.CONTENT_TYPE, charset="utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="tidan-{table}.csv"'
    return response


def _rows(table: str, found: Statistics, site: str) -> Iterable[Row]:
    match table:
        case "amnen":
            return [
                (row.code, taxonomy.label(row.code), *row.figures, *_of(row.reuse))
                for row in area_rows(found)
            ]
        case "kommuner":
            return [(row.code, guarded(row.name), *row.figures) for row in place_rows(found)]
        case "manader":
            return [(row.when, row.records) for row in month_rows(found)]
    return [
        (
            row.record_id.hex(),
            guarded(row.title),
            row.code,
            guarded(short_name(row.code, row.municipality)),
            row.uses,
            row.helped,
            site + record_url(row.record_id, row.title),
        )
        for row in found.most_used
    ]


def _of(reuse: AreaReuse) -> Row:
    return reuse.records, reuse.uses, reuse.helped
