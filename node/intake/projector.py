"""Keeps the projections up with the log, beside ingest and never in its way.

The log is the truth and is written first; this loop then applies what is new, in bounded steps
between which ingest gets the database. A failure here is logged and tried again: it delays what is
shown, never what is kept.
"""

from __future__ import annotations

import asyncio
import contextlib

from structlog.typing import FilteringBoundLogger

from node.ground.background import finish
from node.intake.ingest import Committed
from storage.projections import Projections

STEP_ENTRIES = 1_000
RETRY_SECONDS = 5.0


class Projector:
    """One loop; `wake` tells it that entries were committed."""

    def __init__(self, projections: Projections, logger: FilteringBoundLogger) -> None:
        self._projections = projections
        self._logger = logger
        self._woken = asyncio.Event()
        self._wanted = 0
        self._done = 0
        self._changed = asyncio.Condition()
        self._failure: Exception | None = None

    def wake(self) -> None:
        """Entries were committed that are not projected yet."""
        self._wanted += 1
        self._woken.set()

    def on_committed(self, _committed: Committed) -> None:
        """Listener of ingest."""
        self.wake()

    async def settled(self) -> None:
        """Wait until all that was committed before this call is projected; raises its failure."""
        target = self._wanted
        async with self._changed:
            await self._changed.wait_for(lambda: self._done >= target or self._failure is not None)
        if self._done < target and self._failure is not None:
            raise self._failure

    async def catch_up(self) -> None:
        """Apply everything that is new; for a node that does not run its loop."""
        while await finish(self._projections.catch_up(STEP_ENTRIES)):
            pass

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            target, self._failure = self._wanted, None
            try:
                await self.catch_up()
                self._done = target
            except Exception as error:
                self._failure = error
                self._logger.exception("projection failed")
            async with self._changed:
                self._changed.notify_all()
            if self._failure is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), RETRY_SECONDS)
                self._woken.set()
