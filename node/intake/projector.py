"""Keeps the projections up with the log, beside ingest and never in its way.

The log is the truth and is written first; this loop then applies what is new, in bounded steps
between which ingest gets the database. While the log arrives in bulk it gets the processor, too:
pages then follow in a step now and then, and as soon as somebody waits for them. A failure here is
logged and tried again: it delays what is shown, never what is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

from structlog.typing import FilteringBoundLogger

from node.ground.background import finish
from node.ground.chores import Chores
from node.intake.growth import Growth
from node.intake.keeping_up import KeepingUp
from node.intake.right_of_way import RightOfWay
from node.intake.step import Committed
from storage.projections import Projections

STEP_ENTRIES = 1_000
BULK_BYTES = 100_000
"""So much waiting to be committed is part of a first sync, an import or a long absence."""


class Projector(KeepingUp):
    """One loop; `wake` tells it that entries were committed."""

    def __init__(
        self,
        projections: Projections,
        logger: FilteringBoundLogger,
        *,
        ingest_bytes: Callable[[], int],
        chores: Chores,
    ) -> None:
        """`ingest_bytes` tells how much waits to be committed."""
        super().__init__(logger, "projection failed")
        self._projections = projections
        self._ingest_bytes = ingest_bytes
        self._chores = chores
        self._growth = Growth()
        self._steps = 0
        self._right_of_way = RightOfWay()
        self.listeners: list[Callable[[], None]] = []
        """Called after each step: what pages read has changed."""

    @property
    def steps(self) -> int:
        """How many times something was projected; as long as it is the same, so are the pages."""
        return self._steps

    def on_committed(self, _committed: Committed) -> None:
        """Listener of ingest."""
        self._right_of_way.committed_at = asyncio.get_running_loop().time()
        self.wake()

    async def settled(self, *, hurried: bool = True) -> None:
        """Wait until all that was committed before this call is projected; raises its failure.

        Unless `hurried`, the log keeps its right of way.
        """
        target = self._wanted
        with self._hurry() if hurried else contextlib.nullcontext():
            await self._wait(lambda: self._done >= target)

    async def reached(self, log: bytes, sequence: int) -> None:
        """Wait until a log is projected this far, whatever else is behind; raises its failure."""
        with self._hurry():
            while True:
                steps = self._steps
                if await self._projections.reached(log) >= sequence:
                    return
                await self._wait(partial(self._has_stepped, steps))
                await self._projections.require_reach(log, sequence)

    def _has_stepped(self, since: int) -> bool:
        return self._steps != since

    async def catch_up(self) -> None:
        """Apply everything that is new; for a node that does not run its loop."""
        while await finish(self._projections.catch_up(STEP_ENTRIES)):
            pass

    async def _keep_up(self) -> None:
        applied = 1
        while applied:
            await self._give_way()
            applied = await finish(self._projections.catch_up(STEP_ENTRIES))
            self._steps += 1
            if applied:
                for listener in self.listeners:
                    listener()
            if self._growth.add(applied):
                self._chores.add(self._projections.renew_statistics)
            await self._tell()

    async def _give_way(self) -> None:
        now = asyncio.get_running_loop().time
        began = now()
        while not self._waiting:
            if self._ingest_bytes() >= BULK_BYTES:
                self._right_of_way.bulk_at = now()
            seconds = self._right_of_way.wait_seconds(now(), since=began)
            if seconds <= 0:
                return
            await self._pause(seconds)
