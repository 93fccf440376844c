"""An approved neighbour that does its worst, in a process of its own, as it is told line by line.

It runs at the lowest priority: what it takes of this machine would be taken elsewhere. What it
costs the node is the node's own work.
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from factories import LogMaker
from hostile_neighbour import (
    Door,
    HostileNeighbour,
    RefusedByNodeError,
    hang_up,
    open_socket,
    shake_hands,
)
from protocol.errors import RemoteError
from tests.benchmarks.node_process import answer, read_commands
from tests.exhaustion import behaviours

MAKER_NUMBER = 4
PAUSE_SECONDS = 0.01
"""Before one that was turned away comes back: at once, but for other behaviours beside it."""
CALLER = {"X-Forwarded-For": "203.0.113.66"}
"""The address that the node's proxy sees: a call from this machine itself is never counted."""
TURNED_AWAY = (
    TimeoutError, aiohttp.ClientError, RemoteError, RefusedByNodeError, OSError, TypeError,
)  # fmt: skip
"""How a session's end shows; TypeError: the socket has closed instead of bringing bytes."""


@dataclass(frozen=True, slots=True)
class CalledNode:
    """Where the attacked node is called, and whose it is."""

    url: str
    log_id: bytes


class Attacker:
    """One hostile neighbour; ``done`` counts what it got to do since it was last asked."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.maker = LogMaker(MAKER_NUMBER, code="9104", name="Exempel 9104")
        self.start = self.maker.fork()
        self.stored = 0
        """How far the node has said that it holds the attacker's log."""
        self.done: Counter[str] = Counter()
        self._ends_at = math.inf

    async def attack(self, behaviour: str, seconds: float) -> dict[str, Any]:
        """Behave in one way for so long, or in all ways side by side; returns what was done."""
        self.done.clear()
        names = list(behaviours.ALL) if behaviour == behaviours.AT_ONCE else [behaviour]
        self._ends_at = asyncio.get_running_loop().time() + seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                for name in names:
                    group.create_task(self.go_on(name))
        return {"done": dict(self.done)}

    async def go_on(self, name: str) -> None:
        """Behave in one way, and again whenever that has ended, until cancelled.

        Should what is cancelled end in another way just then, the clock says that it is over.
        """
        while asyncio.get_running_loop().time() < self._ends_at:
            try:
                await behaviours.ALL[name](self)
                self.done[f"{name}: times"] += 1
            except TURNED_AWAY as error:
                self.done[f"{name}: ended by {type(error).__name__}"] += 1
            await asyncio.sleep(PAUSE_SECONDS)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[HostileNeighbour]:
        """Prove who it is and say what it has."""
        async with open_socket(self.door, headers=CALLER) as socket:
            neighbour = HostileNeighbour(self.maker, socket)
            try:
                await shake_hands(neighbour, self.door)
                await neighbour.offer(self.start)
                yield neighbour
            finally:
                hang_up(neighbour)


async def main(url: str, log: str) -> None:
    """Say whose log it is, and then do what is asked."""
    attacker = Attacker(CalledNode(url, bytes.fromhex(log)))
    answer(0, {"log": attacker.maker.log.hex()})
    await read_commands(attacker)


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(main(*sys.argv[1:3]))
