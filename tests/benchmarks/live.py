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
from tests.benchmarks.targets import DURABLE, target

LIST_PATH = "/erfarenheter"
PAGE_SECONDS_MAX = 30.0
PAUSE_SECONDS = 0.02
WARM_ENTRIES = 10


@dataclass(frozen=True, slots=True)
class Live:
    """How many entries a round, measured to the commit and to the list."""

    databases: Databases
    entries: int
    lists: int
    size_bytes: int
    rounds: int

    async def figures(self, folder: Path) -> list[Figure]:
        """Start the chain once, warm it, and measure round after round."""
        rounds: list[dict[str, list[float]]] = []
        async with AsyncExitStack() as stack:
            chain = [
                await stack.enter_async_context(
                    node_process(folder / code, await self.databases.new(), code=code)
                )
                for code in ("1498", "1497", "1496")
            ]
            client = await stack.enter_async_context(ClientSession())
            await join(chain)
            await self._commits(chain, WARM_ENTRIES)
            for number in range(self.rounds):
                found = await self._commits(chain, self.entries)
                found |= await self._lists(chain, client, f"{number}")
                rounds.append(found)
        return [
            self._figure(f"{name}, {label}", [percentile(found[name], share) for found in rounds])
            for name in rounds[0]
            for label, share in (("p50", 0.5), ("p95", 0.95))
        ]

    def _figure(self, name: str, seconds: list[float]) -> Figure:
        database = self.databases.name
        listed = "record list" in name
        count = self.lists if listed else self.entries
        setting = f"{database}; {count} entries of {self.size_bytes} B"
        note = f"from asking A to publish; verified: signature, link; {DURABLE[database]}"
        if listed:
            note = "from asking A to publish, until the page with the list shows it; page included"
        runs = tuple(value * 1_000 for value in seconds)
        return Figure(name, setting, "ms", runs, note, target(name, database))

    async def _commits(self, chain: list[NodeProcess], count: int) -> dict[str, list[float]]:
        names = ("live, committed and shown at A", "live, committed at B")
        rows = await commits(chain, count, self.size_bytes)
        columns = [list(column) for column in zip(*rows, strict=True)]
        return dict(zip((*names, "live, committed at C beyond B"), columns, strict=True))

    async def _lists(
        self, chain: list[NodeProcess], client: ClientSession, mark: str
    ) -> dict[str, list[float]]:
        a, b, c = chain
        found: dict[str, list[float]] = defaultdict(list)
        for number in range(self.lists):
            await asyncio.sleep(PAUSE_SECONDS)
            for name, node in (
                ("live, in B's record list", b),
                ("live, in C's record list beyond B", c),
            ):
                title = f"Exempel sida {mark}-{number}-{node.port}"
                published = a.begin("publish", title=title, size_bytes=self.size_bytes)
                seen = await shown_at(client, node, title)
                found[name].append(seen - (await published)["asked"])
        return found


async def commits(chain: list[NodeProcess], count: int, size_bytes: int) -> list[list[float]]:
    """For each of so many entries: seconds until the first node shows it and the others commit."""
    first, *others = chain
    found = []
    for number in range(count):
        await asyncio.sleep(PAUSE_SECONDS)
        entry = await first.ask("publish", title=f"Exempel {number}", size_bytes=size_bytes)
        heads = {first.log: entry["sequence"]}
        times = [(await node.ask("wait", heads=heads))["committed"] for node in others]
        found.append([at - entry["asked"] for at in (entry["stored"], *times)])
    return found


async def join(chain: list[NodeProcess]) -> None:
    """Make neighbours of each two in a row; returns when the last has the first one's log.

    A log two steps away has to be accepted by a decision, as it would be by a person.
    """
    for left, right in pairwise(chain):
        await left.ask("neighbour", log=right.log)
        await right.ask("neighbour", log=left.log, url=left.url)
    for beyond in chain[2:]:
        await beyond.ask("accept", logs=[chain[0].log])
    published = await chain[0].ask("publish", title="Exempel först", size_bytes=1_000)
    for node in chain[1:]:
        await node.ask("wait", heads={chain[0].log: published["sequence"]})


async def shown_at(client: ClientSession, node: NodeProcess, title: str) -> float:
    """When the list of records showed this title, asking without pause; raises after a while."""
    ends = time.monotonic() + PAGE_SECONDS_MAX
    while time.monotonic() < ends:
        async with client.get(node.url + LIST_PATH) as response:
            if title in await response.text():
                return time.monotonic()
    raise TimeoutError(f"{title} was not on {node.url}{LIST_PATH} in time")
