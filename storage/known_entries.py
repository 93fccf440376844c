"""What the projections know of an entry by its id: whose it is, and what may be said of it.

Asked before an own entry is signed that answers, replaces or withdraws another. Each table is
looked up by a key or a unique index. Hidden logs count: what is refused here is a mistake, not a
secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Select, and_, false, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.fold import NOT_OWN
from storage.lifecycle_schema import continuations
from storage.schema import (
    comments,
    helped,
    interests,
    introductions,
    logs,
    record_versions,
    records,
    unreadable,
    uses,
)

IDS_MAX = 500
"""Ids of one statement; each stands in it once for every table."""

_RECORD_ID = records.c.record_id
_ENTRY_IDS = tuple(
    table.c.entry_id
    for table in (
        *(record_versions, comments, uses, interests, helped, introductions, continuations),
        unreadable,
    )
)
_IS_LOST = and_(unreadable.c.kind == "experience", unreadable.c.reason != NOT_OWN)


class KnownEntry(NamedTuple):
    """An entry as the projections hold it; a lost one is an experience that cannot be read."""

    log: bytes
    is_record: bool
    is_lost: bool


async def read_known_entries(
    connection: AsyncConnection, ids: Sequence[bytes]
) -> dict[bytes, KnownEntry]:
    """Return what is known of these entries; those that are not here are left out."""
    found: dict[bytes, KnownEntry] = {}
    for start in range(0, len(ids), IDS_MAX):
        rows = await connection.execute(_statement(ids[start : start + IDS_MAX]))
        for entry_id, log, is_record, is_lost in rows:
            before = found.get(entry_id, KnownEntry(log, False, False))
            found[entry_id] = KnownEntry(
                log, before.is_record or bool(is_record), before.is_lost or bool(is_lost)
            )
    return found


def _statement(ids: Sequence[bytes]) -> Select[Any]:
    parts = [_part(column, ids) for column in (_RECORD_ID, *_ENTRY_IDS)]
    found = union_all(*parts).subquery("found")
    columns = (found.c.id, logs.c.log_id, found.c.is_record, found.c.is_lost)
    return select(*columns).join(logs, logs.c.log_no == found.c.log_no)


def _part(column: Column[Any], ids: Sequence[bytes]) -> Select[Any]:
    return select(
        column.label("id"),
        column.table.c.log_no,
        literal(column is _RECORD_ID).label("is_record"),
        (_IS_LOST if column.table is unreadable else false()).label("is_lost"),
    ).where(column.in_(ids))
