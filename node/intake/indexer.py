"""Keeps the search index up with the record list, a moment behind it.

While many entries come in, records are made first and words after: somebody who looks at the list
sees them at once, and searching finds them when the rush is over. A new entry alone is found within
a second.
"""

from __future__ import annotations

import asyncio
import contextlib

from structlog.typing import FilteringBoundLogger

from node.ground.background import finish
from storage.projections import Projections
from storage.search.search import Search

GATHER_SECONDS = 1.0
"""Between two commits of the index; each costs some tens of milliseconds whatever is in it."""
BEHIND_ENTRIES = 5_000
"""While the record list lacks more than this, the index waits for it."""
FEW_ENTRIES = 1_000
BULK_ENTRIES = 3_000
"""While the index lacks more than this, a process beside this one fills it: on the other core, and
not in the way of whoever writes or reads here."""
WAIT_SECONDS = 1.0
RETRY_SECONDS = 5.0


class Indexer:
    """One loop; `wake` tells it that the record list has changed."""

    def __init__(
        self, search: Search, projections: Projections, logger: FilteringBoundLogger
    ) -> None:
        self._search = search
        self._projections = projections
        self._logger = logger
        self._woken = asyncio.Event()
        self._hurried = asyncio.Event()
        self._wanted = 0
        self._done = 0
        self._changed = asyncio.Condition()
        self._failure: Exception | None = None

    def wake(self) -> None:
        """Records were made that are not indexed yet."""
        self._wanted += 1
        self._woken.set()

    async def settled(self) -> None:
        """Wait until all that was in the record list is found; raises its failure."""
        self.wake()
        target, self._failure = self._wanted, None
        self._hurried.set()
        async with self._changed:
            await self._changed.wait_for(lambda: self._done >= target or self._failure is not None)
        if self._done < target and self._failure is not None:
            raise self._failure

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._woken.wait()
            # Whoever just wrote looks at the pages now; the index can wait a moment.
            await self._pause(GATHER_SECONDS)
            self._woken.clear()
            target, self._failure = self._wanted, None
            try:
                await self._keep_up()
                self._done = target
            except Exception as error:
                self._failure = error
                self._logger.exception("indexing for search failed")
            async with self._changed:
                self._changed.notify_all()
            if self._failure is not None:
                await self._pause(RETRY_SECONDS)
                self._woken.set()

    async def _keep_up(self) -> None:
        self._hurried.clear()
        while True:
            if await self._projections.lag() > BEHIND_ENTRIES:
                await self._pause(WAIT_SECONDS)
            elif await self._search.lag() > BULK_ENTRIES:
                async with self._search.in_bulk():
                    pass
            elif not (count := await finish(self._search.catch_up())):
                return
            elif count < FEW_ENTRIES and await self._search.lag():
                await self._pause(GATHER_SECONDS)  # a commit for each would take the disk's time

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurried.wait()
