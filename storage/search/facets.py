"""From what was counted to what each choice would list, the other filters kept.

Pure. Each field was counted with what the filter chooses by the other fields; types, statuses and
openness are of one field, and kept to each other's choices here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from storage.record_views import Facets, RecordFilter
from storage.search.choices import is_month
from storage.search.documents import Kind
from storage.tally import with_whole_areas


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records have each area, kind, kommunkod and year."""

    areas: Mapping[str, int]
    kinds: Mapping[Kind, int]
    codes: Mapping[str, int]
    years: Mapping[int, int]


def count_facets(wanted: RecordFilter, counted: Counts) -> tuple[int, Facets]:
    """Return how many records a filter lists, and its facets."""
    total = is_open = 0
    types: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for kind, count in counted.kinds.items():
        of_type = wanted.type in ("", kind.type)
        in_status = wanted.status in ("", kind.status)
        is_wanted = kind.collaboration_open or not wanted.collaboration_open
        if in_status and is_wanted:
            types[kind.type] += count
        if of_type and is_wanted:
            statuses[kind.status] += count
        if of_type and in_status:
            is_open += count if kind.collaboration_open else 0
            total += count if is_wanted else 0
    # A month is kept in all that is counted; no other year or month is then to be chosen from.
    years = {} if is_month(wanted.year) else counted.years
    return total, Facets(
        areas=with_whole_areas(Counter(counted.areas)),
        types=+types,
        municipalities=Counter(counted.codes),
        statuses=+statuses,
        years=Counter({str(year): count for year, count in years.items()}),
        collaboration_open=is_open,
    )
