"""What is new for a reader, found in the projections by their times of arrival.

Each kind of entry is read from its index, newest arrival first, and no further than a window; what
is in the window is then judged by the record that it is about (storage/news_judging.py). So the
work is the same however many records there are and however much one follows, and nothing is written
when an entry arrives (docs/adr/0017-news-by-query.md). What is older than the window is no news:
lists and searches have it. Mostly a page is full of what came last, so that is looked at first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
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
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database, fetch
from storage.news_judging import Arrival, Judge
from storage.news_views import Concerns, NewsItem, NewsKind, Since
from storage.prepared import Prepared
from storage.record_views import MEMBERS
from storage.schema import comments, helped, interests, record_versions, records, uses
from storage.search.search import Search
from storage.visible_logs import VisibleLogs, read_visible_logs

WINDOW_ENTRIES = 1_000
"""Arrivals of each kind that are looked through."""
NEWEST_ENTRIES = 200
"""Arrivals of each kind that are looked at first."""
_SOURCES = {table.name: table for table in (record_versions, comments, uses, helped, interests)}
_FOR_EVER_MS = 2**62
_STATEMENTS_KEPT = 64

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
        newest = await self._newest(since, counted)
        found, judge, logs = await self._find(concerns, newest, visible)
        if len(found) < limit and newest != since:
            found, judge, logs = await self._find(concerns, since, visible)
        found.sort(key=lambda one: (one[1].received_ms, one[1].entry_id), reverse=True)
        items = [_item(source, one, judge, logs) for source, one in found[:limit]]
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
        found, _, _ = await self._find(concerns, since, visible, enough)
        return len(found)

    async def _newest(self, since: Since, counted: Since) -> Since:
        """Return the time of the last arrivals, of which nothing is left out, within another; all
        of that when more is to be counted."""
        async with self._database.read() as connection:
            rows = await fetch(connection, _LAST, {"before": NEWEST_ENTRIES - 1})
        # What came together with it belongs to it: entries of one commit have one time.
        after_ms = max((ms - 1 for (ms,) in rows if ms is not None), default=since.after_ms)
        if since.through_ms is not None or after_ms > counted.after_ms:
            return since
        return since._replace(after_ms=max(after_ms, since.after_ms))

    async def _find(
        self,
        concerns: Concerns,
        since: Since,
        visible: Sequence[str],
        enough: int | None = None,
    ) -> tuple[list[_Found], Judge, VisibleLogs]:
        """Find what concerns a reader, in no order; texts are looked for in what is left over."""
        found: list[_Found] = []
        left: list[_Found] = []
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            judge = Judge(concerns, logs, visible)
            for source in await _sources(connection, judge, since):
                statement = _window(source.name, len(logs.hidden), judge.follows)
                values = _window_values(since, logs) | {"own_no": judge.own_no}
                for row in await fetch(connection, statement, values):
                    one = Arrival(*row)
                    (found if judge.is_news(one) else left).append((source, one))
                if enough is not None and len(found) >= enough:
                    return found, judge, logs
            asked = {one.record_id: judge.texts_asked(one) for _, one in left} if judge.asks else {}
            matching = await self._matching(asked)
        found += [pair for pair in left if judge.is_found(pair[1], matching)] if matching else []
        return found, judge, logs

    async def _matching(self, asked: Mapping[bytes, Sequence[str]]) -> dict[str, set[bytes]]:
        """Return, for each text, those of the records for which it is asked that it finds."""
        among: dict[str, list[bytes]] = defaultdict(list)
        for record, texts in asked.items():
            for text in texts:
                among[text].append(record)
        return {text: await self._search.matching(text, some) for text, some in among.items()}


async def _sources(connection: AsyncConnection, judge: Judge, since: Since) -> list[Table]:
    """Return the kinds of which anything came at all; mostly there is none, and nothing to ask.

    What somebody published answers nobody: it is news only for those who follow something.
    """
    return [
        _SOURCES[name]
        for name, received_ms in await fetch(connection, _NEWEST)
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


_LAST = Prepared(
    union_all(
        *(
            select(
                select(table.c.received_ms)
                .order_by(table.c.received_ms.desc())
                .limit(1)
                .offset(bindparam("before"))
                .scalar_subquery()
            )
            for table in _SOURCES.values()
        )
    )
)


@lru_cache(_STATEMENTS_KEPT)
def _window(name: str, hidden: int, follows: bool) -> Prepared:
    """The newest arrivals of one kind, each with the record that it is about; columns as the fields
    of :class:`Arrival`. For a reader who follows nothing, only those that answer us."""
    source = _SOURCES[name]
    recent, asked = _recent(source, hidden), comments.alias("asked")
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


def _recent(source: Table, hidden: int) -> Subquery:
    """The newest arrivals of one kind within a time, no more than the window."""
    conditions: list[ColumnElement[bool]] = [
        source.c.received_ms > bindparam("after_ms"),
        source.c.received_ms <= bindparam("through_ms"),
    ]
    if hidden:
        named = [bindparam(f"hidden_{place}", type_=BigInteger) for place in range(hidden)]
        conditions.append(source.c.log_no.not_in(named))
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


def _window_values(since: Since, logs: VisibleLogs) -> dict[str, int]:
    through_ms = _FOR_EVER_MS if since.through_ms is None else since.through_ms
    values = {"after_ms": since.after_ms, "through_ms": through_ms, "window": WINDOW_ENTRIES}
    return values | {f"hidden_{place}": number for place, number in enumerate(logs.hidden)}


def _item(source: Table, one: Arrival, judge: Judge, logs: VisibleLogs) -> NewsItem:
    log, owner = logs.by_number[one.log_no], logs.by_number[one.owner_no]
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
