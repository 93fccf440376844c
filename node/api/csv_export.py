"""A list as CSV (RFC 4180) that spreadsheets open as it is meant. Pure.

Rules: UTF-8 with a byte order mark, commas, every record one row; a text of several lines stays in
its cell. A cell that a spreadsheet would take for a formula begins with an apostrophe, so that
nothing a municipality wrote is carried out on somebody's computer. Headings are the Swedish names
that a record in Markdown may use (node/importers/markdown_words.py), where there are such.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Final

from node.api.record_stream import Exported
from node.api.shapes import moment
from node.municipal import taxonomy
from node.spreadsheets import guarded
from node.web.render import record_url
from node.web.site import short_name
from protocol.content import Experience
from protocol.content.experience import Product

CONTENT_TYPE: Final = "text/csv"
BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
LIST_SEPARATOR: Final = "; "

OfRow = Callable[[Exported], str | int]
OfContent = Callable[[Experience], str | int | None]

FROM_ROW: Final[dict[str, OfRow]] = {
    "id": lambda one: one.row.record_id.hex(),
    "kommunkod": lambda one: one.row.code,
    "kommun": lambda one: short_name(one.row.code, one.row.municipality),
    "typ": lambda one: one.row.type,
    "titel": lambda one: one.row.title,
    "sammanfattning": lambda one: one.row.summary,
    "område": lambda one: one.row.area,
    "områdets_namn": lambda one: taxonomy.label(one.row.area),
    "status": lambda one: one.row.status,
    "synlighet": lambda one: one.row.visibility,
    "publicerad": lambda one: _time(one.row.published_ms),
    "ändrad": lambda one: _time(one.row.changed_ms),
    "versioner": lambda one: one.row.version_count,
    "giltig_till": lambda one: one.row.valid_until or "",
    "söker_samverkan": lambda one: _yes_or_no(one.row.collaboration_open),
    "exempel": lambda one: _yes_or_no(one.row.example),
    "används_av": lambda one: one.row.uses,
    "intresserade": lambda one: one.row.interests,
    "hjälpte": lambda one: one.row.helped,
    "kommentarer": lambda one: one.row.comments,
}
FROM_CONTENT: Final[dict[str, OfContent]] = {
    "granskas": lambda one: one.review_date,
    "kontakt": lambda one: one.contact.role,
    "e_post": lambda one: one.contact.email,
    "telefon": lambda one: one.contact.phone,
    "engångskostnad": lambda one: one.cost.one_off_sek if one.cost else None,
    "engångskostnad_högst": lambda one: one.cost.one_off_max_sek if one.cost else None,
    "årskostnad": lambda one: one.cost.yearly_sek if one.cost else None,
    "årskostnad_högst": lambda one: one.cost.yearly_max_sek if one.cost else None,
    "egna_timmar": lambda one: one.cost.own_hours if one.cost else None,
    "påbörjad": lambda one: one.timeline.started if one.timeline else None,
    "i_drift": lambda one: one.timeline.live if one.timeline else None,
    "avslutad": lambda one: one.timeline.ended if one.timeline else None,
    "produkter": lambda one: LIST_SEPARATOR.join(map(_product, one.products)),
    "taggar": lambda one: LIST_SEPARATOR.join(one.tags),
    "läget": lambda one: one.situation,
    "vad_vi_gjorde": lambda one: one.actions,
    "resultat": lambda one: one.results,
    "gick_bra": lambda one: one.lessons_well,
    "gör_om": lambda one: one.lessons_change,
    "råd_till_andra": lambda one: one.advice,
    "förutsättningar": lambda one: one.preconditions,
    "länkar": lambda one: LIST_SEPARATOR.join(link.url for link in one.links),
    "språk": lambda one: one.language,
    "licens": lambda one: one.licence,
}
HEADINGS: Final = (*FROM_ROW, *FROM_CONTENT, "adress")


def heading() -> bytes:
    """The beginning of the file: byte order mark and headings."""
    return beginning(HEADINGS)


def beginning(headings: Iterable[str]) -> bytes:
    """The beginning of any table."""
    return (BYTE_ORDER_MARK + lines([headings])).encode()


def rows(batch: Iterable[Exported], site: str) -> bytes:
    """The rows of some records; `site` is where the node is for others."""
    return lines(_cells(one, site) for one in batch).encode()


def _cells(one: Exported, site: str) -> list[str]:
    values: list[str | int | None] = [of(one) for of in FROM_ROW.values()]
    content = one.content
    values += [of(content) if content else None for of in FROM_CONTENT.values()]
    values.append(site + record_url(one.row.record_id, one.row.title))
    return [guarded("" if value is None else str(value)) for value in values]


def lines(table: Iterable[Iterable[str | int]]) -> str:
    """Rows as they are written; texts of others are `guarded` before."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(table)
    return out.getvalue()


def _time(time_ms: int) -> str:
    return moment(time_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def _yes_or_no(value: bool) -> str:
    return "ja" if value else "nej"


def _product(product: Product) -> str:
    return f"{product.name} ({product.supplier})" if product.supplier else product.name
