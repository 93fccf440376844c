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

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import tantivy

from protocol.content import Experience
from storage.search.analyzer import Analyzed, analyze, analyze_words, is_stop_word, words_of
from storage.search.products import (
    NAMES,
    PRODUCT,
    SUPPLIER,
    folded,
    names_as_text,
    products_of,
    suppliers_of,
)
from storage.search.texts import searchable_texts

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
_NAMES_KEPT = 1_000
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
    experience: Experience


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
    experience = indexed.experience
    name = _name_terms(indexed.municipality)
    titled, tagged = words_of(experience.title), words_of("\n".join(experience.tags))
    head = [*titled, *words_of(experience.summary), *tagged]
    title = analyze_words([*titled, *tagged], experience.language)
    everything = analyze_words([*head, *words_of(_rest(experience))], experience.language)
    kind = Kind(experience.type, experience.status, experience.collaboration_open)
    year = year_of(indexed.published_ms)
    found = tantivy.Document()
    found.add_text(TITLE, f"{title.words} {title.parts}")
    found.add_text(WORDS, everything.words)
    parts = dict.fromkeys(f"{everything.parts} {name.words} {name.parts}".split())
    found.add_text(PARTS, " ".join(parts))
    found.add_text(SPELLED, " ".join(_spelled(head)))
    found.add_text(SMALL, " ".join(word for word in titled if is_stop_word(word)))
    found.add_text(CHOICES, " ".join(_choices(indexed)))
    _add_products(found, experience)
    found.add_text(AREA, experience.area)
    found.add_text(KIND, kind.encode())
    found.add_unsigned(CODE, code_number(indexed.code))
    found.add_unsigned(YEAR, year - YEARS_FROM)
    found.add_unsigned(PUBLISHED, max(0, indexed.published_ms))
    found.add_unsigned(KEY, key_of(indexed.record))
    found.add_bytes(RECORD, indexed.record)
    return found


def _add_products(found: tantivy.Document, experience: Experience) -> None:
    if experience.products:
        for field, names in (
            (PRODUCT, products_of(experience)),
            (SUPPLIER, suppliers_of(experience)),
        ):
            for name in dict.fromkeys(map(folded, names)):
                found.add_text(field, name)
        found.add_text(NAMES, names_as_text(experience))


def _rest(experience: Experience) -> str:
    """All texts after title, summary and tags, which stand first."""
    head = [text for text in (experience.title, experience.summary, *experience.tags) if text]
    return "\n".join(searchable_texts(experience)[len(head) :])


@lru_cache(maxsize=_NAMES_KEPT)
def _name_terms(municipality: str) -> Analyzed:
    return analyze((municipality,))


def _spelled(words: Iterable[str]) -> set[str]:
    return {word for word in set(words) if len(word) > 2 and not is_stop_word(word)}


def _choices(indexed: Indexed) -> Iterable[str]:
    experience = indexed.experience
    yield choice("area", experience.area)
    whole, _, sub = experience.area.partition(".")
    if sub:
        yield choice("area", whole)
    yield choice("type", experience.type)
    yield choice("status", experience.status)
    yield choice("code", indexed.code)
    yield choice("year", str(year_of(indexed.published_ms)))
    yield choice("month", month_of(indexed.published_ms))
    yield choice("log", str(indexed.log_no))
    yield choice("visibility", experience.visibility)
    if experience.collaboration_open:
        yield choice("open", "1")
    if key_of(indexed.record) % SAMPLED == 0:
        yield SAMPLE


def choice(name: str, value: str) -> str:
    """Return the term by which records with a value are chosen."""
    return f"{name}:{value}"


def key_of(record: bytes) -> int:
    """Return the number under which a record is replaced; its first bytes are as good as all."""
    return int.from_bytes(record[:KEY_BYTES], "big")


def year_of(time_ms: int) -> int:
    """Return the year of a time as Swedish calendars have it, which is how pages show dates."""
    return min(_local(time_ms).year, YEARS_FROM + _YEARS - 1)


def month_of(time_ms: int) -> str:
    """Return the month of a time, "2026-11", by the same calendar."""
    return f"{year_of(time_ms)}-{_local(time_ms).month:02}"


def month_starts(year: int) -> list[int]:
    """Return when each month of a year begins by that calendar, and when December ends."""
    firsts = [(year, month) for month in range(1, 13)] + [(year + 1, 1)]
    return [
        round(datetime(of_year, month, 1, tzinfo=_SWEDEN).timestamp() * 1_000)
        for of_year, month in firsts
    ]


def _local(time_ms: int) -> datetime:
    time_s = min(max(time_ms, 0) // 1_000, _SECONDS_MAX)
    return datetime.fromtimestamp(time_s, UTC).astimezone(_SWEDEN)


def code_number(code: str) -> int:
    """Return a kommunkod as it is counted; 0 for what is none."""
    return int(code) if code.isdigit() else 0
