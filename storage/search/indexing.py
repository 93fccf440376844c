"""Keeping the index up with the log, behind the projections.

The same entries that made the records are read once more, from where each log's cursor stands to
where its records are; a record is put in as its newest version says, and taken out when it is
withdrawn. So nothing of a text is kept twice in the database, and the index can be made anew from
the log alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from sqlalchemy import bindparam, select

from protocol.fold import RecordPublished, RecordReplaced, Withdrawn
from storage.damage_store import DamageStore
from storage.database import Database
from storage.errors import DamagedLogError
from storage.prepared import Prepared, Step, Steps
from storage.projected_rows import Arrived
from storage.projection_cursor import (
    PROJECTION_VERSION,
    Slice,
    read_slices_of,
    read_version,
)
from storage.projection_fold import fold_slices
from storage.reachable import Obstacles, read_gaps, within_reach
from storage.run_rows import LogPlace
from storage.schema import logs, projected_logs, records
from storage.search.documents import Indexed
from storage.search.search_index import SearchIndex

BATCH_ENTRIES = 2_000
COMMIT_ENTRIES = 10_000
"""A commit costs the same whatever is in it, and leaves a segment that must be merged later."""
COMMIT_SECONDS = 0.7
"""What is in the index is found when it is committed, so that must not wait for many more."""

_REACHED = Prepared(
    select(logs.c.log_id, logs.c.log_no, projected_logs.c.sequence)
    .join(projected_logs, projected_logs.c.log_no == logs.c.log_no)
    .order_by(logs.c.log_no)
)
_FACTS = Prepared(
    select(
        records.c.record_id,
        records.c.log_no,
        records.c.version_id,
        records.c.published_ms,
        records.c.withdrawn,
        logs.c.code,
        logs.c.name,
    )
    .join(logs, logs.c.log_no == records.c.log_no)
    .where(records.c.record_id == bindparam("wanted"))
)


class Facts(NamedTuple):
    """What the database says of a record beside its texts."""

    record: bytes
    log_no: int
    version: bytes
    published_ms: int
    withdrawn: str | None
    code: str
    municipality: str


class Indexing:
    """Fills one index from one database; calls must follow one another."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self._database = database
        self._index = index
        self._busy = asyncio.Lock()

    async def catch_up(self, limit: int = COMMIT_ENTRIES) -> int:
        """Index about ``limit`` entries, or what a moment allows, and commit; returns how many,
        0 when up to date. What the disk has changed holds up its own log alone, until it is back.
        """
        async with self._busy:
            total, now = 0, asyncio.get_running_loop().time
            ends = now() + COMMIT_SECONDS
            while total < limit and (count := await self.apply(min(limit, BATCH_ENTRIES))):
                total += count
                if now() >= ends:
                    break
            if total:
                await asyncio.to_thread(self._index.commit)
            return total

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Put in nothing while the body runs: somebody else does."""
        async with self._busy:
            yield

    async def lag(self) -> int:
        """Return how many projected entries are not indexed yet, of those that can be read."""
        return sum(place.head_sequence - after for place, after in await self._behind())

    async def apply(self, limit: int) -> int:
        """Index up to ``limit`` entries without committing; returns how many."""
        obstacles = Obstacles(DamageStore(self._database))
        while behind := await self._behind():
            try:
                slices = await self._database.ask(partial(read_slices_of, behind, limit))
                changes = await asyncio.to_thread(fold_slices, slices)
            except DamagedLogError as error:
                await obstacles.note(error)
            else:
                return await self._apply(slices, changes)
        return 0

    async def _apply(self, slices: Sequence[Slice], changes: Sequence[Arrived]) -> int:
        facts = await self._database.ask(partial(_read_facts, _touched(changes)))
        cursors = {part.log_no: part.through for part in slices}
        await asyncio.to_thread(self._put, changes, facts, cursors)
        return sum(part.entry_count for part in slices)

    async def _behind(self) -> list[tuple[LogPlace, int]]:
        """The logs that lack something, those that lack little first, and how far each is."""
        reached = await self._database.ask(_read_reached)
        gaps = await self._database.ask(read_gaps)
        cursors = self._index.cursors
        found = [(place, cursors.get(place.log_no, 0)) for place in reached]
        lacking = within_reach(found, gaps)
        return sorted(lacking, key=lambda item: (item[0].head_sequence - item[1], item[0].log_no))

    def _put(
        self, changes: Sequence[Arrived], facts: Mapping[bytes, Facts], cursors: Mapping[int, int]
    ) -> None:
        indexed: dict[bytes, Indexed] = {}
        gone: list[bytes] = []
        for arrived in changes:
            change = arrived.change
            if isinstance(change, Withdrawn):
                found = facts.get(change.target)
                if found is not None and found.withdrawn is not None:
                    gone.append(change.target)
                    indexed.pop(change.target, None)
            elif isinstance(change, RecordPublished | RecordReplaced):
                found = facts.get(_record_of(change))
                if found and found.withdrawn is None and found.version == change.entry_id:
                    indexed[found.record] = Indexed(
                        found.record,
                        found.log_no,
                        found.code,
                        found.municipality,
                        found.published_ms,
                        change.experience,
                    )
        self._index.apply(indexed.values(), gone, cursors)


def _record_of(change: RecordPublished | RecordReplaced) -> bytes:
    return change.entry_id if isinstance(change, RecordPublished) else change.record


def _touched(changes: Sequence[Arrived]) -> list[bytes]:
    found: dict[bytes, None] = {}
    for arrived in changes:
        change = arrived.change
        if isinstance(change, Withdrawn):
            found[change.target] = None
        elif isinstance(change, RecordPublished | RecordReplaced):
            found[_record_of(change)] = None
    return list(found)


def _read_reached() -> Steps[list[LogPlace]]:
    """How far the records of each log are made; nothing while they are made anew by other rules."""
    if (yield from read_version()) != PROJECTION_VERSION:
        return []
    return [LogPlace(*row) for row in (yield Step(_REACHED))]


def _read_facts(wanted: Sequence[bytes]) -> Steps[dict[bytes, Facts]]:
    if not wanted:
        return {}
    rows = yield Step(_FACTS, [{"wanted": record} for record in wanted])
    return {row[0]: Facts(*row) for row in rows}
