"""One entry at a time along a chain A–B–C: until it is durable there, and until it is on a page.

A and C never meet. Every latency begins when A is asked to publish. A page is asked for again and
again until it shows the record, so a page's figure includes making the page. Commits are measured
while nobody asks for pages.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from aiohttp import ClientSession

from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.processes import NodeProcess, node_process

LIST_PATH = "/erfarenheter"
PAGE_SECONDS_MAX = 30.0
PAUSE_SECONDS = 0.02
WARM_ENTRIES = 10


@dataclass(frozen=True, slots=True)
class Live:
    """How many entries a round, measured to the commit and to the page."""

    databases: Databases
    entries: int
    pages: int
    size_bytes: int
    rounds: int

    async def figures(self, folder: Path) -> list[Figure]:
        """Start the chain once, warm it, and measure round after round."""
        rounds: list[dict[str, list[float]]] = []
        async with AsyncExitStack() as stack:
            chain = [
                await stack.enter_async_context(
                    node_process(
                        folder / f"live-{self.databases.name}-{code}",
                        await self.databases.new(),
                        code=code,
                    )
                )
                for code in ("1498", "1497", "1496")
            ]
            client = await stack.enter_async_context(ClientSession())
            await join(chain)
            await self._commits(chain, WARM_ENTRIES)
            for number in range(self.rounds):
                found = await self._commits(chain, self.entries)
                found |= await self._pages(chain, client, f"{number}")
                rounds.append(found)
        return [
            Figure(
                name,
                f"{self.databases.name}; {len(rounds[0][name])} entries of {self.size_bytes} B",
                "ms",
                tuple(percentile(found[name], share) * 1_000 for found in rounds),
                label,
            )
            for name in rounds[0]
            for label, share in (("p50", 0.5), ("p95", 0.95))
        ]

    async def _commits(self, chain: list[NodeProcess], count: int) -> dict[str, list[float]]:
        a, b, c = chain
        found: dict[str, list[float]] = defaultdict(list)
        for number in range(count):
            await asyncio.sleep(PAUSE_SECONDS)
            published = await a.ask(
                "publish", title=f"Exempel {number}", size_bytes=self.size_bytes
            )
            at_b, at_c = [
                (await node.ask("wait", log=a.log, sequence=published["sequence"]))["committed"]
                for node in (b, c)
            ]
            found["publish, one at a time, shown at A"].append(
                published["stored"] - published["asked"]
            )
            found["live A→B, durable at B"].append(at_b - published["asked"])
            found["live A–B–C, durable at C"].append(at_c - published["asked"])
        return found

    async def _pages(
        self, chain: list[NodeProcess], client: ClientSession, mark: str
    ) -> dict[str, list[float]]:
        a, b, c = chain
        found: dict[str, list[float]] = defaultdict(list)
        for number in range(self.pages):
            await asyncio.sleep(PAUSE_SECONDS)
            for name, node in (("live A→B, on B's page", b), ("live A–B–C, on C's page", c)):
                title = f"Exempel sida {mark}-{number}-{node.port}"
                published = a.begin("publish", title=title, size_bytes=self.size_bytes)
                seen = await shown_at(client, node, title)
                found[name].append(seen - (await published)["asked"])
        return found


async def join(chain: list[NodeProcess]) -> None:
    """Make neighbours of each two in a row; returns when the last has the first one's log.

    A log two steps away has to be accepted by a decision, as it would be by a person.
    """
    for left, right in pairwise(chain):
        await left.ask("neighbour", log=right.log)
        await right.ask("neighbour", log=left.log, url=left.url)
    await chain[-1].ask("accept", log=chain[0].log)
    published = await chain[0].ask("publish", title="Exempel först", size_bytes=1_000)
    for node in chain[1:]:
        await node.ask("wait", log=chain[0].log, sequence=published["sequence"])


async def shown_at(client: ClientSession, node: NodeProcess, title: str) -> float:
    """When the list of records showed this title, asking without pause; raises after a while."""
    ends = time.monotonic() + PAGE_SECONDS_MAX
    while time.monotonic() < ends:
        async with client.get(node.url + LIST_PATH) as response:
            if title in await response.text():
                return time.monotonic()
    raise TimeoutError(f"{title} was not on {node.url}{LIST_PATH} in time")
