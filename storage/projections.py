"""Everything that pages read, derived from the log and rebuilt from it at will.

A cursor for each log, moved in the same transaction as the rows, says how far that log is applied.
Logs that lack little come first, so that a new entry shows at once while a million others are still
being worked through. What comes out does not depend on how the entries of different logs
interleaved, on batch sizes or on restarts: :meth:`Projections.digest` is equal on all nodes that
hold the same logs, and after a rebuild. Only columns of this node's own (times of arrival, row
numbers, error texts) are left out of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol import canonical
from storage.damage_store import DamageStore
from storage.database import Database
from storage.errors import DamagedLogError
from storage.prepared import Steps
from storage.projected_rows import Arrived
from storage.projection_batch import apply_steps
from storage.projection_cursor import (
    PROJECTION_VERSION,
    Slice,
    clear_steps,
    move_steps,
    read_lag,
    read_lag_in_reach,
    read_obstacle,
    read_reached,
    read_slices,
    read_version,
)
from storage.projection_fold import fold_slices
from storage.question_queries import QUESTION
from storage.reachable import Obstacles
from storage.recent_changes import RecentChanges
from storage.schema import PROJECTIONS, logs
from storage.stored_run import damaged

_BATCH_ENTRIES = 1_000
_REBUILD_ENTRIES = 4_000
"""Larger steps write each page of an index less often; nobody waits for the first of them."""
_INLINE_ENTRIES = 8
"""Up to so many entries are folded on the loop: a thread would cost more time than the work."""
_DIGEST_ROWS = 500


class Projections:
    """Keeps the projections up with the log; one at a time per database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._busy = asyncio.Lock()
        self.recent = RecentChanges()

    async def catch_up(self, limit: int = _BATCH_ENTRIES) -> int:
        """Apply up to ``limit`` entries in one transaction; returns how many, 0 when up to date.

        What the disk has changed holds up its own log alone, until it is back.
        """
        async with self._busy:
            return await self._catch_up(limit)

    async def rebuild(self, tell: Callable[[int], None] = lambda _: None) -> int:
        """Drop all projections and derive them anew; returns the number of entries.

        In steps, of which ``tell`` hears how many entries are done; a rebuild that is cut short is
        continued by the next :meth:`catch_up`.
        """
        async with self._busy:
            await self._database.transact(clear_steps)
            total = 0
            while count := await self._catch_up(_REBUILD_ENTRIES):
                total += count
                tell(total)
            return total

    async def renew_statistics(self) -> None:
        """Have the database look how much there is by now; see :class:`Database`."""
        await self._database.renew_statistics([table.name for table in PROJECTIONS])

    async def lag(self) -> int:
        """Return how many stored entries are not applied yet."""
        return await self._database.ask(read_lag)

    async def lag_in_reach(self) -> int:
        """Return how many of them can be: what the disk has changed is left out."""
        return await self._database.ask(read_lag_in_reach)

    async def require_reach(self, log: bytes, sequence: int) -> None:
        """Raise :class:`DamagedLogError` when a log cannot be applied up to a number now."""
        obstacle = await self._database.ask(lambda: read_obstacle(log, sequence))
        if obstacle:
            raise damaged(log, obstacle, "what comes after it cannot be shown")

    async def reached(self, log: bytes) -> int:
        """Return the number of a log's newest entry that is applied; 0 when none is."""
        return await self._database.ask(lambda: read_reached(log))

    async def digest(self) -> str:
        """Return SHA-256, in hexadecimal, over all projected rows in one order."""
        digest = hashlib.sha256()
        async with self._database.read() as connection:
            for table in PROJECTIONS:
                digest.update(canonical.encode(table.name))
                await _digest_table(connection, table, digest)
        return digest.hexdigest()

    async def _catch_up(self, limit: int) -> int:
        obstacles = Obstacles(DamageStore(self._database))
        while True:
            if await self._database.ask(read_version) != PROJECTION_VERSION:
                await self._database.transact(clear_steps)
            try:
                slices, batch = await self._read(limit)
            except DamagedLogError as error:
                await obstacles.note(error)
                continue
            if not slices:
                return 0
            count = sum(part.entry_count for part in slices)
            if await self._database.transact(partial(_apply_steps, slices, batch, self.recent)):
                return count

    async def _read(self, limit: int) -> tuple[list[Slice], list[Arrived]]:
        """Check and fold what comes next. That is most of the work and needs no lock; only rows are
        written in the transaction."""
        slices = await self._database.ask(partial(read_slices, limit))
        inline = sum(part.entry_count for part in slices) <= _INLINE_ENTRIES
        batch = fold_slices(slices) if inline else await asyncio.to_thread(fold_slices, slices)
        return slices, batch


def _apply_steps(slices: list[Slice], batch: list[Arrived], recent: RecentChanges) -> Steps[bool]:
    """Write a batch unless somebody else has moved a cursor meanwhile; False if so.

    What it changed is noted before it is committed: whoever then sees it finds it noted.
    """
    if not (yield from move_steps(slices)):
        return False
    listed = yield from apply_steps(batch)
    recent.note(slices, batch, QUESTION, listed)
    return True


async def _digest_table(connection: AsyncConnection, table: Table, digest: Any) -> None:
    columns = [
        column
        for column in table.columns
        if column.name != "log_no" and not column.info.get("local", False)
    ]
    statement = (
        select(logs.c.log_id, *columns)
        .join(logs, logs.c.log_no == table.c.log_no)
        .order_by(logs.c.log_id, table.c.sequence, *table.primary_key)
    )
    result = await connection.stream(statement)
    async for rows in result.partitions(_DIGEST_ROWS):
        for row in rows:
            digest.update(canonical.encode(list(row)))
