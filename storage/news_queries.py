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
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    Table,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from storage.database import Database
from storage.news_judging import Arrival, Judge, Matching, Sought
from storage.news_views import Concerns, NewsItem, NewsKind, Since
from storage.prepared import Prepared, Step, Steps
from storage.question_queries import waiting
from storage.record_views import MEMBERS
from storage.schema import comments, helped, interests, record_versions, records, uses
from storage.search.search import Search
from storage.visible_logs import read_visible_logs, visible_logs_steps

WINDOW_ENTRIES = 1_000
"""Arrivals of each kind that are looked through."""
NEWEST_ENTRIES = 200
"""Arrivals of each kind that are looked at first."""
_SOURCES = {table.name: table for table in (record_versions, comments, uses, helped, interests)}
_FOR_EVER_MS = 2**62
_STATEMENTS_KEPT = 64
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
    values = _window_values(since, judge)
    found: list[_Found] = []
    left: list[_Found] = []
    for source in (yield from _sources(judge, since)):
        window = _window(source.name, len(judge.left_out), judge.follows)
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
    values = {"before": NEWEST_ENTRIES - 1} | _left_out_values(judge)
    rows = yield Step(_last(len(judge.left_out)), [values])
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
        _SOURCES[name]
        for name, received_ms in (yield Step(_NEWEST))
        if received_ms is not None
        and received_ms > since.after_ms
        and (judge.follows or name != record_versions.name)
    ]


_NEWEST = Prepared(
    union_all(
        *(
            select(
                literal_column(f"'{name}'"),
                select(func.max(table.c.received_ms)).scalar_subquery(),
            )
            for name, table in _SOURCES.items()
        )
    )
)


@lru_cache(_STATEMENTS_KEPT)
def _last(left_out: int) -> Prepared:
    """When the arrival came that so many of its kind came after."""
    return Prepared(
        union_all(
            *(
                select(
                    select(table.c.received_ms)
                    .where(*_not_left_out(table, left_out))
                    .order_by(table.c.received_ms.desc())
                    .limit(1)
                    .offset(bindparam("before"))
                    .scalar_subquery()
                )
                for table in _SOURCES.values()
            )
        )
    )


def _not_left_out(table: Table, left_out: int) -> list[ColumnElement[bool]]:
    if not left_out:
        return []
    named = [bindparam(f"left_out_{place}", type_=BigInteger) for place in range(left_out)]
    return [table.c.log_no.not_in(named)]


@lru_cache(_STATEMENTS_KEPT)
def _window(name: str, left_out: int, follows: bool) -> Prepared:
    """The newest arrivals of one kind, each with the record that it is about; columns as the fields
    of :class:`Arrival`. For a reader who follows nothing, only those that answer us."""
    source = _SOURCES[name]
    recent, asked = _recent(source, left_out), comments.alias("asked")
    joined = recent.join(records, records.c.record_id == recent.c.record_id)
    asked_no: ColumnElement[int] = literal_column("0")
    if source is comments:
        joined = joined.outerjoin(asked, asked.c.entry_id == recent.c.answered)
        asked_no = func.coalesce(asked.c.log_no, 0)
    shown: list[ColumnElement[bool]] = [records.c.withdrawn.is_(None)]
    if not follows:
        # The sum keeps databases from looking up all records of the log instead of the window's.
        to_us = records.c.log_no + 0 == bindparam("own_no")
        shown.append(or_(to_us, asked_no == bindparam("own_no")) if source is comments else to_us)
    about = (
        "log_no", "title", "language", "type", "area_group", "area", "status", "visibility",
        "published_ms", "collaboration_open",
    )  # fmt: skip
    return Prepared(
        select(
            *(column for column in recent.c if column.name != "answered"),
            asked_no,
            *(records.c[one] for one in about),
        )
        .select_from(joined)
        .where(*shown)
    )


def _recent(source: Table, left_out: int) -> Subquery:
    """The newest arrivals of one kind within a time, no more than the window."""
    conditions: list[ColumnElement[bool]] = [
        source.c.received_ms > bindparam("after_ms"),
        source.c.received_ms <= bindparam("through_ms"),
        *_not_left_out(source, left_out),
    ]
    kind: ColumnElement[str] = literal_column("''")
    only_accepts: ColumnElement[int] = literal_column("0")
    answered: ColumnElement[Any] = literal_column("NULL")
    if source is comments:
        conditions.append(comments.c.withdrawn.is_(None))
        kind, only_accepts = comments.c.kind, case((comments.c.text.is_(None), 1), else_=0)
        answered = func.coalesce(comments.c.answer_to, comments.c.accepts)
    elif source is interests:
        kind = interests.c.interest
    columns = ("entry_id", "record_id", "log_no", "received_ms", "shown_ms")
    return (
        select(
            *(source.c[one] for one in columns),
            kind.label("kind"),
            only_accepts.label("only_accepts"),
            answered.label("answered"),
        )
        .where(*conditions)
        .order_by(source.c.received_ms.desc(), source.c.entry_id.desc())
        .limit(bindparam("window"))
        .subquery("recent")
    )


def _window_values(since: Since, judge: Judge) -> dict[str, int]:
    through_ms = _FOR_EVER_MS if since.through_ms is None else since.through_ms
    values = {"after_ms": since.after_ms, "through_ms": through_ms, "window": WINDOW_ENTRIES}
    return values | _left_out_values(judge) | {"own_no": judge.own_no}


def _left_out_values(judge: Judge) -> dict[str, int]:
    return {f"left_out_{place}": number for place, number in enumerate(judge.left_out)}


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
