"""Search in one node: the index beside its database, kept up and asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from storage.database import Database
from storage.found_rows import read_standing
from storage.prepared import Steps
from storage.record_views import RecordFilter
from storage.search.helper import indexing_helper
from storage.search.indexing import COMMIT_ENTRIES, Indexing
from storage.search.ranking import Candidate, Ranked, rank
from storage.search.scope import Scope
from storage.search.search_index import SearchIndex
from storage.search.searching import RANKED_MAX, Found, Names, Searching
from storage.search.synonyms import read_names
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

    async def catch_up(self, limit: int = COMMIT_ENTRIES) -> int:
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

                def told(entries: int) -> None:
                    self._index.look()
                    tell(entries)

                async with indexing_helper(location, self._folder, self._epoch, told):
                    yield
            finally:
                await asyncio.to_thread(self._index.refresh)

    async def begin_anew(self, epoch: bytes) -> None:
        """Throw the index away: the database is not the one that it was made from any more."""
        async with self._indexing.paused():
            self._epoch = epoch
            await asyncio.to_thread(self._index.clear, epoch)

    async def index_again(self, log_no: int) -> None:
        """Take what one log holds in anew: its municipality has another name."""
        async with self._indexing.paused():
            self._index.forget(log_no)

    async def make_ready(self) -> None:
        """Read what the first question would wait for otherwise."""
        await asyncio.to_thread(read_names)

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

    async def matching(
        self, text: str, product: str, supplier: str, *, among: Collection[bytes]
    ) -> set[bytes]:
        """Return those of some records that have a text and name a product and a supplier."""
        wanted = RecordFilter(text=text, product=product, supplier=supplier, literal=True)
        return await asyncio.to_thread(self._searching.matching, wanted, among)

    async def find(
        self,
        wanted: RecordFilter,
        *,
        hidden: tuple[int, ...],
        visible: Sequence[str],
        offset: int,
        limit: int,
        among: Sequence[int] | None = None,
    ) -> Found:
        """Return what a filter finds outside the logs that are hidden, of the records with these
        keys alone if ``among`` is given, and its best records by their text.

        They are those from an offset on; on the first pages they are the best hundred, to be put
        in order by more than their text (:func:`ranked_steps`).
        """
        best = is_ranked(offset)
        return await asyncio.to_thread(
            self._searching.find,
            wanted,
            Scope(visible, hidden),
            offset=0 if best else offset,
            limit=max(RANKED_MAX, offset + limit) if best else limit,
            among=among,
        )

    async def names(self, wanted: RecordFilter, logs: VisibleLogs, visible: Sequence[str]) -> Names:
        """Return the products and suppliers of a list without a text, the commonest first."""
        scope = Scope(visible, logs.hidden)
        return await asyncio.to_thread(self._searching.names, wanted, scope)

    async def months(self, logs: VisibleLogs, visible: Sequence[str]) -> dict[str, int]:
        """Return how many records were published in each month, "2026-11"."""
        return await asyncio.to_thread(self._searching.months, Scope(visible, logs.hidden))

    def close(self) -> None:
        """Let go of the index; what was not committed is indexed the next time."""
        self._index.close()
        self._searching.close()


def _by_text(hits: Sequence[tuple[bytes, float]], standing: Collection[bytes]) -> list[Ranked]:
    return [Ranked(one, score, score, 0, 0, 0) for one, score in hits if one in standing]


def is_ranked(offset: int) -> bool:
    """Whether a page that begins there is put in order by more than the text."""
    return offset < RANKED_MAX


def ranked_steps(
    found: Found, logs: VisibleLogs, visible: Sequence[str], near: frozenset[str], now_ms: int
) -> Steps[list[Ranked]]:
    """Return the records that were found and stand, in their order."""
    standing = yield from read_standing([record for record, _ in found.hits], visible)
    candidates = []
    for record, score in found.hits:
        if record in standing:
            one = standing[record]
            log = logs.by_number.get(one.log_no)
            is_near = log is not None and log.code in near
            candidates.append(Candidate(record, score, one.uses, one.published_ms, is_near))
    return rank(candidates[:RANKED_MAX], now_ms) + _by_text(found.hits[RANKED_MAX:], standing)
