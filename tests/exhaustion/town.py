"""A node between two honest neighbours that write, read and ask for pages, and what that comes to.

What one end publishes reaches the other through the node in the middle. Besides a steady pace, one
bulk after another goes the same way, as fast as it can: that is what a busy node has least left
for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession

from tests.benchmarks.processes import NodeProcess, node_process
from tests.exhaustion.gauges import cpu_seconds, disk_bytes, resident_bytes

ENTRY_BYTES = 1_000
ENTRIES_PER_SECOND = 5
BULK_ENTRIES = 500
BULK_GROUP = 50
BULK_EVERY_SECONDS = 4.0
PAGE_EVERY_SECONDS = 0.25
GAUGE_EVERY_SECONDS = 0.25
MIDDLE, ENDS = "1498", ("1497", "1499")


@dataclass(slots=True)
class Window:
    """What was measured while something lasted."""

    what: str
    began: float = 0.0
    ended: float = 0.0
    arrivals: list[float] = field(default_factory=list)
    bulks: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    asked: int = 0
    memory_bytes: int = 0
    cpu_seconds: float = 0.0
    disk_bytes: int = 0

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.ended - self.began


class Town:
    """The three nodes under load; what happens is counted in the window that is open then."""

    def __init__(
        self, middle: NodeProcess, ends: tuple[NodeProcess, NodeProcess], folder: Path
    ) -> None:
        self.middle = middle
        self.ends = ends
        self._folder = folder
        self._window = Window("begun")
        self._over = asyncio.Event()
        self._bulk_every_seconds = BULK_EVERY_SECONDS

    @asynccontextmanager
    async def window(self, what: str) -> AsyncIterator[Window]:
        """Count what happens from now on as of this window."""
        window = Window(what, began=time.monotonic())
        cpu, disk = cpu_seconds(self.middle), disk_bytes(self._folder)
        self._window = window
        yield window
        self._window = Window("between")
        window.ended = time.monotonic()
        window.cpu_seconds = cpu_seconds(self.middle) - cpu
        window.disk_bytes = disk_bytes(self._folder) - disk

    @asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        """Write, read and look all the time; what fails ends the run."""
        west, east = self.ends
        async with ClientSession() as client, asyncio.TaskGroup() as group:
            for work in (
                self._write(west, east, group),
                self._write(east, west, group),
                self._write_in_bulk(west, east),
                self._read(client),
                self._gauge(),
            ):
                group.create_task(work)
            yield
            self._over.set()  # and not cancelled: what was asked of a node is answered first

    @asynccontextmanager
    async def without_pause(self) -> AsyncIterator[None]:
        """Let one bulk follow the other while the body runs."""
        self._bulk_every_seconds = 0.0
        yield
        self._bulk_every_seconds = BULK_EVERY_SECONDS

    async def _write(
        self, author: NodeProcess, reader: NodeProcess, group: asyncio.TaskGroup
    ) -> None:
        """Publish at a steady pace, however long each takes to arrive."""

        async def arrive() -> None:
            sent = await author.ask("publish", title="Exempel", size_bytes=ENTRY_BYTES)
            come = await reader.ask("wait", heads={author.log: sent["sequence"]})
            self._window.arrivals.append(come["committed"] - sent["asked"])

        while not self._over.is_set():
            self._window.asked += 1
            group.create_task(arrive())
            await self._pause(1 / ENTRIES_PER_SECOND)

    async def _write_in_bulk(self, author: NodeProcess, reader: NodeProcess) -> None:
        """Write many at once, again and again; notes how many a second reached the other end."""
        while not self._over.is_set():
            began, window = time.monotonic(), self._window
            await author.ask(
                "write", count=BULK_ENTRIES, size_bytes=ENTRY_BYTES, group=BULK_GROUP, at_once=1
            )
            head = await author.ask("head", log=author.log)
            come = await reader.ask("wait", heads={author.log: head["sequence"]})
            if window is self._window:  # one that began under other conditions tells nothing
                window.bulks.append(BULK_ENTRIES / (come["committed"] - began))
            await self._pause(self._bulk_every_seconds)

    async def _read(self, client: ClientSession) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            async with client.get(f"{self.middle.url}/erfarenheter") as response:
                await response.read()
                response.raise_for_status()
            self._window.pages.append(time.monotonic() - began)
            await self._pause(PAGE_EVERY_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    async def _gauge(self) -> None:
        while not self._over.is_set():
            found = resident_bytes(self.middle)
            self._window.memory_bytes = max(self._window.memory_bytes, found)
            await self._pause(GAUGE_EVERY_SECONDS)


@asynccontextmanager
async def open_town(folder: Path) -> AsyncIterator[Town]:
    """Three nodes in a row, each a process, that know each other."""
    async with AsyncExitStack() as stack:
        middle = await stack.enter_async_context(
            node_process(folder / MIDDLE, "", code=MIDDLE, proxy_count=1)
        )
        west, east = [
            await stack.enter_async_context(node_process(folder / code, "", code=code))
            for code in ENDS
        ]
        for end, other in ((west, east), (east, west)):
            await middle.ask("neighbour", log=end.log)
            await end.ask("neighbour", log=middle.log, url=middle.url)
            await end.ask("accept", logs=[other.log])
        yield Town(middle, (west, east), folder / MIDDLE)
