"""One measurement at one size: everything that may grow with entries, logs or neighbours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import percentile
from tests.benchmarks.first_sync import QUIET_SECONDS, RECEIVER, Place, fetch, sender
from tests.benchmarks.processes import NodeProcess, node_process, start_seconds

STARTED_AT_ONCE = 4
PAUSE_SECONDS = 0.05
WARM_ENTRIES = 5


@dataclass(frozen=True, slots=True)
class Sizes:
    """What all points share."""

    databases: Databases
    size_bytes: int
    single: int
    rounds: int


async def sync_points(
    folder: Path, sizes: Sizes, entries: int, logs: int
) -> AsyncIterator[dict[str, float]]:
    """Fill a node once; for each round, what a new neighbour and one more entry cost."""
    async with sender(sizes.databases, folder / "a", logs, entries, sizes.size_bytes) as place:
        for number in range(sizes.rounds):
            yield await _one_sync(folder / f"b{number}", sizes, place, entries)


async def _one_sync(folder: Path, sizes: Sizes, place: Place, entries: int) -> dict[str, float]:
    url = await sizes.databases.new()
    async with node_process(folder, url, code=RECEIVER) as b:
        started, reached = await fetch(place, b, place.node.url)
        found = {
            "first sync, µs an entry": (reached["committed"] - started) / entries * 1e6,
            "receiver's memory, MB": b.peak_memory_bytes() / 1e6,
        }
        own = {"count": sizes.single, "size_bytes": sizes.size_bytes, "group": 1, "at_once": 1}
        written = await b.ask("write", **own)
        found["one new entry, committed, ms"] = percentile(written["latencies"], 0.5) * 1_000
        await b.ask("neighbour", log=place.node.log, url=place.relay.url)
        await b.ask("settle")
        await place.relay.quiet(QUIET_SECONDS)
        log = b.log
    disk = await sizes.databases.table_bytes(folder, url)
    found["disk of the log, B an entry"] = disk.log_bytes / entries
    found["start to ready, s"] = await start_seconds(folder, url)
    place.relay.reset()
    async with node_process(folder, url, code=RECEIVER):
        await place.relay.quiet(QUIET_SECONDS)
        found["reconnect, ms"] = place.relay.busy_seconds * 1_000
        found["reconnect, B"] = place.relay.total_bytes
    await place.node.ask("forget", log=log)
    return found


async def push_points(
    folder: Path, sizes: Sizes, neighbours: int
) -> AsyncIterator[dict[str, float]]:
    """One new entry at a time, until the middle one and the last of all neighbours has it."""
    async with connected(folder, sizes, neighbours) as (a, others):
        await _push(a, others, sizes, WARM_ENTRIES)
        for _ in range(sizes.rounds):
            rows = await _push(a, others, sizes, sizes.single)
            names = ("live push, at a middle neighbour, ms", "live push, at the last, ms")
            middles = [percentile(row, 0.5) * 1_000 for row in rows]
            lasts = [max(row) * 1_000 for row in rows]
            yield {
                name: percentile(values, 0.5)
                for name, values in zip(names, (middles, lasts), strict=True)
            }


async def _push(
    a: NodeProcess, others: list[NodeProcess], sizes: Sizes, count: int
) -> list[list[float]]:
    rows = []
    for number in range(count):
        await asyncio.sleep(PAUSE_SECONDS)
        title = f"Exempel {number}"
        entry = await a.ask("publish", title=title, size_bytes=sizes.size_bytes)
        heads = {a.log: entry["sequence"]}
        reached = await asyncio.gather(*(node.ask("wait", heads=heads) for node in others))
        rows.append([item["committed"] - entry["asked"] for item in reached])
    return rows


@asynccontextmanager
async def connected(
    folder: Path, sizes: Sizes, neighbours: int
) -> AsyncIterator[tuple[NodeProcess, list[NodeProcess]]]:
    """A node and so many neighbours that dialled it, all caught up."""
    at_once = asyncio.Semaphore(STARTED_AT_ONCE)
    async with AsyncExitStack() as stack:

        async def started(number: int) -> NodeProcess:
            code = f"{1_000 + number}"
            async with at_once:
                url = await sizes.databases.new()
                running = node_process(folder / code, url, code=code)
                return await stack.enter_async_context(running)

        a = await started(0)
        others = [await started(number) for number in range(1, neighbours + 1)]
        for node in others:
            await a.ask("neighbour", log=node.log)
            await node.ask("neighbour", log=a.log, url=a.url)
        entry = await a.ask("publish", title="Exempel först", size_bytes=sizes.size_bytes)
        heads = {a.log: entry["sequence"]}
        await asyncio.gather(*(node.ask("wait", heads=heads) for node in others))
        await _calm(a)
        yield a, others


async def _calm(node: NodeProcess) -> None:
    """Introductions of new neighbours are entries too; wait until none has come for a while."""
    before, ends = -1, time.monotonic() + 60
    while time.monotonic() < ends:
        sequence = (await node.ask("head", log=node.log))["sequence"]
        if sequence == before:
            return
        before = sequence
        await asyncio.sleep(QUIET_SECONDS)
