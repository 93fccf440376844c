"""An approved neighbour that comes and goes: calls in vain, as those of a stranger are."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from factories import LogMaker
from hostile_neighbour import HostileNeighbour, open_socket, shake_hands
from node.clock import SystemClock
from node.sync.endpoint import OF_CALLERS, WORKING_MS
from node_factories import TestNode, nodes, until

CALLER = {"X-Forwarded-For": "203.0.113.9"}


class HurriedClock(SystemClock):
    """The machine's clock, and what a test adds to it."""

    ahead_ms = 0

    def monotonic_ms(self) -> int:
        """Milliseconds that never go backwards."""
        return super().monotonic_ms() + self.ahead_ms


async def come_and_go(maker: LogMaker, node: TestNode, stay_ms: int = 0) -> None:
    """Compare logs, stay for so long, and be gone."""
    async with open_socket(node, headers=CALLER) as socket:
        neighbour = HostileNeighbour(maker, socket)
        await shake_hands(neighbour, node)
        await neighbour.offer(maker.fork())

        async def compared() -> bool:
            link = node.node.sync.link_to(maker.log)
            return link is not None and link.reconciled

        await until(compared, "logs were compared")
        node.clock.ahead_ms += stay_ms

    async def gone() -> bool:
        return not node.node.sync.link_count

    await until(gone, "the session has ended")


async def test_who_only_comes_and_goes_is_asked_to_wait(tmp_path: Path) -> None:
    """Sessions that stay cost nothing, however many; of those that do not, a row is allowed."""
    maker = LogMaker(4, code="9104")
    async with nodes(tmp_path, "Exempelby", proxy_count=1) as (node,):
        await node.stop()
        node.clock = HurriedClock()
        await node.start()
        await node.node.operations.add_neighbour(maker.log.hex())
        for _ in range(OF_CALLERS.guesses + 1):
            await come_and_go(maker, node, WORKING_MS)
        node.clock.ahead_ms += OF_CALLERS.guesses * OF_CALLERS.refill_ms
        for _ in range(OF_CALLERS.guesses):
            await come_and_go(maker, node)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await come_and_go(maker, node)
        node.clock.ahead_ms += OF_CALLERS.refill_ms
        await come_and_go(maker, node)

    assert refused.value.status == 429
