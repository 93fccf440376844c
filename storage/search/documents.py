"""What the index holds of a record: its words, and what one may choose by.

Pure. Fields: ``title`` (title and tags, with the parts of their compounds), ``words`` (everything,
in order), ``parts`` (parts of compounds, and the municipality's name), ``spelled`` (the words of
title, summary and tags as they are written, for suggestions), ``small`` (the words of the title
that say too little to be in any other field, in order), ``choices`` (one term for each thing a list
can be narrowed to), ``area``, ``kind``, ``code`` and ``year`` (what is counted), ``product`` and
``supplier`` (storage/search/products.py), ``published`` (milliseconds), ``key`` and ``record``
(which record it is).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import tantivy

from storage.search.analyzer import analyze
from storage.search.products import NAMES, PRODUCT, SUPPLIER
from storage.search.said import Said

TITLE, WORDS, PARTS, SPELLED, CHOICES = "title", "words", "parts", "spelled", "choices"
SMALL = "small"
"""Where questions of such words alone are looked for; long texts have all of them."""
AREA, KIND, CODE, YEAR = "area", "kind", "code", "year"
PUBLISHED, KEY, RECORD = "published", "key", "record"
KEY_BYTES = 8
SAMPLE = "sample:1"
"""The choice that one record in `SAMPLED` has, whatever it says."""
SAMPLED = 256
_SEPARATOR = "|"
YEARS_FROM = 1970
"""Years are kept as how many after this: numbers below a hundred are counted soonest."""
_YEARS = 1_000
_SWEDEN = ZoneInfo("Europe/Stockholm")
_SECONDS_MAX = 32_000_000_000
"""Lies in the year 2984."""
_HOUR_SECONDS = 3_600
_HOURS_KEPT = 50_000
"""Those of nearly six years."""
_NAMES_KEPT = 1_000
_PLACES_KEPT = 20_000
"""Those of all municipalities in nearly six years of months."""
_TERMS_KEPT = 10_000
"""Every search reads all that it has counted by, and it is always the same."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A record as it stands: whose it is and what its newest version says.

    ``published_ms`` as pages show it; ``code`` and ``municipality`` are those of the log's first
    entry.
    """

    record: bytes
    log_no: int
    code: str
    municipality: str
    published_ms: int
    said: Said


@dataclass(frozen=True, slots=True)
class Kind:
    """What records are counted by together: each has few values, and all of them few pairs."""

    type: str
    status: str
    collaboration_open: bool

    def encode(self) -> str:
        """Return the term."""
        return _SEPARATOR.join((self.type, self.status, str(int(self.collaboration_open))))

    @staticmethod
    @lru_cache(maxsize=_TERMS_KEPT)
    def decode(term: str) -> Kind:
        """Return what a term says."""
        type_, status, is_open = term.split(_SEPARATOR)
        return Kind(type_, status, is_open == "1")


def schema() -> tantivy.Schema:
    """Return the fields and how each is kept."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(TITLE, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(WORDS, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field(PARTS, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(SPELLED, tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field(SMALL, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field(CHOICES, tokenizer_name="whitespace", index_option="basic")
    for name in (PRODUCT, SUPPLIER):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field(NAMES, tokenizer_name="raw", index_option="basic", stored=True)
    for name in (AREA, KIND):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (CODE, YEAR, PUBLISHED):
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field(KEY, indexed=True)
    builder.add_bytes_field(RECORD, stored=True)
    return builder.build()


def document(indexed: Indexed) -> tantivy.Document:
    """Return what is added to the index for a record."""
    said = indexed.said
    year, month = _month_at(indexed.published_ms)
    found = tantivy.Document()
    found.add_text(TITLE, said.title)
    found.add_text(WORDS, said.words)
    found.add_text(PARTS, _with_name(said.parts, indexed.municipality))
    found.add_text(SPELLED, said.spelled)
    found.add_text(SMALL, said.small)
    found.add_text(CHOICES, _choices(indexed, year, month))
    for field, names in ((PRODUCT, said.products), (SUPPLIER, said.suppliers)):
        for name in names:
            found.add_text(field, name)
    if said.names:
        found.add_text(NAMES, said.names)
    found.add_text(AREA, said.area)
    found.add_text(KIND, _kind(said.type, said.status, said.is_open))
    found.add_unsigned(CODE, code_number(indexed.code))
    found.add_unsigned(YEAR, year - YEARS_FROM)
    found.add_unsigned(PUBLISHED, max(0, indexed.published_ms))
    found.add_unsigned(KEY, key_of(indexed.record))
    found.add_bytes(RECORD, indexed.record)
    return found


def _with_name(parts: str, municipality: str) -> str:
    """Parts of compounds, and the terms of the municipality's name that are not among them."""
    padded = f" {parts} "
    return " ".join((parts, *(t for t in _name_terms(municipality) if f" {t} " not in padded)))


@lru_cache(maxsize=_NAMES_KEPT)
def _name_terms(municipality: str) -> frozenset[str]:
    name = analyze((municipality,))
    return frozenset((*name.words.split(), *name.parts))


def _choices(indexed: Indexed, year: int, month: int) -> str:
    said = indexed.said
    terms = (
        _said_choices(said.area, said.type, said.status, said.visibility, is_open=said.is_open),
        _placed_choices(indexed.code, indexed.log_no, year, month),
        SAMPLE if key_of(indexed.record) % SAMPLED == 0 else "",
    )
    return " ".join(terms)


@lru_cache(maxsize=_PLACES_KEPT)
def _placed_choices(code: str, log_no: int, year: int, month: int) -> str:
    """The choices that follow from whose a record is and when it came: many have the same."""
    terms = (
        choice("code", code),
        choice("year", str(year)),
        choice("month", f"{year}-{month:02}"),
        choice("log", str(log_no)),
    )
    return " ".join(terms)


@lru_cache(maxsize=_TERMS_KEPT)
def _kind(type_: str, status: str, is_open: bool) -> str:
    return Kind(type_, status, is_open).encode()


@lru_cache(maxsize=_TERMS_KEPT)
def _said_choices(area: str, type_: str, status: str, visibility: str, *, is_open: bool) -> str:
    """The choices that follow from what a record says; few of the possible ones are ever said."""
    whole, _, sub = area.partition(".")
    terms = [choice("area", area), choice("type", type_), choice("status", status)]
    terms += [choice("visibility", visibility)]
    terms += [choice("area", whole)] if sub else []
    terms += [choice("open", "1")] if is_open else []
    return " ".join(terms)


def choice(name: str, value: str) -> str:
    """Return the term by which records with a value are chosen."""
    return f"{name}:{value}"


def key_of(record: bytes) -> int:
    """Return the number under which a record is replaced; its first bytes are as good as all."""
    return int.from_bytes(record[:KEY_BYTES], "big")


def year_of(time_ms: int) -> int:
    """Return the year of a time as Swedish calendars have it, which is how pages show dates."""
    return _month_at(time_ms)[0]


def month_of(time_ms: int) -> str:
    """Return the month of a time, "2026-11", by the same calendar."""
    year, month = _month_at(time_ms)
    return f"{year}-{month:02}"


def month_starts(year: int) -> list[int]:
    """Return when each month of a year begins by that calendar, and when December ends."""
    firsts = [(year, month) for month in range(1, 13)] + [(year + 1, 1)]
    return [
        round(datetime(of_year, month, 1, tzinfo=_SWEDEN).timestamp() * 1_000)
        for of_year, month in firsts
    ]


def _month_at(time_ms: int) -> tuple[int, int]:
    time_s = min(max(time_ms, 0) // 1_000, _SECONDS_MAX)
    return _month_of_hour(time_s // _HOUR_SECONDS)


@lru_cache(maxsize=_HOURS_KEPT)
def _month_of_hour(hour: int) -> tuple[int, int]:
    """Year and month of an hour since 1970: Swedish clocks have only ever differed by whole ones.

    Times that come together are mostly of few hours, and calendars are slow.
    """
    local = datetime.fromtimestamp(hour * _HOUR_SECONDS, UTC).astimezone(_SWEDEN)
    return min(local.year, YEARS_FROM + _YEARS - 1), local.month


def code_number(code: str) -> int:
    """Return a kommunkod as it is counted; 0 for what is none."""
    return int(code) if code.isdigit() else 0
