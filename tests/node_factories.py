"""Real nodes for tests: own folder, key, SQLite database and port each, on loopback.

Waiting is for a condition, with a generous limit that only a broken node reaches; nothing is
asserted about time.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from migrated import put_migrated
from node.clock import Clock
from node.config import Settings, load_settings
from node.errors import RecoveringError
from node.operations.node import Node
from node.process.bootstrap import open_node
from node.process.initialise import Created, create_node
from node.process.server import serving
from tests.free_ports import free_port

WAIT_SECONDS_MAX = 120.0
LOOPBACK_NETWORKS = ("127.0.0.0/8", "::1/128")
"""Where nodes of tests have their neighbours, which no node calls unless it is told to."""


class TestNode:
    """A node that a test creates, starts and stops; `node` is there while it runs."""

    __test__ = False

    def __init__(
        self, folder: Path, code: str, name: str, port: int | None = None, **flags: object
    ) -> None:
        self.code = code
        self.name = name
        self.port = port or free_port()
        self.folder = folder / code
        self._flags = {"neighbour_networks": LOOPBACK_NETWORKS} | flags
        self.created: Created | None = None
        self.log_lines = io.StringIO()
        self.clock: Clock | None = None
        """Another clock than the machine's, from its next start on."""
        self._running: Any = None
        self._node: Node | None = None

    @property
    def settings(self) -> Settings:
        """Its settings; the port stays the same over restarts."""
        return load_settings(data=self.folder, port=self.port, log_level="debug", **self._flags)

    def add_origin(self, url: str) -> None:
        """From its next start on it also answers to this address, such as that of a relay."""
        self._flags = self._flags | {"other_origins": (url,)}

    @property
    def url(self) -> str:
        """The address neighbours dial."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Its log id as hex."""
        assert self.created is not None
        return self.created.log

    @property
    def log_id(self) -> bytes:
        """Its log id."""
        return bytes.fromhex(self.log)

    @property
    def sheet_seed(self) -> bytes:
        """The key of its first recovery sheet."""
        assert self.created is not None
        return self.created.sheet.seed

    @property
    def node(self) -> Node:
        """The open node."""
        assert self._node is not None, f"{self.name} does not run"
        return self._node

    async def create(self) -> TestNode:
        """Make keys, log and database; an SQLite one has its tables before it is opened."""
        if not self.settings.database_url:
            await put_migrated(self.folder)
        self.created = await create_node(self.settings, code=self.code, name=self.name)
        return self

    async def start(self) -> TestNode:
        """Open and serve; creates the node first if need be."""
        if self.created is None:
            await self.create()
        self._running = self._run()
        self._node = await anext(self._running)
        return self

    async def start_alone(self) -> TestNode:
        """Open it without serving: nobody can reach it, and it waits for nobody."""
        self._running = self._open()
        self._node = await anext(self._running)
        return self

    async def stop(self) -> None:
        """Shut down cleanly, if it runs."""
        running, self._running, self._node = self._running, None, None
        if running is not None:
            await anext(running, None)

    async def _run(self) -> AsyncIterator[Node]:
        async with (
            open_node(self.settings, clock=self.clock, log_stream=self.log_lines) as node,
            serving(node),
        ):
            yield node

    async def _open(self) -> AsyncIterator[Node]:
        settings, clock = self.settings, self.clock
        settings = settings.model_copy(update={"ask_neighbours_seconds": 0})
        async with open_node(settings, clock=clock, log_stream=self.log_lines) as node:
            yield node

    async def publish(self, title: str) -> str:
        """Publish a small example record; returns its id."""
        return (await self.node.operations.publish("experience", example_record(title))).record

    async def befriend(self, other: TestNode) -> None:
        """Make the two neighbours; this one dials."""
        await other.node.operations.add_neighbour(self.log)
        await self.node.operations.add_neighbour(other.log, other.url)

    async def head(self, log: bytes) -> int:
        """How far it holds a log."""
        view = self.node.directory.get(log)
        return view.head.sequence if view and view.head else 0

    async def digest(self) -> str:
        """The digest of its projections, once they have caught up."""
        await self.node.projector.settled()
        return await self.node.projections.digest()


@asynccontextmanager
async def nodes(folder: Path, *names: str, **flags: object) -> AsyncIterator[list[TestNode]]:
    """Started nodes with these names; all of them are stopped at the end."""
    made = [
        TestNode(folder, str(9001 + number), name, **flags) for number, name in enumerate(names)
    ]
    try:
        for item in made:
            await item.start()
        yield made
    finally:
        for item in made:
            await item.stop()


async def signs(node: TestNode) -> bool:
    """Whether the node signs a new entry now; it does so by signing one."""
    try:
        await node.publish("Exempel: prov")
    except RecoveringError:
        return False
    return True


def example_record(title: str, **fields: object) -> dict[str, object]:
    """The content of a small record, marked as an example."""
    return {
        "schema": 1,
        "type": "erfarenhet",
        "title": title,
        "summary": "Exempel: vi prövade och skrev ner vad som hände.",
        "area": "aldre",
        "status": "drift",
        "contact": {"role": "Verksamhetsutvecklare"},
        "example": True,
    } | fields


async def until(
    condition: Callable[[], Awaitable[bool]], what: str, seconds_max: float = WAIT_SECONDS_MAX
) -> None:
    """Wait until a condition holds; fails with `what` when it never does."""
    try:
        async with asyncio.timeout(seconds_max):
            while not await condition():  # noqa: ASYNC110  # any fact, not one event
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"never happened: {what}") from None


async def until_equal(nodes_to_compare: list[TestNode]) -> None:
    """Wait until the nodes hold the same logs and show the same, and have nothing left to say."""

    async def equal() -> bool:
        before = [list(item.node.directory.items()) for item in nodes_to_compare]
        for item in nodes_to_compare:
            await item.node.introductions.review()
        items = [item.node.directory.items() for item in nodes_to_compare]
        if before != items or any(other != items[0] for other in items[1:]):
            return False
        digests = [await item.digest() for item in nodes_to_compare]
        return len(set(digests)) == 1

    await until(equal, "the nodes became equal")
