"""How many stored entries the pages do not show yet, and how fast that goes.

Asked of the database at most once a second, and only while somebody wants to know.
"""

from __future__ import annotations

import asyncio

from node.clock import Clock
from node.pace import Pace, Stage, make_stage
from storage.projections import Projections

LOOK_MS = 1_000


class Backlog:
    """The stage after fetching: entries are made readable and searchable."""

    def __init__(self, projections: Projections, clock: Clock) -> None:
        self._projections = projections
        self._clock = clock
        self._looking = asyncio.Lock()
        self._looked_ms: int | None = None
        self._left = 0
        self._pace = Pace()

    async def stage(self, held: int) -> Stage:
        """How many of the entries held show on the pages."""
        async with self._looking:
            now_ms = self._clock.monotonic_ms()
            if self._looked_ms is None or now_ms - self._looked_ms >= LOOK_MS:
                self._left = await self._projections.lag()
                self._looked_ms = now_ms
                self._pace.note(now_ms, held - self._left)
        left = min(self._left, held)
        return make_stage(held - left, left, self._pace.per_second())
