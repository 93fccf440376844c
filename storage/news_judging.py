"""Whether something that arrived is news for a reader. Pure.

Areas, municipalities and records that are followed are looked up, however many they are; only
searches are gone through one by one. What an arrival and its record do not say by themselves is
sought by whoever asks the judge: words and products in the index, answers in the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import inf
from typing import NamedTuple

from storage.news_views import Concerns
from storage.question_queries import QUESTION
from storage.record_views import RecordFilter
from storage.search.choices import is_month
from storage.search.documents import month_of, year_of
from storage.visible_logs import VisibleLogs


class Sought(NamedTuple):
    """What makes a list besides what a record's row says: words, names, and whether it waits."""

    text: str
    product: str
    supplier: str
    answers: str

    @property
    def is_indexed(self) -> bool:
        """Whether the index is asked for it."""
        return bool(self.text or self.product or self.supplier)


Matching = Mapping[Sought, AbstractSet[bytes]]
"""By what is sought: those of the records in question that have it."""


class Arrival(NamedTuple):
    """An entry as it is kept, with whose it is, and the record that it is about.

    ``kind`` is the comment's kind or the interest; ``asked_no`` is the log of the comment that it
    answers, 0 without one; ``only_accepts`` when it only marks an answer.
    """

    entry_id: bytes
    record_id: bytes
    log_no: int
    received_ms: int
    shown_ms: int
    kind: str
    only_accepts: bool
    asked_no: int
    owner_no: int
    title: str
    language: str
    type: str
    area_group: str
    area: str
    status: str
    visibility: str
    published_ms: int
    collaboration_open: bool


class Judge:
    """Judges for one reader, as the logs stand; what is sought is found by whoever asks it."""

    def __init__(self, concerns: Concerns, logs: VisibleLogs, visible: Sequence[str]) -> None:
        self.logs, self._visible = logs.by_number, frozenset(visible)
        own = {number for number, log in logs.by_number.items() if log.log == concerns.own_log}
        self.own_no = next(iter(own), 0)
        self.follows = bool(concerns.filters or concerns.records)
        self._records = concerns.records
        self._areas: dict[str, float] = {}
        municipalities: dict[str, float] = {}
        self._lists_followed: list[tuple[RecordFilter, int]] = []
        self._searches: list[tuple[RecordFilter, Sought, int]] = []
        for wanted, after_ms in concerns.filters.items():
            match wanted.chosen:
                case ("area",):
                    self._areas[wanted.area] = after_ms
                case ("municipality",):
                    municipalities[wanted.municipality] = after_ms
                case (_, *_):
                    sought = Sought(wanted.text, wanted.product, wanted.supplier, wanted.answers)
                    if any(sought):
                        self._searches.append((wanted, sought, after_ms))
                    else:
                        self._lists_followed.append((wanted, after_ms))
        self._first_search_ms = min((after_ms for *_, after_ms in self._searches), default=inf)
        self._own = own
        self._of_logs = {
            number: municipalities[log.code]
            for number, log in logs.by_number.items()
            if log.code in municipalities
        }
        self._own_is_news = bool(own & self._of_logs.keys())
        self.left_out = logs.hidden if self._own_is_news else (*logs.hidden, *sorted(own))
        """The logs of which no entry is news."""

    def is_to_us(self, one: Arrival) -> bool:
        """Whether it answers a record or a comment of our own."""
        return one.owner_no in self._own or one.asked_no in self._own

    def is_news(self, one: Arrival) -> bool:
        """Whether it may be shown to the reader and concerns them, what is sought left aside."""
        return self._may_be_news(one) and (self.is_to_us(one) or self._is_followed(one))

    @property
    def seeks(self) -> bool:
        """Whether anything is to be sought for the reader."""
        return bool(self._searches)

    def sought(self, one: Arrival) -> list[Sought]:
        """What makes it news if its record has any of it."""
        came_ms = one.received_ms
        if came_ms <= self._first_search_ms or not self._may_be_news(one):
            return []
        return [
            sought
            for wanted, sought, after_ms in self._searches
            if came_ms > after_ms and self._lists(wanted, one)
        ]

    def is_found(self, one: Arrival, matching: Matching) -> bool:
        """Whether something was sought for it and found."""
        return any(one.record_id in matching.get(sought, ()) for sought in self.sought(one))

    def _may_be_news(self, one: Arrival) -> bool:
        if one.owner_no not in self.logs or one.visibility not in self._visible:
            return False
        if one.only_accepts and one.owner_no != one.log_no:
            return False  # only who asked can say that an answer helped
        return one.log_no not in self._own or self._own_is_news

    def _is_followed(self, one: Arrival) -> bool:
        came_ms, areas, of_logs = one.received_ms, self._areas, self._of_logs
        return (
            came_ms > self._records.get(one.record_id, inf)
            or came_ms > areas.get(one.area, inf)
            or came_ms > areas.get(one.area_group, inf)
            or came_ms > of_logs.get(one.owner_no, inf)
            or came_ms > of_logs.get(one.log_no, inf)
            or any(came_ms > after_ms and self._lists(wanted, one)
                   for wanted, after_ms in self._lists_followed)
        )  # fmt: skip

    def _lists(self, wanted: RecordFilter, one: Arrival) -> bool:
        """Whether a list holds the record, its text left aside."""
        code = self.logs[one.owner_no].code
        return (
            wanted.area in ("", one.area, one.area_group)
            and wanted.type in ("", one.type)
            and wanted.status in ("", one.status)
            and wanted.municipality in ("", code)
            and (wanted.codes is None or code in wanted.codes)
            and (one.collaboration_open or not wanted.collaboration_open)
            and (not wanted.answers or one.type == QUESTION)
            and (not wanted.year or wanted.year == _time_as(wanted.year, one.published_ms))
        )


def _time_as(year: str, time_ms: int) -> str:
    """A time as a month or as a year, whichever was chosen as one."""
    return month_of(time_ms) if is_month(year) else str(year_of(time_ms))
