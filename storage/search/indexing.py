"""Keeping the index up with the log, behind the projections.

The same entries that made the records are read once more, from where each log's cursor stands to
where its records are; a record is put in as its newest version says, and taken out when it is
withdrawn. So nothing of a text is kept twice in the database, and the index can be made anew from
the log alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from sqlalchemy import select

from storage.damage_store import DamageStore
from storage.database import Database
from storage.errors import DamagedLogError
from storage.prepared import Prepared, Step, Steps, among_ids, ids_at_once
from storage.projection_cursor import (
    PROJECTION_VERSION,
    Slice,
    read_slices_of,
    read_version,
)
from storage.reachable import Obstacles, read_gaps, within_reach
from storage.run_rows import LogPlace
from storage.schema import logs, projected_logs, records
from storage.search.analysing import Told, analyse
from storage.search.documents import Indexed
from storage.search.search_index import SearchIndex

BATCH_ENTRIES = 2_000
COMMIT_ENTRIES = 10_000
"""A commit costs the same whatever is in it, and leaves a segment that must be merged later."""
COMMIT_SECONDS = 0.4
"""What is in the index is found when it is committed, so that must not wait for many more."""

_FACTS_AT_ONCE = 100

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
    .where(among_ids(records.c.record_id, _FACTS_AT_ONCE))
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


class _Begun(NamedTuple):
    """Entries that are being analysed."""

    slices: Sequence[Slice]
    told: asyncio.Future[list[Told]]


class Indexing:
    """Fills one index from one database; calls must follow one another."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self._database = database
        self._index = index
        self._busy = asyncio.Lock()
        self._analysts: Executor | None = None
        self._at_once = 1
        self._begun: deque[_Begun] = deque()

    def analyse_with(self, analysts: Executor | None, at_once: int) -> None:
        """Have texts analysed by others, None for a thread, and so many steps at a time; as long
        as nobody says so it is a thread and one."""
        self._analysts, self._at_once = analysts, at_once

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
        behind = await self._behind(self._index.cursors)
        return sum(place.head_sequence - after for place, after in behind)

    async def apply(self, limit: int) -> int:
        """Index up to ``limit`` entries without committing; returns how many."""
        obstacles = Obstacles(DamageStore(self._database))
        while True:
            try:
                await self._begin(limit)
                if not self._begun:
                    return 0
                slices, told = self._begun.popleft()
                return await self._apply(slices, await told)
            except DamagedLogError as error:
                self._forget_begun()
                await obstacles.note(error)
            except BaseException:
                self._forget_begun()
                raise

    async def _begin(self, limit: int) -> None:
        """Have entries analysed, until so many steps are under way as there may be."""
        loop = asyncio.get_running_loop()
        while len(self._begun) < self._at_once and (behind := await self._behind(self._ahead())):
            slices = await self._database.ask(partial(read_slices_of, behind, limit))
            told = loop.run_in_executor(self._analysts, analyse, slices)
            self._begun.append(_Begun(slices, told))

    def _ahead(self) -> dict[int, int]:
        """How far each log will be when all that has begun is in."""
        begun = {part.log_no: part.through for some in self._begun for part in some.slices}
        return {**self._index.cursors, **begun}

    def _forget_begun(self) -> None:
        """What follows on entries that could not be put in must be read once more."""
        for some in self._begun:
            some.told.cancel()
        self._begun.clear()

    async def _apply(self, slices: Sequence[Slice], told: Sequence[Told]) -> int:
        touched = list(dict.fromkeys(one.record for one in told))
        facts = await self._database.ask(partial(_read_facts, touched))
        cursors = {part.log_no: part.through for part in slices}
        await asyncio.to_thread(self._put, told, facts, cursors)
        return sum(part.entry_count for part in slices)

    async def _behind(self, cursors: Mapping[int, int]) -> list[tuple[LogPlace, int]]:
        """The logs that lack something, those that lack little first, and how far each is."""
        reached = await self._database.ask(_read_reached)
        gaps = await self._database.ask(read_gaps)
        found = [(place, cursors.get(place.log_no, 0)) for place in reached]
        lacking = within_reach(found, gaps)
        return sorted(lacking, key=lambda item: (item[0].head_sequence - item[1], item[0].log_no))

    def _put(
        self, told: Sequence[Told], facts: Mapping[bytes, Facts], cursors: Mapping[int, int]
    ) -> None:
        indexed: dict[bytes, Indexed] = {}
        gone: list[bytes] = []
        for record, entry, said in told:
            found = facts.get(record)
            if found is None:
                continue
            if said is None:
                if found.withdrawn is not None:
                    gone.append(record)
                    indexed.pop(record, None)
            elif found.withdrawn is None and found.version == entry:
                indexed[record] = Indexed(
                    record,
                    found.log_no,
                    found.code,
                    found.municipality,
                    found.published_ms,
                    said,
                )
        self._index.apply(indexed.values(), gone, cursors)


def _read_reached() -> Steps[list[LogPlace]]:
    """How far the records of each log are made; nothing while they are made anew by other rules."""
    if (yield from read_version()) != PROJECTION_VERSION:
        return []
    return [LogPlace(*row) for row in (yield Step(_REACHED))]


def _read_facts(wanted: Sequence[bytes]) -> Steps[dict[bytes, Facts]]:
    if not wanted:
        return {}
    rows = yield Step(_FACTS, list(ids_at_once(wanted, _FACTS_AT_ONCE)))
    return {row[0]: Facts(*row) for row in rows}
