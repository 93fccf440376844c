"""Lists of records, answered in two steps.

First come the ids in order, from an index that holds all that filters need and is read no further
than the page; then the rows of that page. How many there are is known (storage/record_counts.py),
so a page in the later half is read from the end.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    distinct,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import carry_out
from storage.prepared import Prepared, Step, Steps
from storage.question_queries import waiting
from storage.record_views import RecordFilter, RecordPage, RecordRow
from storage.schema import comments, helped, interests, records, uses
from storage.visible_logs import VisibleLogs

PAGE_SIZE_MAX = 200
_SIZES_KEPT = 256
_ROW_COLUMNS = (
    "record_id", "log_no", "type", "title", "summary", "area", "status", "visibility",
    "published_ms", "changed_ms", "version_count", "valid_until", "collaboration_open", "example",
    "language",
)  # fmt: skip


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
    if filter.answers:
        conditions.append(waiting(filter.answers, logs))
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
    count = min(page_size, total - before)
    after = total - before - count
    order = (records.c.published_ms, records.c.record_id)
    ids = (
        select(records.c.record_id)
        .where(*listed(logs, visible), *chosen(filter, logs))
        .order_by(*(order if after < before else [column.desc() for column in order]))
        .limit(count)
        .offset(min(before, after))
    )
    found = list((await connection.execute(ids)).scalars()) if total else []
    if after < before:
        found.reverse()
    return RecordPage(await carry_out(connection, read_rows(found, logs)), total, page, pages)


def read_rows(ids: Sequence[bytes], logs: VisibleLogs) -> Steps[tuple[RecordRow, ...]]:
    """Return the rows of these records, in this order."""
    if not ids:
        return ()
    values: dict[str, Any] = {f"id_{place}": record for place, record in enumerate(ids)}
    values |= {f"hidden_{place}": number for place, number in enumerate(logs.hidden)}
    sizes = len(ids), len(logs.hidden)
    rows = {row[0]: row for row in (yield Step(_rows_statement(len(ids)), [values]))}
    counts: Counter[tuple[str, bytes]] = Counter()
    for kind, record, count in (yield Step(_responses_statement(*sizes), [values])):
        counts[kind, record] = count
    return tuple(_record_row(rows[record], logs, counts) for record in ids)


@lru_cache(_SIZES_KEPT)
def _rows_statement(ids: int) -> Prepared:
    return Prepared(
        select(*(records.c[name] for name in _ROW_COLUMNS)).where(
            records.c.record_id.in_(_bound("id", ids))
        )
    )


@lru_cache(_SIZES_KEPT)
def _responses_statement(ids: int, hidden: int) -> Prepared:
    """Count comments, and the municipalities that answered each record in one other way."""
    counted = []
    for table in (uses, interests, helped, comments):
        number = func.count() if table is comments else func.count(distinct(table.c.log_no))
        conditions = [table.c.record_id.in_(_bound("id", ids))]
        if hidden:
            conditions.append(table.c.log_no.not_in(_bound("hidden", hidden)))
        if table is comments:
            conditions += [comments.c.withdrawn.is_(None), comments.c.text.is_not(None)]
        kind: ColumnElement[str] = literal_column(f"'{table.name}'")
        counted.append(
            select(kind, table.c.record_id, number).where(*conditions).group_by(table.c.record_id)
        )
    return Prepared(union_all(*counted))


def _bound(name: str, count: int) -> list[ColumnElement[Any]]:
    return [bindparam(f"{name}_{place}") for place in range(count)]


def _record_row(
    row: tuple[Any, ...], logs: VisibleLogs, counts: Mapping[tuple[str, bytes], int]
) -> RecordRow:
    facts = dict(zip(_ROW_COLUMNS, row, strict=True))
    record, log = facts["record_id"], logs.by_number[facts.pop("log_no")]
    facts |= {name: bool(facts[name]) for name in ("collaboration_open", "example")}
    return RecordRow(
        log=log.log,
        code=log.code,
        municipality=log.name,
        uses=counts["uses", record],
        interests=counts["interests", record],
        helped=counts["helped", record],
        comments=counts["comments", record],
        **facts,
    )
