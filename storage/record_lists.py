"""Lists of records, answered in two steps.

First come the ids in order, from an index that holds all that filters need and is read no further
than the page; then the rows of that page. How many there are is known (storage/record_counts.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.record_views import RecordFilter, RecordPage, RecordRow
from storage.schema import comments, helped, interests, records, uses
from storage.visible_logs import VisibleLogs

PAGE_SIZE_MAX = 200


def listed(logs: VisibleLogs, visible: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return the conditions under which a record is in any list at all."""
    return [
        records.c.withdrawn.is_(None),
        records.c.visibility.in_(visible),
        *logs.shows(records),
    ]


def chosen(filter: RecordFilter, logs: VisibleLogs) -> list[ColumnElement[bool]]:
    """Return the conditions for all that a filter chooses beside its words."""
    conditions = []
    if filter.area:
        column = records.c.area if "." in filter.area else records.c.area_group
        conditions.append(column == filter.area)
    if filter.type:
        conditions.append(records.c.type == filter.type)
    if filter.status:
        conditions.append(records.c.status == filter.status)
    if filter.municipality:
        numbers = [log.log_no for log in logs.of_municipality(filter.municipality)]
        conditions.append(records.c.log_no.in_(numbers))
    if filter.codes is not None:
        numbers = [log.log_no for log in logs.by_number.values() if log.code in filter.codes]
        # The sum keeps databases from looking up each log and sorting all of what they hold.
        conditions.append((records.c.log_no + 0).in_(numbers))
    return conditions


async def read_page(
    connection: AsyncConnection,
    filter: RecordFilter,
    logs: VisibleLogs,
    visible: Sequence[str],
    total: int,
) -> RecordPage:
    """Return one page of ``total`` records, newest first; a page beyond the last gives the last."""
    page_size = max(1, min(filter.page_size, PAGE_SIZE_MAX))
    pages = max(1, math.ceil(total / page_size))
    page = max(1, min(filter.page, pages))
    before = (page - 1) * page_size
    ids = (
        select(records.c.record_id)
        .where(*listed(logs, visible), *chosen(filter, logs))
        .order_by(records.c.published_ms.desc(), records.c.record_id.desc())
        .limit(min(page_size, total - before))
        .offset(before)
    )
    found = (await connection.execute(ids)).scalars().all() if total else []
    return RecordPage(await read_rows(connection, found, logs), total, page, pages)


async def read_rows(
    connection: AsyncConnection, ids: Sequence[bytes], logs: VisibleLogs
) -> tuple[RecordRow, ...]:
    """Return the rows of these records, in this order."""
    if not ids:
        return ()
    statement = select(records).where(records.c.record_id.in_(ids))
    rows = {row.record_id: row for row in await connection.execute(statement)}
    used = await _count_responses(connection, uses, ids, logs, [])
    wanted = await _count_responses(connection, interests, ids, logs, [])
    thanked = await _count_responses(connection, helped, ids, logs, [])
    standing = [comments.c.withdrawn.is_(None), comments.c.text.is_not(None)]
    commented = await _count_responses(connection, comments, ids, logs, standing)
    return tuple(
        _record_row(
            rows[record],
            logs,
            uses=used[record],
            interests=wanted[record],
            helped=thanked[record],
            comments=commented[record],
        )
        for record in ids
    )


async def _count_responses(
    connection: AsyncConnection,
    table: Table,
    ids: Sequence[bytes],
    logs: VisibleLogs,
    conditions: Iterable[ColumnElement[bool]],
) -> Counter[bytes]:
    """Count comments, or the municipalities that answered each record in one other way."""
    number = func.count() if table is comments else func.count(distinct(table.c.log_no))
    statement = (
        select(table.c.record_id, number)
        .where(table.c.record_id.in_(ids), *logs.shows(table), *conditions)
        .group_by(table.c.record_id)
    )
    rows = (await connection.execute(statement)).all()
    return Counter({row[0]: row[1] for row in rows})


def _record_row(row: Row[*tuple[Any, ...]], logs: VisibleLogs, **counts: int) -> RecordRow:
    log = logs.by_number[row.log_no]
    return RecordRow(
        record_id=row.record_id,
        log=log.log,
        code=log.code,
        municipality=log.name,
        type=row.type,
        title=row.title,
        summary=row.summary,
        language=row.language,
        area=row.area,
        status=row.status,
        visibility=row.visibility,
        published_ms=row.published_ms,
        changed_ms=row.changed_ms,
        version_count=row.version_count,
        valid_until=row.valid_until,
        collaboration_open=row.collaboration_open,
        example=row.example,
        **counts,
    )
