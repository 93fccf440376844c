"""Many at once at one node: signed-in browsers that keep their connections, and neighbours.

A browser asks for a page now and then over a connection of its own, which stays open between. The
neighbours are honest: each proves who it is, compares logs and takes in what is published.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, TCPConnector, WSMsgType

from factories import LogMaker
from hostile_neighbour import Door, HostileNeighbour, open_socket, shake_hands
from protocol.directory import Item
from protocol.messages import Have, Run, Stored, Want, decode
from protocol.run import decode_run
from storage.session_store import SESSIONS_OF_ONE_USER_MAX
from tests.benchmarks.processes import NodeProcess, node_process
from tests.exhaustion.attacker import CalledNode
from tests.exhaustion.gauges import cpu_seconds, resident_bytes

CODE = "1498"
PAGES = ("/", "/erfarenheter", "/erfarenheter?q=exempel", "/amnen", "/kommuner", "/statistik")
PAGE_EVERY_SECONDS = 50.0
"""Of each browser; the node closes a connection that is not used for 75 s."""
ENTRY_EVERY_SECONDS = 5.0
LOGS, ENTRIES = 20, 100
ARRIVAL_SECONDS_MAX = 120.0


@dataclass(slots=True)
class Crowd:
    """What came of it."""

    sessions: int
    neighbours: int
    pages: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    arrivals: list[float] = field(default_factory=list)
    """Until the last of the neighbours had an entry, for each entry."""
    published: int = 0
    connections: int = 0
    memory_before_bytes: int = 0
    memory_bytes: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def cpu_share(self) -> float:
        """Of one core, that the node took."""
        return self.cpu_seconds / self.seconds


class HonestNeighbour:
    """One connected neighbour; `held` says how far it has the node's log."""

    def __init__(self, number: int) -> None:
        self.maker = LogMaker(100 + number, code=f"{number:04}", name=f"Exempel {number}")
        self.held = 0
        self._more = asyncio.Condition()

    async def has(self, sequence: int) -> None:
        """Wait until the neighbour has the node's log up to an entry."""
        async with self._more:
            await self._more.wait_for(lambda: self.held >= sequence)

    @asynccontextmanager
    async def connected(self, door: Door) -> AsyncIterator[None]:
        """Take in what the node says, as long as this is entered."""
        async with open_socket(door) as socket:
            neighbour = HostileNeighbour(self.maker, socket)
            await shake_hands(neighbour, door)
            await neighbour.offer(self.maker)
            listening = asyncio.create_task(self._listen(neighbour, door))
            try:
                yield
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, neighbour: HostileNeighbour, door: Door) -> None:
        await neighbour.send(Want(door.log_id, 0, 10**9))
        while (message := await neighbour.socket.receive()).type is WSMsgType.BINARY:
            match decode(message.data):
                case Run(log=log, payload=payload) if log == door.log_id:
                    newest = decode_run(payload)[-1].entry
                    async with self._more:
                        self.held = max(self.held, newest.header.sequence)
                        self._more.notify_all()
                    head = Item(log, newest.header.sequence, newest.id)
                    await neighbour.send(Stored(head, len(message.data)))
                case Have(items=items):
                    for item in items:
                        if item.log == door.log_id and item.sequence > self.held:
                            await neighbour.send(Want(item.log, self.held, item.sequence))
                case Want(log=log) if log == self.maker.log:
                    await neighbour.send_run(log, self.maker.envelopes)


async def run(folder: Path, seconds: float, sessions: int, neighbours: int) -> Crowd:
    """Let so many come, stay and work for so long."""
    crowd = Crowd(sessions, neighbours)
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(node_process(folder / CODE, "", code=CODE))
        await node.ask("hand_over", logs=LOGS, entries=ENTRIES, size_bytes=1_000, varied=True)
        await node.ask("settle")
        cookies = await _sign_in(node, sessions)
        crowd.memory_before_bytes = resident_bytes(node)
        door = CalledNode(node.url, bytes.fromhex(node.log))
        honest = [HonestNeighbour(number) for number in range(neighbours)]
        for neighbour in honest:
            await node.ask("neighbour", log=neighbour.maker.log.hex())
            await stack.enter_async_context(neighbour.connected(door))
        browsers = [
            await stack.enter_async_context(_browser(name, token)) for name, token in cookies
        ]
        await _work(crowd, node, browsers, honest, seconds)
    return crowd


async def _work(
    crowd: Crowd,
    node: NodeProcess,
    browsers: list[ClientSession],
    honest: list[HonestNeighbour],
    seconds: float,
) -> None:
    cpu, began = cpu_seconds(node), time.monotonic()
    end = began + seconds
    async with asyncio.TaskGroup() as group:
        for number, browser in enumerate(browsers):
            delay = number / len(browsers) * min(PAGE_EVERY_SECONDS, seconds)
            urls = (node.url + page for page in islice(cycle(PAGES), number, None))
            group.create_task(_browse(crowd, browser, urls, began + delay, end))
        await _publish(crowd, node, honest, end)
    crowd.connections = connections(node)
    crowd.memory_bytes = resident_bytes(node)
    crowd.cpu_seconds = cpu_seconds(node) - cpu
    crowd.seconds = time.monotonic() - began


async def _browse(
    crowd: Crowd, browser: ClientSession, urls: Iterator[str], start: float, end: float
) -> None:
    """One page after another, the first at a moment of its own."""
    await asyncio.sleep(start - time.monotonic())
    for url in urls:
        began = time.monotonic()
        async with browser.get(url) as response:
            await response.read()
        crowd.pages.append(time.monotonic() - began)
        crowd.statuses[response.status] += 1
        if time.monotonic() + PAGE_EVERY_SECONDS >= end:
            return
        await asyncio.sleep(PAGE_EVERY_SECONDS)


async def _publish(
    crowd: Crowd, node: NodeProcess, honest: list[HonestNeighbour], end: float
) -> None:
    while not crowd.published or time.monotonic() + ENTRY_EVERY_SECONDS < end:
        began = time.monotonic()
        told = await node.ask("publish", title="Exempel", size_bytes=1_000)
        crowd.published += 1
        async with asyncio.timeout(ARRIVAL_SECONDS_MAX):
            await asyncio.gather(*(one.has(told["sequence"]) for one in honest))
        crowd.arrivals.append(time.monotonic() - began)
        await asyncio.sleep(ENTRY_EVERY_SECONDS)


async def _sign_in(node: NodeProcess, sessions: int) -> list[tuple[str, str]]:
    """Name and value of so many cookies, of as few people as may have them."""
    cookies: list[tuple[str, str]] = []
    while (left := sessions - len(cookies)) > 0:
        person = f"person{len(cookies)}"
        first = await node.ask("sign_in", name=person)
        more = min(left, SESSIONS_OF_ONE_USER_MAX) - 1
        others = (await node.ask("more_sessions", name=person, count=more))["tokens"]
        cookies += [(first["name"], token) for token in (first["token"], *others)]
    return cookies


@asynccontextmanager
async def _browser(name: str, token: str) -> AsyncIterator[ClientSession]:
    connector = TCPConnector(limit=1, keepalive_timeout=10 * PAGE_EVERY_SECONDS)
    headers, timeout = {"Cookie": f"{name}={token}"}, ClientTimeout(total=ARRIVAL_SECONDS_MAX)
    async with ClientSession(connector=connector, headers=headers, timeout=timeout) as browser:
        yield browser


def connections(node: NodeProcess) -> int:
    """How many established connections the node's port has, of either kind."""
    port, established = f":{node.port:04X}", "01"
    rows = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    found = [row.split() for row in rows]
    return sum(row[1].endswith(port) and row[3] == established for row in found)
