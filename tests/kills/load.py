"""Writers who go on until they are stopped, and remember each thing that was acknowledged."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from tests.kills.served import GONE, REFUSED, Served

WRITERS = 4
_WAIT_SECONDS = 0.05


def a_record(random: Random) -> dict[str, object]:
    """The content of a small record."""
    return {
        "schema": 1,
        "type": "erfarenhet",
        "title": f"Exempel {random.randrange(10**9)}",
        "summary": "Exempel: vi prövade och skrev ner vad som hände. " * random.randint(1, 8),
        "area": "aldre",
        "status": "drift",
        "contact": {"role": "Verksamhetsutvecklare"},
        "example": True,
    }


class Load:
    """Several writers at one node; `acknowledged` is what they were told is stored."""

    def __init__(self, served: Served, random: Random) -> None:
        self._served = served
        self._random = random
        self._writing: list[asyncio.Task[None]] = []
        self.acknowledged: list[tuple[int, str]] = []
        """Numbers and ids of entries, since the last time they were taken."""
        self.refused: list[str] = []
        """What the node said when it did not store something."""

    def begin(self) -> None:
        """Let them write."""
        self._writing = [asyncio.create_task(self._write()) for _ in range(WRITERS)]

    async def end(self) -> None:
        """Let each finish what it is at; the node may be gone already."""
        for task in self._writing:
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
        self._writing = []

    def take(self) -> list[tuple[int, str]]:
        """What has been acknowledged since the last time."""
        taken, self.acknowledged = self.acknowledged, []
        return taken

    async def publish(self) -> dict[str, Any]:
        """One record; raises what the node answers."""
        content = a_record(self._random)
        told: dict[str, Any] = await self._served.ask("publish", kind="experience", content=content)
        self.acknowledged.append((told["sequence"], told["entry"]))
        return told

    async def _write(self) -> None:
        while True:
            try:
                await self.publish()
            except GONE:
                return
            except REFUSED as error:
                self.refused.append(f"{error.code}: {error}")
                await asyncio.sleep(_WAIT_SECONDS)
