"""Search in one node: the index beside its database, kept up and asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.record_views import RecordFilter
from storage.schema import helped, records, uses
from storage.search.helper import indexing_helper
from storage.search.indexing import BATCH_ENTRIES, Indexing
from storage.search.ranking import Candidate, Ranked, rank
from storage.search.search_index import SearchIndex
from storage.search.searching import RANKED_MAX, Found, Scope, Searching
from storage.visible_logs import VisibleLogs


class Search:
    """The index of one database in ``folder``; blocking work is done in threads."""

    def __init__(self, database: Database, folder: Path, epoch: bytes) -> None:
        self._database = database
        self._folder = folder
        self._epoch = epoch
        self._index = SearchIndex(folder, epoch)
        self._indexing = Indexing(database, self._index)
        self._searching = Searching(self._index)

    async def catch_up(self, limit: int = BATCH_ENTRIES) -> int:
        """Index up to ``limit`` entries more; returns how many, 0 when up to date."""
        return await self._indexing.catch_up(limit)

    @asynccontextmanager
    async def in_bulk(
        self, *, anew: bool = False, tell: Callable[[int], None] = lambda _: None
    ) -> AsyncIterator[None]:
        """Index in a process beside this one while the body runs and until all is in.

        ``anew`` throws away what there is; ``tell`` hears how many entries are in. Searching goes
        on meanwhile, in what was committed last. Raises :class:`storage.errors.IndexingError`.
        """
        async with self._indexing.paused():
            if anew:
                await asyncio.to_thread(self._index.clear)
            else:
                await asyncio.to_thread(self._index.close)
            try:
                location = self._database.location
                async with indexing_helper(location, self._folder, self._epoch, tell):
                    yield
            finally:
                await asyncio.to_thread(self._index.refresh)

    async def lag(self) -> int:
        """Return how many entries are in the record list and not in the index."""
        return await self._indexing.lag()

    async def suggest(
        self, beginning: str, logs: VisibleLogs, visible: Sequence[str], limit: int
    ) -> list[str]:
        """Return words with this beginning that a reader may see, the commonest first."""
        scope = Scope(visible, logs.hidden)
        return await asyncio.to_thread(self._searching.suggestions, beginning, scope, limit)

    async def similar(
        self, text: str, logs: VisibleLogs, visible: Sequence[str], limit: int
    ) -> list[bytes]:
        """Return records with at least a third of the words of a text, the likest first."""
        scope = Scope(visible, logs.hidden)
        return await asyncio.to_thread(self._searching.similar, text, scope, limit)

    async def matching(self, text: str, among: Collection[bytes]) -> set[bytes]:
        """Return those of some records that a text finds."""
        return await asyncio.to_thread(self._searching.matching, text, among)

    async def find(
        self,
        connection: AsyncConnection,
        wanted: RecordFilter,
        logs: VisibleLogs,
        visible: Sequence[str],
        *,
        offset: int,
        limit: int,
        now_ms: int,
    ) -> tuple[list[Ranked], Found]:
        """Return ``limit`` records from an offset on in their order, and what was found in all.

        The best hundred are ranked by more than their text; what comes after them by text alone.
        """
        scope = Scope(visible, logs.hidden)
        best = offset < RANKED_MAX
        found = await asyncio.to_thread(
            self._searching.find,
            wanted,
            scope,
            offset=0 if best else offset,
            limit=max(RANKED_MAX, offset + limit) if best else limit,
        )
        if not best:
            return _by_text(found.hits), found
        candidates = await _candidates(connection, found.hits[:RANKED_MAX], logs, wanted.near)
        ranked = rank(candidates, now_ms) + _by_text(found.hits[RANKED_MAX:])
        return ranked[offset : offset + limit], found

    def close(self) -> None:
        """Let go of the index; what was not committed is indexed the next time."""
        self._index.close()
        self._searching.close()


def _by_text(hits: Sequence[tuple[bytes, float]]) -> list[Ranked]:
    return [Ranked(record, score, score, 0, 0, 0) for record, score in hits]


async def _candidates(
    connection: AsyncConnection,
    hits: Sequence[tuple[bytes, float]],
    logs: VisibleLogs,
    near: frozenset[str],
) -> list[Candidate]:
    ids = [record for record, _ in hits]
    columns = (records.c.record_id, records.c.log_no, records.c.published_ms)
    standing = (records.c.record_id.in_(ids), records.c.withdrawn.is_(None))
    facts = {row[0]: row for row in await connection.execute(select(*columns).where(*standing))}
    used: Counter[bytes] = Counter()
    for table in (uses, helped):
        number = func.count(distinct(table.c.log_no))
        statement = select(table.c.record_id, number).where(
            table.c.record_id.in_(ids), *logs.shows(table)
        )
        for record, count in await connection.execute(statement.group_by(table.c.record_id)):
            used[record] += count
    found = []
    for record, score in hits:
        if record in facts:
            _, log_no, published_ms = facts[record]
            log = logs.by_number.get(log_no)
            is_near = log is not None and log.code in near
            found.append(Candidate(record, score, used[record], published_ms, is_near))
    return found
