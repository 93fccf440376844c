"""Writing many entries, and a new neighbour fetching all of them: rates, bytes on wire and disk.

What is counted is verified by the run rule (every link, every content commitment, the newest
signature of each run, every key event) and committed with fsync on both databases. Time runs from
adding the neighbour, so connecting, the handshake and reconciliation are in it.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import NodeProcess, free_port, node_process
from tests.benchmarks.relay import Relay

QUIET_SECONDS = 1.0
LIVE_ENTRIES = 20
VERIFIED = "links, commitments, run's newest signature; fsynced"


@dataclass(frozen=True, slots=True)
class FirstSync:
    """How much is written and fetched, and how often."""

    databases: Databases
    entries: int
    size_bytes: int
    rounds: int

    async def figures(self, folder: Path) -> list[Figure]:
        """Run all rounds, each with two new nodes."""
        numbers: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        for number in range(self.rounds):
            place = folder / f"sync-{self.databases.name}-{number}"
            for key, value in (await self._round(place)).items():
                numbers[key].append(value)
        setting = f"{self.databases.name}; {self.entries} entries of {self.size_bytes} B"
        return [
            Figure(name, setting, unit, tuple(values), note)
            for (name, unit, note), values in numbers.items()
        ]

    async def _round(self, folder: Path) -> dict[tuple[str, str, str], float]:
        port = free_port()
        url_a, url_b = await self.databases.new(), await self.databases.new()
        found: dict[tuple[str, str, str], float] = {}
        async with Relay(port) as relay:
            origin = f"http://127.0.0.1:{relay.port}"
            async with node_process(
                folder / "a", url_a, code="1498", port=port, origins=[origin]
            ) as a:
                filled = await a.ask("fill", count=self.entries, size_bytes=self.size_bytes)
                found["publish, many at once", "entries/s", "signed, fsynced, shown"] = (
                    self.entries / filled["seconds"]
                )
                async with node_process(folder / "b", url_b, code="1497") as b:
                    found |= await self._fetch(a, b, relay, origin)
                    found |= await self._live_bytes(a, b, relay)
                found |= await self._disk(folder / "b", url_b)
                relay.reset()
                async with node_process(folder / "b", url_b, code="1497"):
                    found[
                        "reconnect, nothing new", "B", "both ways, WebSocket included"
                    ] = await quiet_bytes(relay)
        return found

    async def _fetch(
        self, a: NodeProcess, b: NodeProcess, relay: Relay, origin: str
    ) -> dict[tuple[str, str, str], float]:
        await a.ask("neighbour", log=b.log)
        sequence = (await a.ask("head", log=a.log))["sequence"]
        waiting = b.begin("wait", log=a.log, sequence=sequence)
        started = time.monotonic()
        await b.ask("neighbour", log=a.log, url=origin)
        reached = await waiting
        await quiet_bytes(relay)
        return {
            ("first sync", "entries/s", VERIFIED): sequence / (reached["committed"] - started),
            ("first sync, until shown", "entries/s", "all of it in the record list"): sequence
            / (reached["shown"] - started),
            ("first sync, wire", "B/entry", "both ways, WebSocket included"): relay.total_bytes
            / sequence,
        }

    async def _live_bytes(
        self, a: NodeProcess, b: NodeProcess, relay: Relay
    ) -> dict[tuple[str, str, str], float]:
        relay.reset()
        for number in range(LIVE_ENTRIES):
            published = await a.ask(
                "publish", title=f"Exempel {number}", size_bytes=self.size_bytes
            )
            await b.ask("wait", log=a.log, sequence=published["sequence"])
        return {
            ("live, wire", "B/entry", "one at a time, acknowledgement included"): (
                await quiet_bytes(relay) / LIVE_ENTRIES
            )
        }

    async def _disk(self, folder: Path, url: str) -> dict[tuple[str, str, str], float]:
        size_bytes = await self.databases.size_bytes(folder, url)
        return {
            ("disk at the neighbour", "B/entry", "log, records and indexes"): size_bytes
            / self.entries
        }


async def quiet_bytes(relay: Relay) -> int:
    """The bytes counted once nothing has moved for a while."""
    before = -1
    while relay.total_bytes != before or not before:
        before = relay.total_bytes
        await asyncio.sleep(QUIET_SECONDS)
    return before
