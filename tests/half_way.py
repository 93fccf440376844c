"""Two neighbours whose first sync is stuck half-way, for tests of progress."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from factories import LogMaker
from many_logs import accept, receive
from node_factories import TestNode, until
from stalling_relay import StallingRelay
from tests.free_ports import free_port

LOGS = 4
ENTRIES = 1_000
STALLED_AFTER_BYTES = 300_000


@dataclass(frozen=True, slots=True)
class HalfWay:
    """`fetching` dials `giving` over a line that is stuck; it has some entries and knows of all."""

    giving: TestNode
    fetching: TestNode
    relay: StallingRelay


@asynccontextmanager
async def half_way(folder: Path) -> AsyncIterator[HalfWay]:
    """Bring a first sync of a few thousand entries to a stop half-way."""
    makers = [LogMaker(number) for number in range(1, LOGS + 1)]
    for maker in makers:
        maker.extend(ENTRIES - 1)
    port = free_port()
    async with StallingRelay(port, STALLED_AFTER_BYTES) as relay:
        origin = f"http://127.0.0.1:{relay.port}"
        giving = TestNode(folder, "1497", "Hjo kommun", port, other_origins=(origin,))
        fetching = TestNode(folder, "1498", "Tidaholms kommun")
        try:
            for served in (giving, fetching):
                await served.create()
                await accept(served, makers)
                await served.start()
            await receive(giving, makers)
            await giving.node.operations.add_neighbour(fetching.log)
            await fetching.node.operations.add_neighbour(giving.log, origin)

            async def some_came() -> bool:
                progress = await fetching.node.operations.sync_progress()
                return progress.fetched.left > 0 and progress.fetched.done > ENTRIES

            await until(some_came, "part of the logs has come")
            yield HalfWay(giving, fetching, relay)
        finally:
            await fetching.stop()
            await giving.stop()
