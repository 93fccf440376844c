"""How many records there are of each kind, by log: enough to count any choice of filters.

Pure. Records that agree in type, area and status are one number, so a tally grows with what one can
choose between and with the number of logs, not with the number of records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from storage.record_views import Facets, RecordFilter
from storage.visible_logs import VisibleLogs


class Kind(NamedTuple):
    """What one can filter on, beside whose a record is; ``area`` may be a subarea."""

    type: str
    area: str
    status: str

    def is_in_area(self, area: str) -> bool:
        """Whether it is of this area or subarea; of any when none is given."""
        return not area or area in (self.area, whole_area(self.area))

    def matches(self, filter: RecordFilter) -> bool:
        """Whether a filter lists it, the municipality left aside."""
        return (
            filter.type in ("", self.type)
            and filter.status in ("", self.status)
            and self.is_in_area(filter.area)
        )


Kinds = Mapping[Kind, int]


def whole_area(area: str) -> str:
    """Return the area that a subarea belongs to; an area is its own."""
    return area.partition(".")[0]


_ANSWERS_KEPT = 100


class Tally:
    """Records by log and kind; an answer is kept until a log changes."""

    def __init__(self) -> None:
        self._by_log: dict[int, Kinds] = {}
        self._all: Counter[Kind] = Counter()
        self._answers: dict[RecordFilter, Facets] = {}

    def put(self, log_no: int, kinds: Kinds) -> None:
        """Say what a log holds, in place of what was said before."""
        self._answers.clear()
        before = self._by_log.get(log_no, {})
        if kinds:
            self._by_log[log_no] = kinds
        else:
            self._by_log.pop(log_no, None)
        self._all.update(kinds)
        self._all.subtract(before)
        for kind in before:
            if not self._all[kind]:
                del self._all[kind]

    def of_municipality(self, code: str, logs: VisibleLogs) -> Kinds:
        """Return what the logs with this kommunkod hold."""
        own = [self._by_log.get(log.log_no, {}) for log in logs.of_municipality(code)]
        return own[0] if len(own) == 1 else sum(map(Counter, own), Counter())

    def total(self, filter: RecordFilter, logs: VisibleLogs) -> int:
        """Return how many records a filter lists."""
        chosen = self._of(filter, logs)
        if not _chooses(filter):
            return sum(chosen.values())
        return sum(count for kind, count in chosen.items() if kind.matches(filter))

    def facets(self, filter: RecordFilter, logs: VisibleLogs) -> Facets:
        """Return how many records each choice would list, with the other filters kept."""
        key = replace(filter, page=1)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) == _ANSWERS_KEPT:
                self._answers.clear()
            answer = self._answers[key] = self._facets(filter, logs)
        return answer

    def _facets(self, filter: RecordFilter, logs: VisibleLogs) -> Facets:
        areas: Counter[str] = Counter()
        types: Counter[str] = Counter()
        statuses: Counter[str] = Counter()
        for kind, count in self._of(filter, logs).items():
            fits_type = filter.type in ("", kind.type)
            fits_status = filter.status in ("", kind.status)
            fits_area = kind.is_in_area(filter.area)
            if fits_type and fits_status:
                areas[kind.area] += count
            if fits_area and fits_status:
                types[kind.type] += count
            if fits_area and fits_type:
                statuses[kind.status] += count
        return Facets(with_whole_areas(areas), types, self._municipalities(filter, logs), statuses)

    def _of(self, filter: RecordFilter, logs: VisibleLogs) -> Kinds:
        if filter.municipality:
            is_left_out = filter.codes is not None and filter.municipality not in filter.codes
            return {} if is_left_out else self.of_municipality(filter.municipality, logs)
        if filter.codes is None:
            return self._all
        found: Counter[Kind] = Counter()
        for log_no, kinds in self._by_log.items():
            if logs.by_number[log_no].code in filter.codes:
                found.update(kinds)
        return found

    def _municipalities(self, filter: RecordFilter, logs: VisibleLogs) -> dict[str, int]:
        chooses = _chooses(filter)
        wanted = {kind for kind in self._all if kind.matches(filter)} if chooses else set()
        found: Counter[str] = Counter()
        for log_no, kinds in self._by_log.items():
            count = _sum(kinds, wanted) if chooses else sum(kinds.values())
            found[logs.by_number[log_no].code] += count
        return +found


def _chooses(filter: RecordFilter) -> bool:
    """Whether a filter leaves out some kinds."""
    return bool(filter.type or filter.area or filter.status)


def with_whole_areas(counts: Mapping[str, int]) -> Counter[str]:
    """Return counts by area as such and by subarea, from those of what each record names."""
    areas = Counter(counts)
    for area, count in counts.items():
        if area != whole_area(area):
            areas[whole_area(area)] += count
    return areas


def _sum(kinds: Kinds, wanted: AbstractSet[Kind]) -> int:
    """Add up the wanted kinds, by way of the smaller of the two."""
    if len(wanted) < len(kinds):
        return sum(kinds.get(kind, 0) for kind in wanted)
    return sum(count for kind, count in kinds.items() if kind in wanted)
