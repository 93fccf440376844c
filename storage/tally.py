"""How many records there are of each kind, by log: enough to count any choice of filters.

Pure. Records that agree in type, area and status are one number, so a tally grows with what one can
choose between and with the number of logs, not with the number of records. Answers are kept; one
that is asked for again is moved on by what has changed since, so it costs what is new.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from storage.record_views import Facets, RecordFilter


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
_CHANGES_KEPT = 500
"""An answer that lacks more is made anew."""


class _Change(NamedTuple):
    """So many records more, or fewer, of one kind and municipality."""

    kind: Kind
    code: str
    more: int


class _Asked(NamedTuple):
    """What a filter chooses beside its words and its page."""

    area: str
    type: str
    municipality: str
    status: str
    codes: frozenset[str] | None


class Tally:
    """Records by log and kind."""

    def __init__(self) -> None:
        self._by_log: dict[int, Kinds] = {}
        self._codes: dict[int, str] = {}
        self._all: Counter[Kind] = Counter()
        self._changes: deque[_Change] = deque(maxlen=_CHANGES_KEPT)
        self._changed = 0
        self._answers: dict[_Asked, tuple[int, Facets]] = {}  # each as of so many changes

    def put(self, log_no: int, code: str, kinds: Kinds) -> None:
        """Say what a log with this kommunkod holds, in place of what was said before."""
        before, code_before = self._by_log.pop(log_no, {}), self._codes.pop(log_no, code)
        if kinds:
            self._by_log[log_no], self._codes[log_no] = kinds, code
        if code != code_before:
            self._change(code_before, before, {})
            before = {}
        self._change(code, before, kinds)

    def _change(self, code: str, before: Kinds, after: Kinds) -> None:
        for kind in before.keys() | after.keys():
            if more := after.get(kind, 0) - before.get(kind, 0):
                self._all[kind] += more
                if not self._all[kind]:
                    del self._all[kind]
                self._changes.append(_Change(kind, code, more))
                self._changed += 1

    def of_log(self, log_no: int) -> Kinds:
        """Return what a log holds."""
        return self._by_log.get(log_no, {})

    def of_municipality(self, code: str) -> Kinds:
        """Return what the logs with this kommunkod hold."""
        own = [kinds for log_no, kinds in self._by_log.items() if self._codes[log_no] == code]
        return own[0] if len(own) == 1 else sum(map(Counter, own), Counter())

    def total(self, filter: RecordFilter) -> int:
        """Return how many records a filter lists."""
        known = self._known(filter)
        if known is None and filter.type:
            known = self._known(replace(filter, type=""))
        if known is not None:
            return known.types.get(filter.type, 0) if filter.type else sum(known.types.values())
        chosen = self._of(filter)
        return sum(count for kind, count in chosen.items() if kind.matches(filter))

    def facets(self, filter: RecordFilter) -> Facets:
        """Return how many records each choice would list, with the other filters kept."""
        answer = self._known(filter)
        if answer is None:
            if len(self._answers) >= _ANSWERS_KEPT:
                self._answers.clear()
            answer = self._facets(filter)
            self._answers[_asked(filter)] = self._changed, answer
        return answer

    def _known(self, filter: RecordFilter) -> Facets | None:
        """Return an answer that was given before, moved on to what holds now."""
        asked = _asked(filter)
        through, answer = self._answers.get(asked, (0, None))
        missing = self._changed - through
        if answer is None or not missing:
            return answer
        if missing > len(self._changes):
            return None
        answer = _moved_on(answer, filter, list(self._changes)[-missing:])
        self._answers[asked] = self._changed, answer
        return answer

    def _facets(self, filter: RecordFilter) -> Facets:
        areas: Counter[str] = Counter()
        types: Counter[str] = Counter()
        statuses: Counter[str] = Counter()
        for kind, count in self._of(filter).items():
            _add(filter, kind, count, areas, types, statuses)
        return Facets(areas, types, self._municipalities(filter), statuses)

    def _of(self, filter: RecordFilter) -> Kinds:
        if filter.municipality:
            is_left_out = not _is_of_chosen(filter, filter.municipality)
            return {} if is_left_out else self.of_municipality(filter.municipality)
        if filter.codes is None:
            return self._all
        found: Counter[Kind] = Counter()
        for log_no, kinds in self._by_log.items():
            if self._codes[log_no] in filter.codes:
                found.update(kinds)
        return found

    def _municipalities(self, filter: RecordFilter) -> Counter[str]:
        chooses = bool(filter.type or filter.area or filter.status)
        wanted = {kind for kind in self._all if kind.matches(filter)} if chooses else set()
        found: Counter[str] = Counter()
        for log_no, kinds in self._by_log.items():
            count = _sum(kinds, wanted) if chooses else sum(kinds.values())
            found[self._codes[log_no]] += count
        return +found


def _asked(filter: RecordFilter) -> _Asked:
    return _Asked(filter.area, filter.type, filter.municipality, filter.status, filter.codes)


def _is_of_chosen(filter: RecordFilter, code: str) -> bool:
    """Whether a filter keeps to municipalities of which this is one."""
    return filter.municipality in ("", code) and (filter.codes is None or code in filter.codes)


def _add(
    filter: RecordFilter,
    kind: Kind,
    count: int,
    areas: Counter[str],
    types: Counter[str],
    statuses: Counter[str],
) -> None:
    """Count records of one kind among the choices that they belong to."""
    fits_type = filter.type in ("", kind.type)
    fits_status = filter.status in ("", kind.status)
    fits_area = kind.is_in_area(filter.area)
    if fits_type and fits_status:
        areas[kind.area] += count
        if kind.area != whole_area(kind.area):
            areas[whole_area(kind.area)] += count
    if fits_area and fits_status:
        types[kind.type] += count
    if fits_area and fits_type:
        statuses[kind.status] += count


def _moved_on(answer: Facets, filter: RecordFilter, changes: Iterable[_Change]) -> Facets:
    """Return an answer with changes; who was given the earlier one may still read it."""
    areas, types = Counter(answer.areas), Counter(answer.types)
    statuses, places = Counter(answer.statuses), Counter(answer.municipalities)
    for kind, code, more in changes:
        if kind.matches(filter):
            places[code] += more
        if _is_of_chosen(filter, code):
            _add(filter, kind, more, areas, types, statuses)
    return Facets(+areas, +types, +places, +statuses)


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
