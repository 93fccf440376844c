"""Keeps the search index up with the record list, a moment behind it.

While many entries come in, records are made first and words after: somebody who looks at the list
sees them at once, and searching finds them when the rush is over. A new entry alone is found within
a second.
"""

from __future__ import annotations

import asyncio

from structlog.typing import FilteringBoundLogger

from node.ground.background import finish
from node.intake.keeping_up import KeepingUp
from storage.projections import Projections
from storage.search.search import Search

GATHER_SECONDS = 1.0
"""Between two commits of the index; each costs some tens of milliseconds whatever is in it."""
BEHIND_ENTRIES = 5_000
"""While the record list lacks more than this, the index waits for it."""
FEW_ENTRIES = 1_000
"""When a commit held fewer than this and more has come, it gathers again before the next."""
BULK_ENTRIES = 3_000
"""While the index lacks more than this, a process beside this one fills it: on the other core, and
not in the way of whoever writes or reads here."""
WAIT_SECONDS = 1.0


class Indexer(KeepingUp):
    """One loop; `wake` tells it that the record list has changed."""

    def __init__(
        self, search: Search, projections: Projections, logger: FilteringBoundLogger
    ) -> None:
        super().__init__(logger, "indexing for search failed")
        self._search = search
        self._projections = projections

    async def settled(self) -> None:
        """Wait until all that was in the record list is found; raises its failure."""
        self.wake()
        self._failure = None  # what failed before is tried again now
        target = self._wanted
        with self._hurry():
            await self._wait(lambda: self._done >= target)

    async def _keep_up(self) -> None:
        # Whoever just wrote looks at the pages now; the index can wait a moment.
        await self._pause(GATHER_SECONDS)
        await self._search.make_ready()
        while True:
            if await self._projections.lag_in_reach() > BEHIND_ENTRIES:
                await asyncio.sleep(WAIT_SECONDS)
            elif await self._search.lag() > BULK_ENTRIES:
                async with self._search.in_bulk():
                    pass
            elif not (count := await finish(self._search.catch_up())):
                return
            elif count < FEW_ENTRIES and await self._search.lag():
                await self._pause(GATHER_SECONDS)  # a commit for each would take the disk's time
