"""What is new for a reader, found in the projections by their times of arrival.

Each kind of entry is read from its index, newest arrival first, and no further than a window; what
is in the window is then judged by the record that it is about (storage/news_judging.py). So the
work is the same however many records there are and however much one follows, and nothing is written
when an entry arrives (docs/adr/0017-news-by-query.md). What is older than the window is no news:
lists and searches have it. Own entries take no room in it, unless they are followed: who answers
much still hears of others. Mostly a page is full of what came last, so that is looked at first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial

from sqlalchemy import Table, select

from storage.database import Database
from storage.news_judging import Arrival, Judge, Matching, Sought
from storage.news_views import Concerns, NewsItem, NewsKind, Since
from storage.news_windows import (
    NEWEST,
    SOURCES,
    last_before,
    left_out_values,
    window_of,
    window_values,
)
from storage.prepared import Step, Steps
from storage.question_queries import waiting
from storage.record_views import MEMBERS
from storage.schema import helped, record_versions, records, uses
from storage.search.search import Search
from storage.visible_logs import read_visible_logs, visible_logs_steps

WINDOW_ENTRIES = 1_000
"""Arrivals of each kind that are looked through."""
NEWEST_ENTRIES = 200
"""Arrivals of each kind that are looked at first."""
_RECORDS_AT_ONCE = 500

_Found = tuple[Table, Arrival]


class NewsQueries:
    """Answers from the projections."""

    def __init__(self, database: Database, search: Search) -> None:
        self._database = database
        self._search = search

    async def items(
        self, concerns: Concerns, since: Since, limit: int, *, visible: Sequence[str] = MEMBERS
    ) -> list[NewsItem]:
        """Return what concerns a reader, the newest arrival first."""
        items, _ = await self.items_and_count(concerns, since, limit, since, visible=visible)
        return items

    async def items_and_count(
        self,
        concerns: Concerns,
        since: Since,
        limit: int,
        counted: Since,
        *,
        visible: Sequence[str] = MEMBERS,
    ) -> tuple[list[NewsItem], int]:
        """Return the same, and how many items there are of a time within that one."""
        newest = await self._database.ask(partial(_newest, concerns, since, counted, visible))
        found, judge = await self._find(concerns, newest, visible)
        if len(found) < limit and newest != since:
            found, judge = await self._find(concerns, since, visible)
        found.sort(key=lambda one: (one[1].received_ms, one[1].entry_id), reverse=True)
        items = [_item(source, one, judge) for source, one in found[:limit]]
        return items, sum(one.received_ms > counted.after_ms for _, one in found)

    async def count(
        self,
        concerns: Concerns,
        since: Since,
        *,
        visible: Sequence[str] = MEMBERS,
        enough: int | None = None,
    ) -> int:
        """Return how many items there are; where so many are ``enough``, at least as many."""
        found, _ = await self._find(concerns, since, visible, enough)
        return len(found)

    async def _find(
        self,
        concerns: Concerns,
        since: Since,
        visible: Sequence[str],
        enough: int | None = None,
    ) -> tuple[list[_Found], Judge]:
        """Find what concerns a reader, in no order; more is sought in what is left over."""
        steps = partial(_judged, concerns, since, visible, enough)
        found, left, judge = await self._database.ask(steps)
        if judge.seeks and left:
            matching = await self._matching(judge, left)
            found += [pair for pair in left if judge.is_found(pair[1], matching)]
        return found, judge

    async def _matching(self, judge: Judge, left: Sequence[_Found]) -> Matching:
        """Return, for each thing that is sought, those of the records in question that have it."""
        among: dict[Sought, set[bytes]] = defaultdict(set)
        for _, one in left:
            for sought in judge.sought(one):
                among[sought].add(one.record_id)
        found: dict[Sought, AbstractSet[bytes]] = {}
        for sought, records_asked in among.items():
            found[sought] = records_asked
            if sought.is_indexed:
                found[sought] = await self._search.matching(
                    sought.text, sought.product, sought.supplier, among=records_asked
                )
            if sought.answers:
                found[sought] = await self._waiting(sought.answers, found[sought])
        return found

    async def _waiting(self, answers: str, among: AbstractSet[bytes]) -> set[bytes]:
        """Return those of some records that are questions which wait in this way."""
        found: set[bytes] = set()
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            asked = sorted(among)
            for start in range(0, len(asked), _RECORDS_AT_ONCE):
                some = records.c.record_id.in_(asked[start : start + _RECORDS_AT_ONCE])
                statement = select(records.c.record_id).where(some, waiting(answers, logs))
                found |= set((await connection.execute(statement)).scalars())
        return found


def _judged(
    concerns: Concerns, since: Since, visible: Sequence[str], enough: int | None
) -> Steps[tuple[list[_Found], list[_Found], Judge]]:
    """Return what concerns a reader, what is sought left aside, and what is left over; nothing is
    left over where enough was found."""
    judge = Judge(concerns, (yield from visible_logs_steps()), visible)
    values = window_values(since, judge) | {"window": WINDOW_ENTRIES}
    found: list[_Found] = []
    left: list[_Found] = []
    for source in (yield from _sources(judge, since)):
        window = window_of(source.name, len(judge.left_out), judge.follows)
        if enough is not None:  # most who have so much that is new have it among the newest
            rows = yield Step(window, [values | {"window": NEWEST_ENTRIES}])
            newest = [(source, one) for one in map(Arrival._make, rows) if judge.is_news(one)]
            if len(found) + len(newest) >= enough:
                return found + newest, [], judge
        for row in (yield Step(window, [values])):
            one = Arrival(*row)
            (found if judge.is_news(one) else left).append((source, one))
        if enough is not None and len(found) >= enough:
            return found, [], judge
    return found, left, judge


def _newest(
    concerns: Concerns, since: Since, counted: Since, visible: Sequence[str]
) -> Steps[Since]:
    """Return the time of the last arrivals, of which nothing is left out, within another; all of
    that when more is to be counted."""
    judge = Judge(concerns, (yield from visible_logs_steps()), visible)
    values = {"before": NEWEST_ENTRIES - 1, "after_ms": since.after_ms} | left_out_values(judge)
    rows = yield Step(last_before(len(judge.left_out)), [values])
    # What came together with it belongs to it: entries of one commit have one time.
    after_ms = max((ms - 1 for (ms,) in rows if ms is not None), default=since.after_ms)
    if since.through_ms is not None or after_ms > counted.after_ms:
        return since
    return since._replace(after_ms=max(after_ms, since.after_ms))


def _sources(judge: Judge, since: Since) -> Steps[list[Table]]:
    """Return the kinds of which anything came at all; mostly there is none, and nothing to ask.

    What somebody published answers nobody: it is news only for those who follow something.
    """
    return [
        SOURCES[name]
        for name, received_ms in (yield Step(NEWEST))
        if received_ms is not None
        and received_ms > since.after_ms
        and (judge.follows or name != record_versions.name)
    ]


def _item(source: Table, one: Arrival, judge: Judge) -> NewsItem:
    log, owner = judge.logs[one.log_no], judge.logs[one.owner_no]
    return NewsItem(
        kind=_kind(source, one),
        entry_id=one.entry_id,
        code=log.code,
        municipality=log.name,
        received_ms=one.received_ms,
        shown_ms=one.shown_ms,
        record_id=one.record_id,
        record_code=owner.code,
        record_municipality=owner.name,
        title=one.title,
        language=one.language,
        type=one.type,
        visibility=one.visibility,
        is_to_us=judge.is_to_us(one),
    )


def _kind(source: Table, one: Arrival) -> NewsKind:
    if source is record_versions:
        return "record" if one.entry_id == one.record_id else "version"
    if source is uses or source is helped:
        return "use" if source is uses else "helped"
    kind: NewsKind = one.kind  # type: ignore[assignment]  # as the schema's models allow
    return "accepted" if one.only_accepts else kind
