"""Everything that pages read, derived from the log and rebuilt from it at will.

Entries are folded in the order of their position in this database; a cursor, moved in the same
transaction as the rows, says how far. What comes out does not depend on how the entries of
different logs interleaved, on batch sizes or on restarts: :meth:`Projections.digest` is equal on
all nodes that hold the same logs, and after a rebuild. Only columns of this node's own (times of
arrival, row numbers, error texts) are left out of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Row, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol import canonical
from protocol.fold import LoggedContent, fold
from storage.database import Database
from storage.projected_rows import Arrived
from storage.projection_batch import ProjectionBatch
from storage.schema import PROJECTIONS, entries, logs, projection_state
from storage.stored_entry import stored_envelope
from storage.upsert import upsert

PROJECTION_VERSION = 1
"""Raise this when the meaning of an entry changes; every node then rebuilds by itself."""

_NAME = "records"
_BATCH_ENTRIES = 1_000
_INLINE_ENTRIES = 8
"""Up to so many entries are folded on the loop: a thread would cost more time than the work."""
_DIGEST_ROWS = 500
_Stored: TypeAlias = Row[*tuple[Any, ...]]


class _Cursor(NamedTuple):
    version: int
    position: int


class Projections:
    """Keeps the projections up with the log; one at a time per database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._busy = asyncio.Lock()

    async def catch_up(self, limit: int = _BATCH_ENTRIES) -> int:
        """Apply up to ``limit`` entries in one transaction; returns how many, 0 when up to date.

        Raises :class:`storage.errors.DamagedLogError` for an entry the disk has changed.
        """
        async with self._busy:
            return await self._catch_up(limit)

    async def rebuild(self) -> int:
        """Drop all projections and derive them anew; returns the number of entries.

        In steps: a rebuild that is cut short is continued by the next :meth:`catch_up`.
        """
        async with self._busy:
            await self._clear()
            total = 0
            while count := await self._catch_up(_BATCH_ENTRIES):
                total += count
            return total

    async def lag(self) -> int:
        """Return how many stored entries are not applied yet."""
        async with self._database.read() as connection:
            cursor = await _read_cursor(connection)
            position = cursor.position if cursor.version == PROJECTION_VERSION else 0
            newer = select(func.count()).select_from(entries).where(entries.c.position > position)
            return (await connection.execute(newer)).scalar_one()

    async def digest(self) -> str:
        """Return SHA-256, in hexadecimal, over all projected rows in one order."""
        digest = hashlib.sha256()
        async with self._database.read() as connection:
            for table in PROJECTIONS:
                digest.update(canonical.encode(table.name))
                await _digest_table(connection, table, digest)
        return digest.hexdigest()

    async def _catch_up(self, limit: int) -> int:
        while True:
            async with self._database.read() as connection:
                before = await _read_cursor(connection)
                current = before.version == PROJECTION_VERSION
                rows = await _read_entries(connection, before.position, limit) if current else []
            if not current:
                await self._clear()
                continue
            if not rows:
                return 0
            # Checking and folding is most of the work and needs no lock; only rows are written in
            # the transaction.
            inline = len(rows) <= _INLINE_ENTRIES
            batch = _fold(rows) if inline else await asyncio.to_thread(_fold, rows)
            if await self._apply(before, batch, rows[-1].position):
                return len(rows)

    async def _apply(self, before: _Cursor, batch: list[Arrived], position: int) -> bool:
        """Write a batch unless somebody else has moved the cursor meanwhile."""
        async with self._database.write() as connection:
            if await _read_cursor(connection) != before:
                return False
            await ProjectionBatch(self._database, connection).run(batch)
            await self._move_cursor(connection, position)
        return True

    async def _clear(self) -> None:
        async with self._database.write() as connection:
            for table in PROJECTIONS:
                await connection.execute(delete(table))
            await self._move_cursor(connection, 0)

    async def _move_cursor(self, connection: AsyncConnection, position: int) -> None:
        row = {"name": _NAME, "version": PROJECTION_VERSION, "position": position}
        await connection.execute(upsert(self._database, projection_state), [row])


async def _read_cursor(connection: AsyncConnection) -> _Cursor:
    columns = (projection_state.c.version, projection_state.c.position)
    statement = select(*columns).where(projection_state.c.name == _NAME)
    row = (await connection.execute(statement)).first()
    return _Cursor(*row) if row else _Cursor(0, 0)


async def _read_entries(
    connection: AsyncConnection, position: int, limit: int
) -> Sequence[_Stored]:
    statement = (
        select(
            logs.c.log_id,
            entries.c.sequence,
            entries.c.id,
            entries.c.raw,
            entries.c.salt,
            entries.c.content,
            entries.c.position,
            entries.c.log_no,
            entries.c.received_ms,
        )
        .join(logs, logs.c.log_no == entries.c.log_no)
        .where(entries.c.position > position)
        .order_by(entries.c.position)
        .limit(limit)
    )
    return (await connection.execute(statement)).all()


def _fold(rows: Sequence[_Stored]) -> list[Arrived]:
    """Check and fold entries; runs in a thread, touches nothing shared."""
    found: list[Arrived] = []
    for row in rows:
        entry, body = stored_envelope(row)
        header = entry.header
        content = body.content if body else None
        logged = LoggedContent(
            row.log_id, row.sequence, entry.id, header.time_ms, header.kind, content
        )
        found.extend(Arrived(change, row.log_no, row.received_ms) for change in fold(logged))
    return found


async def _digest_table(connection: AsyncConnection, table: Table, digest: Any) -> None:
    columns = [
        column
        for column in table.columns
        if column.name != "log_no" and not column.info.get("local", False)
    ]
    statement = (
        select(logs.c.log_id, *columns)
        .join(logs, logs.c.log_no == table.c.log_no)
        .order_by(logs.c.log_id, table.c.sequence)
    )
    result = await connection.stream(statement)
    async for rows in result.partitions(_DIGEST_ROWS):
        for row in rows:
            digest.update(canonical.encode(list(row)))
