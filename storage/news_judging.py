"""Whether something that arrived is news for a reader. Pure.

Areas, municipalities and records that are followed are looked up, however many they are; only
searches are gone through one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import inf
from typing import NamedTuple

from storage.news_views import Concerns
from storage.record_views import RecordFilter
from storage.search.documents import year_of
from storage.visible_logs import VisibleLogs

Matching = Mapping[str, AbstractSet[bytes]]
"""By followed text: those of the records in question in which it is found."""


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
    """Judges for one reader, as the logs stand; texts are looked for by whoever asks it."""

    def __init__(self, concerns: Concerns, logs: VisibleLogs, visible: Sequence[str]) -> None:
        self._logs, self._visible = logs.by_number, frozenset(visible)
        own = {number for number, log in logs.by_number.items() if log.log == concerns.own_log}
        self.own_no = next(iter(own), 0)
        self.follows = bool(concerns.filters or concerns.records)
        self._records = concerns.records
        self._areas: dict[str, float] = {}
        self._municipalities: dict[str, float] = {}
        self._lists_followed: list[tuple[RecordFilter, int]] = []
        self._searches: list[tuple[RecordFilter, int]] = []
        for wanted, after_ms in concerns.filters.items():
            match wanted.chosen:
                case ("area",):
                    self._areas[wanted.area] = after_ms
                case ("municipality",):
                    self._municipalities[wanted.municipality] = after_ms
                case ("text", *_):
                    self._searches.append((wanted, after_ms))
                case (_, *_):
                    self._lists_followed.append((wanted, after_ms))
        self._first_search_ms = min((after_ms for _, after_ms in self._searches), default=inf)
        self._own = own
        followed = {logs.by_number[number].code for number in own} & self._municipalities.keys()
        self._own_is_news = bool(followed)

    def is_to_us(self, one: Arrival) -> bool:
        """Whether it answers a record or a comment of our own."""
        return one.owner_no in self._own or one.asked_no in self._own

    def is_news(self, one: Arrival) -> bool:
        """Whether it may be shown to the reader and concerns them, texts left aside."""
        return self._may_be_news(one) and (self.is_to_us(one) or self._is_followed(one))

    @property
    def asks(self) -> bool:
        """Whether any text is followed."""
        return bool(self._searches)

    def texts_asked(self, one: Arrival) -> list[str]:
        """The followed texts that make it news if they are found in its record."""
        came_ms = one.received_ms
        if came_ms <= self._first_search_ms or not self._may_be_news(one):
            return []
        return [
            wanted.text
            for wanted, after_ms in self._searches
            if came_ms > after_ms and self._lists(wanted, one)
        ]

    def is_found(self, one: Arrival, matching: Matching) -> bool:
        """Whether it may be shown to the reader and a followed text makes it news."""
        came_ms = one.received_ms
        if came_ms <= self._first_search_ms or not self._may_be_news(one):
            return False
        return any(
            came_ms > after_ms
            and one.record_id in matching.get(wanted.text, ())
            and self._lists(wanted, one)
            for wanted, after_ms in self._searches
        )

    def _may_be_news(self, one: Arrival) -> bool:
        if one.owner_no not in self._logs or one.visibility not in self._visible:
            return False
        if one.only_accepts and one.owner_no != one.log_no:
            return False  # only who asked can say that an answer helped
        return one.log_no not in self._own or self._own_is_news

    def _is_followed(self, one: Arrival) -> bool:
        came_ms, areas, places = one.received_ms, self._areas, self._municipalities
        return (
            came_ms > self._records.get(one.record_id, inf)
            or came_ms > areas.get(one.area, inf)
            or came_ms > areas.get(one.area_group, inf)
            or came_ms > places.get(self._logs[one.owner_no].code, inf)
            or came_ms > places.get(self._logs[one.log_no].code, inf)
            or any(came_ms > after_ms and self._lists(wanted, one)
                   for wanted, after_ms in self._lists_followed)
        )  # fmt: skip

    def _lists(self, wanted: RecordFilter, one: Arrival) -> bool:
        """Whether a list holds the record, its text left aside."""
        code = self._logs[one.owner_no].code
        return (
            wanted.area in ("", one.area, one.area_group)
            and wanted.type in ("", one.type)
            and wanted.status in ("", one.status)
            and wanted.municipality in ("", code)
            and (wanted.codes is None or code in wanted.codes)
            and wanted.year in ("", str(year_of(one.published_ms)))
            and (one.collaboration_open or not wanted.collaboration_open)
        )
