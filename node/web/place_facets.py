"""Facets that gather municipalities: where they lie, and which are like our own. Pure.

Counted by adding up municipalities, so that each count equals the list that its link opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from node.municipal import municipalities, places
from node.wanted import gathered_codes
from node.web import labels
from node.web.message import Message
from storage.record_views import RecordFilter
from storage.swedish_order import sort_key


class Choice(NamedTuple):
    """One place or group: its code, its words, and how many records it would list."""

    code: str
    words: str
    records: int


def place_words(code: str, own: str) -> str:
    """The words for a place."""
    if code == places.NEIGHBOURS:
        return Message("Granne med %(name)s", name=municipalities.name_of(own))
    return places.subregions().get(code) or places.counties().get(code, code)


def group_words(code: str, own: str) -> str:
    """The words for a group."""
    if code == places.ALIKE:
        return Message("Liknar %(name)s", name=municipalities.name_of(own))
    return labels.label(labels.MUNICIPALITY_GROUPS, places.groups().get(code, code))


def place_choices(
    filter: RecordFilter, group: str, counts: Mapping[str, int], own: str
) -> list[Choice]:
    """Neighbours, subregions and the own county first, then the other counties by name."""
    others = sorted(
        places.counties(), key=lambda code: (code != places.county_of(own), _name(code))
    )
    codes = [places.NEIGHBOURS, *places.subregions(), *others]
    left = _left(filter, counts, gathered_codes("", group, own))
    return [
        Choice(code, place_words(code, own), _sum(left, places.place_codes(code, own)))
        for code in codes
    ]


def group_choices(
    filter: RecordFilter, place: str, counts: Mapping[str, int], own: str
) -> list[Choice]:
    """Those like us first, then SKR's groups."""
    left = _left(filter, counts, gathered_codes(place, "", own))
    return [
        Choice(code, group_words(code, own), _sum(left, places.group_codes(code, own)))
        for code in (places.ALIKE, *places.groups())
    ]


def _left(
    filter: RecordFilter, counts: Mapping[str, int], codes: frozenset[str] | None
) -> dict[str, int]:
    """Counts of the municipalities that the other choices leave."""
    return {
        code: count
        for code, count in counts.items()
        if filter.municipality in ("", code) and (codes is None or code in codes)
    }


def _sum(counts: Mapping[str, int], codes: frozenset[str]) -> int:
    return sum(counts.get(code, 0) for code in codes)


def _name(code: str) -> object:
    return sort_key(places.counties()[code])
