"""A new neighbour fetches everything: rates, bytes on wire and disk, memory, and the reconnect.

Time runs from adding the neighbour, so connecting, the handshake and reconciliation are in it,
until the last entry is committed. Projections are made meanwhile, and not waited for; a row of its
own says when all of it was in the record list. Each round is a new node at the receiving end.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import NodeProcess, node_process
from tests.benchmarks.relay import Relay
from tests.benchmarks.targets import DURABLE, EVERY_SIGNATURE, RUN_RULE, target
from tests.free_ports import free_port

QUIET_SECONDS = 1.0
WRITE_GROUP = 500
RECEIVER = "1497"


@dataclass(frozen=True, slots=True)
class Place:
    """The sender as receivers see it: its process, what it holds, and a way in that counts."""

    node: NodeProcess
    heads: dict[str, int]
    relay: Relay


@dataclass(slots=True)
class FirstSync:
    """How much is fetched, of how many logs, and how often."""

    databases: Databases
    logs: int
    entries: int
    size_bytes: int
    rounds: int
    every_signature: bool = False
    _numbers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def figures(self, folder: Path) -> list[Figure]:
        """Fill a sender once, and have one new node after the other fetch all of it."""
        async with sender(
            self.databases, folder / "a", self.logs, self.entries, self.size_bytes
        ) as place:
            for number in range(self.rounds):
                await self._direct(place, folder / f"b{number}")
                if not self.every_signature:
                    await self._counted(place, folder / f"c{number}")
        return list(self._as_figures())

    async def _direct(self, place: Place, folder: Path) -> None:
        url = await self.databases.new()
        settings: dict[str, Any] = {"every_signature": True} if self.every_signature else {}
        async with node_process(folder, url, code=RECEIVER, **settings) as b:
            started, reached = await fetch(place, b, place.node.url)
            self._numbers["rate"].append(self.entries / (reached["committed"] - started))
            self._numbers["shown"].append(self.entries / (reached["shown"] - started))
            self._numbers["memory"].append(b.peak_memory_bytes() / 1e6)
            if not self.every_signature:
                await b.ask("neighbour", log=place.node.log, url=place.relay.url)
                await place.relay.quiet(QUIET_SECONDS)
            log = b.log
        if not self.every_signature:
            await self._disk(folder, url)
            await self._reconnect(place, folder, url)
        await place.node.ask("forget", log=log)

    async def _disk(self, folder: Path, url: str) -> None:
        parts = await self.databases.table_bytes(folder, url)
        self._numbers["disk, log"].append(parts.log_bytes / self.entries)
        self._numbers["disk, all"].append(parts.total_bytes / self.entries)

    async def _reconnect(self, place: Place, folder: Path, url: str) -> None:
        place.relay.reset()
        async with node_process(folder, url, code=RECEIVER):
            await place.relay.quiet(QUIET_SECONDS)
            self._numbers["reconnect, bytes"].append(place.relay.total_bytes)
            self._numbers["reconnect, messages"].append(place.relay.message_bytes)
            self._numbers["reconnect, time"].append(place.relay.busy_seconds * 1_000)

    async def _counted(self, place: Place, folder: Path) -> None:
        async with node_process(folder, await self.databases.new(), code=RECEIVER) as c:
            place.relay.reset()
            await fetch(place, c, place.relay.url)
            self._numbers["wire"].append(place.relay.total_bytes / self.entries)
            log = c.log
        await place.node.ask("forget", log=log)

    def _as_figures(self) -> list[Figure]:
        rule = EVERY_SIGNATURE if self.every_signature else RUN_RULE
        durable = DURABLE[self.databases.name]
        both_ways = "both ways; WebSocket framing and the HTTP upgrade counted, TCP is not"
        first = "first sync, every signature" if self.every_signature else "first sync"
        rows = {
            "rate": (first, "entries/s", f"{rule}; {durable}; records not waited for"),
            "shown": (f"{first}, until listed", "entries/s", f"{rule}; {durable}; in record list"),
            "memory": (f"{first}, receiver's memory", "MB", "peak resident, until all is listed"),
            "wire": ("first sync, wire", "B/entry", f"{rule}; {both_ways}"),
            "disk, log": ("disk, log with its indexes", "B/entry", "signed entries, salts, ids"),
            "disk, all": ("disk, everything", "B/entry", "log, records, search, database files"),
            "reconnect, bytes": ("reconnect, nothing new", "B", f"HELLO and AUTH: {both_ways}"),
            "reconnect, messages": ("reconnect, sync messages", "B", "WebSocket payloads of it"),
            "reconnect, time": ("reconnect, time", "ms", "TCP accepted until the last byte"),
        }
        return [self._figure(key, *row) for key, row in rows.items() if self._numbers.get(key)]

    def _figure(self, key: str, name: str, unit: str, note: str) -> Figure:
        logs = "1 log" if self.logs == 1 else f"{self.logs} logs"
        setting = f"{self.databases.name}; {logs}; {self.entries} entries of {self.size_bytes} B"
        held_to = target(name, self.databases.name)
        return Figure(name, setting, unit, tuple(self._numbers[key]), note, held_to, self.entries)


@asynccontextmanager
async def sender(
    databases: Databases, folder: Path, logs: int, entries: int, size_bytes: int
) -> AsyncIterator[Place]:
    """A node that holds so many entries: in its own log when it is one, else in others' logs."""
    port = free_port()
    async with (
        Relay(port) as relay,
        node_process(
            folder, await databases.new(), code="1498", port=port, origins=[relay.url]
        ) as node,
    ):
        heads: dict[str, int] = {}
        if logs == 1:
            way = {"group": WRITE_GROUP, "at_once": 2, "author": 1}
            await node.ask("write", count=entries, size_bytes=size_bytes, **way)
        else:
            filled = await node.ask("hand_over", logs=logs, entries=entries, size_bytes=size_bytes)
            heads = filled["heads"]
        await node.ask("settle")
        own = (await node.ask("head", log=node.log))["sequence"]
        yield Place(node, heads | {node.log: own}, relay)


async def fetch(place: Place, node: NodeProcess, url: str) -> tuple[float, dict[str, float]]:
    """Have a new node fetch everything; returns when it began, and when all was there."""
    await place.node.ask("neighbour", log=node.log)
    await node.ask("accept", logs=[log for log in place.heads if log != place.node.log])
    waiting = node.begin("wait", heads=place.heads)
    started = time.monotonic()
    await node.ask("neighbour", log=place.node.log, url=url)
    return started, await waiting
