"""What is new for a reader, found in the projections by their times of arrival.

Each kind of entry is read from its index, newest arrival first, and no further than a window; what
is in the window is then judged by the record that it is about. So the work is the same however many
records there are and however much one follows, and nothing is written when an entry arrives
(docs/adr/0017-news-by-query.md). What is older than the window is no news: lists and searches have
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    Table,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.news_views import Concerns, NewsItem, NewsKind, Since
from storage.record_lists import chosen, listed
from storage.record_views import MEMBERS, RecordFilter
from storage.schema import comments, helped, interests, record_versions, records, uses
from storage.search.search import Search
from storage.visible_logs import VisibleLogs, read_visible_logs

WINDOW_ENTRIES = 1_000
"""Arrivals of each kind that are looked through."""
Matching = dict[str, set[bytes]]
_SOURCES = (record_versions, comments, uses, helped, interests)


class NewsQueries:
    """Answers from the projections."""

    def __init__(self, database: Database, search: Search) -> None:
        self._database = database
        self._search = search

    async def items(
        self, concerns: Concerns, since: Since, limit: int, *, visible: Sequence[str] = MEMBERS
    ) -> list[NewsItem]:
        """Return what concerns a reader, the newest arrival first."""
        found: list[NewsItem] = []
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            sources = await _sources(connection, since)
            matching = await self._matching(connection, sources, concerns, since, logs)
            for source in sources:
                statement = _statement(source, concerns, since, logs, visible, matching)
                rows = await connection.execute(statement)
                found += [_item(source, row, logs) for row in rows]
        found.sort(key=lambda item: (item.received_ms, item.entry_id), reverse=True)
        return found[:limit]

    async def count(
        self, concerns: Concerns, since: Since, *, visible: Sequence[str] = MEMBERS
    ) -> int:
        """Return how many items there are."""
        total = 0
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            sources = await _sources(connection, since)
            matching = await self._matching(connection, sources, concerns, since, logs)
            for source in sources:
                found = _statement(source, concerns, since, logs, visible, matching).subquery()
                statement = select(func.count()).select_from(found)
                total += (await connection.execute(statement)).scalar_one()
        return total

    async def _matching(
        self,
        connection: AsyncConnection,
        sources: Sequence[Table],
        concerns: Concerns,
        since: Since,
        logs: VisibleLogs,
    ) -> Matching:
        """Of the records in the windows, those that each followed text finds."""
        texts = {wanted.text for wanted in concerns.filters if wanted.text}
        if not texts:
            return {}
        recent: set[bytes] = set()
        for source in sources:
            window = _recent(source, since, logs)
            recent.update(await connection.scalars(select(window.c.record_id)))
        return {text: await self._search.matching(text, recent) for text in texts}


async def _sources(connection: AsyncConnection, since: Since) -> list[Table]:
    """Return the kinds of which anything came at all; mostly there is none, and nothing to ask."""
    found = []
    for source in _SOURCES:
        newest = select(source.c.received_ms).order_by(source.c.received_ms.desc()).limit(1)
        received_ms = (await connection.execute(newest)).scalar()
        if received_ms is not None and received_ms > since.after_ms:
            found.append(source)
    return found


def _statement(
    source: Table,
    concerns: Concerns,
    since: Since,
    logs: VisibleLogs,
    visible: Sequence[str],
    matching: Matching,
) -> Select[*tuple[Any, ...]]:
    """What is news among the newest arrivals of one kind, in no order."""
    own = {number for number, log in logs.by_number.items() if log.log == concerns.own_log}
    recent = _recent(source, since, logs)
    joined: Any = recent.join(records, records.c.record_id == recent.c.record_id)
    about_own = _owner().in_(own)
    to_us: ColumnElement[bool] = about_own
    if source is comments:
        parent = comments.alias("parent")
        answered = func.coalesce(recent.c.answer_to, recent.c.accepts)
        joined = joined.outerjoin(parent, parent.c.entry_id == answered)
        to_us = or_(about_own, func.coalesce(parent.c.log_no, 0).in_(own))
    concerning = [to_us, *_concerning(concerns, recent, logs, matching)]
    statement = (
        select(
            recent,
            records.c.log_no.label("owner_no"),
            records.c.title,
            records.c.language,
            records.c.type,
            records.c.visibility,
            to_us.label("is_to_us"),
        )
        .select_from(joined)
        .where(*listed(logs, visible), or_(*concerning))
    )
    if source is comments:  # only who asked can say that an answer helped
        statement = statement.where(or_(~recent.c.only_accepts, _owner() == recent.c.log_no))
    followed = {one.municipality for one in concerns.filters if _is_municipality(one)}
    if own and not followed.intersection(logs.by_number[number].code for number in own):
        statement = statement.where(recent.c.log_no.not_in(own))
    return statement


def _recent(source: Table, since: Since, logs: VisibleLogs) -> FromClause:
    """The newest arrivals of one kind within a time, no more than the window."""
    columns: list[ColumnElement[Any]] = [
        source.c[name] for name in ("entry_id", "record_id", "log_no", "received_ms", "shown_ms")
    ]
    conditions = [source.c.received_ms > since.after_ms, *logs.shows(source)]
    if since.through_ms is not None:
        conditions.append(source.c.received_ms <= since.through_ms)
    if source is comments:
        columns += [comments.c.kind, comments.c.answer_to, comments.c.accepts]
        columns.append(comments.c.text.is_(None).label("only_accepts"))
        conditions.append(comments.c.withdrawn.is_(None))
    if source is interests:
        columns.append(interests.c.interest)
    return (
        select(*columns)
        .where(*conditions)
        .order_by(source.c.received_ms.desc(), source.c.entry_id.desc())
        .limit(WINDOW_ENTRIES)
        .subquery("recent")
    )


def _owner() -> ColumnElement[int]:
    """The number of a record's log, as no index knows it.

    The window has to be read first and each record looked up by its id; an index of records by
    their log would tempt the database into the opposite.
    """
    return records.c.log_no + 0


def _concerning(
    concerns: Concerns, recent: FromClause, logs: VisibleLogs, matching: Matching
) -> Iterable[ColumnElement[bool]]:
    """The conditions of which one is enough, beside answers to us."""
    for record, after_ms in concerns.records.items():
        yield and_(recent.c.received_ms > after_ms, recent.c.record_id == record)
    for wanted, after_ms in concerns.filters.items():
        came = recent.c.received_ms > after_ms
        if _is_municipality(wanted):
            numbers = [log.log_no for log in logs.of_municipality(wanted.municipality)]
            yield and_(came, or_(_owner().in_(numbers), recent.c.log_no.in_(numbers)))
        else:
            conditions = chosen(wanted, logs)
            if wanted.text:
                conditions.append(recent.c.record_id.in_(matching[wanted.text]))
            if conditions:
                yield and_(came, *conditions)


def _is_municipality(filter: RecordFilter) -> bool:
    return filter == RecordFilter(municipality=filter.municipality) and bool(filter.municipality)


def _item(source: Table, row: Row[*tuple[Any, ...]], logs: VisibleLogs) -> NewsItem:
    log, owner = logs.by_number[row.log_no], logs.by_number[row.owner_no]
    return NewsItem(
        kind=_kind(source, row),
        entry_id=row.entry_id,
        code=log.code,
        municipality=log.name,
        received_ms=row.received_ms,
        shown_ms=row.shown_ms,
        record_id=row.record_id,
        record_code=owner.code,
        record_municipality=owner.name,
        title=row.title,
        language=row.language,
        type=row.type,
        visibility=row.visibility,
        is_to_us=bool(row.is_to_us),
    )


def _kind(source: Table, row: Row[*tuple[Any, ...]]) -> NewsKind:
    if source is record_versions:
        return "record" if row.entry_id == row.record_id else "version"
    if source is uses or source is helped:
        return "use" if source is uses else "helped"
    kind: NewsKind = row.interest if source is interests else row.kind
    return "accepted" if source is comments and row.only_accepts else kind
