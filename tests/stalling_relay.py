"""A relay that stops passing on what the dialled side sends, after so many bytes, until let go."""

from __future__ import annotations

import asyncio

from tests.benchmarks.relay import Relay


class StallingRelay(Relay):
    """A line that gets stuck half-way through a sync, on purpose and repeatably."""

    def __init__(self, port: int, after_bytes: int) -> None:
        super().__init__(port)
        self._after_bytes = after_bytes
        self._free = asyncio.Event()

    def let_go(self) -> None:
        """Pass everything on from now on."""
        self._free.set()

    async def note(self, chunk: bytes, *, outwards: bool) -> None:
        """Hold back what would go beyond the bound."""
        await super().note(chunk, outwards=outwards)
        if not outwards and self.received_bytes > self._after_bytes:
            await self._free.wait()
