"""From counted kinds and places to what each choice would list, the other filters kept.

Pure. Kinds were counted with the filter's places and years alone, places with the filter's kinds
alone; so each choice of either can be counted with its own kind of choice left aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from storage.record_views import Facets, RecordFilter
from storage.search.choices import is_month
from storage.search.documents import Kind
from storage.tally import whole_area, with_whole_areas


def count_facets(
    wanted: RecordFilter, by_kind: Mapping[Kind, int], by_place: Mapping[tuple[str, int], int]
) -> tuple[int, Facets]:
    """Return how many records a filter lists, and its facets."""
    total = 0
    areas: Counter[str] = Counter()
    types: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    is_open = 0
    for kind, count in by_kind.items():
        in_area = not wanted.area or wanted.area in (kind.area, whole_area(kind.area))
        of_type = not wanted.type or wanted.type == kind.type
        in_status = not wanted.status or wanted.status == kind.status
        is_wanted = kind.collaboration_open or not wanted.collaboration_open
        if of_type and in_status and is_wanted:
            areas[kind.area] += count
        if in_area and in_status and is_wanted:
            types[kind.type] += count
        if in_area and of_type and is_wanted:
            statuses[kind.status] += count
        if in_area and of_type and in_status:
            is_open += count if kind.collaboration_open else 0
            total += count if is_wanted else 0
    municipalities: Counter[str] = Counter()
    years: Counter[str] = Counter()
    for (code, year), count in by_place.items():
        # A month is kept in all that is counted; no other year or month is then to be chosen from.
        in_year = is_month(wanted.year) or wanted.year in ("", str(year))
        in_place = wanted.municipality in ("", code) and (
            wanted.codes is None or code in wanted.codes
        )
        municipalities[code] += count if in_year else 0
        years[str(year)] += count if in_place else 0
    return total, Facets(
        areas=+with_whole_areas(areas),
        types=+types,
        municipalities=+municipalities,
        statuses=+statuses,
        years=Counter() if is_month(wanted.year) else +years,
        collaboration_open=is_open,
    )
