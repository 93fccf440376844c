"""The demo: several whole nodes in one process, neighbours along real land borders.

Each has its own folder, key, database and port, and speaks to the others over sockets only. What a
person does in it stays: a second start opens what is there, seeds nothing twice, and adds back no
neighbour that was removed. The recovery keys of demo nodes are not kept; nothing here is worth one.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from node.accounts.accounts import LINK_PATH
from node.config import Settings
from node.demo.places import borders_among, taking_part
from node.demo.samples import all_samples
from node.demo.seeding import CREATED_DAYS_AGO, DAY_MS, DemoClock, seed
from node.errors import NotCreatedError
from node.ground.data_folder import DataFolder
from node.municipal.municipalities import Municipality, name_of
from node.operations.node import Node
from node.operations.standings import ADMIN
from node.process.bootstrap import open_node
from node.process.initialise import create_node
from node.process.server import serving
from node.web.example import ExampleAccount
from protocol.directory import Standing
from storage.folder_lock import FolderLock

NODE_COUNT = 4
BASE_PORT = 8480
HOST = "127.0.0.1"
DEMO = "demo"
EXAMPLE_ACCOUNT = ExampleAccount("exempel", "Exempel Exempelsson", "trut harv kaffe sjö")


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: nodes and addresses by kommunkod, in the order they were started."""

    nodes: dict[str, Node]
    addresses: dict[str, str]

    @property
    def entries(self) -> int:
        """How many entries the nodes have signed, all together."""
        return sum(node.directory.sequence(node.own_log) for node in self.nodes.values())

    @property
    def behind(self) -> int:
        """How many entries are still to arrive, over all nodes and the logs each accepts."""
        owners = {node.own_log: node for node in self.nodes.values()}
        return sum(
            owners[view.log].directory.sequence(view.log) - node.directory.sequence(view.log)
            for node in self.nodes.values()
            for view in node.directory.views()
            if view.accepted and view.log in owners
        )

    async def converged(self) -> None:
        """Wait until every node holds and shows all of every log it accepts."""
        moved = asyncio.Event()

        def wake(_change: object) -> None:
            moved.set()

        for node in self.nodes.values():
            node.ingest.listeners.append(wake)
            node.standings.listeners.append(wake)
        while self.behind:
            await moved.wait()
            moved.clear()
        for node in self.nodes.values():
            node.ingest.listeners.remove(wake)
            node.standings.listeners.remove(wake)
            await node.projector.settled()


@asynccontextmanager
async def open_demo(
    folder: Path, node_count: int = NODE_COUNT, base_port: int = BASE_PORT
) -> AsyncIterator[Demo]:
    """Start the demo kept in `folder`, making what is not there yet.

    Ports are `base_port` and those after it. Raises `ArgumentError` for a bad count,
    `FolderLockedError` when it runs already, `ServeError` when a port is taken.
    """
    clock, nodes, addresses = DemoClock(), {}, {}
    async with AsyncExitStack() as stack:
        stack.enter_context(FolderLock(folder))
        for place, municipality in enumerate(taking_part(node_count)):
            settings = _settings(folder, municipality, base_port + place)
            await _create_if_missing(settings, municipality, clock)
            node = await stack.enter_async_context(open_node(settings, clock=clock))
            nodes[municipality.code] = node
        await seed(nodes, clock, all_samples())
        try:
            for code, node in nodes.items():
                await _create_example_user(node)
                addresses[code] = await stack.enter_async_context(serving(node, EXAMPLE_ACCOUNT))
            await _connect(nodes, addresses)
            await _accept_each_other(nodes)
            yield Demo(nodes, addresses)
        finally:  # together, or those that close last would dial those that are gone
            await asyncio.gather(*(node.dialer.stop() for node in nodes.values()))


def _settings(folder: Path, municipality: Municipality, port: int) -> Settings:
    """Settings of one node; what the environment says is meant for a real node, not for these."""
    return Settings(
        data=folder / municipality.slug,
        host=HOST,
        port=port,
        public_url=f"http://{HOST}:{port}",
        other_origins=(),
        neighbour_networks=("127.0.0.0/8",),
        read_access="open",
        proxy_count=0,
        database_url=None,
        introductions="manual",
        log_format="text",
        log_level="warning",
    )


async def _create_if_missing(
    settings: Settings, municipality: Municipality, clock: DemoClock
) -> None:
    """Make the node, anew when its making was interrupted: nothing was signed with its key yet."""
    try:
        DataFolder(settings.data).read_log_id()
        return
    except NotCreatedError:
        shutil.rmtree(settings.data, ignore_errors=True)
        settings.data.mkdir(parents=True)
    clock.written_ms = clock.time_ms() - CREATED_DAYS_AGO * DAY_MS
    try:
        name = municipality.official_name
        await create_node(settings, code=municipality.code, name=name, clock=clock)
    finally:
        clock.written_ms = None


async def _create_example_user(node: Node) -> None:
    """Let everybody sign in; what a person changed about the account stays."""
    link = await node.accounts.setup_link(DEMO)
    if link is not None:
        token = link.path.removeprefix(LINK_PATH)
        name, full_name = EXAMPLE_ACCOUNT.name, EXAMPLE_ACCOUNT.full_name
        password = EXAMPLE_ACCOUNT.password
        await node.accounts.use_link(token, password, name=name, full_name=full_name)


async def _connect(nodes: dict[str, Node], addresses: dict[str, str]) -> None:
    """Make both sides of every border neighbours; one that a person removed stays removed."""
    for pair in borders_among(tuple(nodes)):
        for here, there in (pair, pair[::-1]):
            node, other = nodes[here], nodes[there].own_log
            past = {item.log for item in await node.neighbours.all(removed=True)}
            present = await node.neighbours.get(other)
            moved = present is not None and present.url not in (None, addresses[there])
            if other not in past or moved:
                await node.operations.add_neighbour(other.hex(), addresses[there], name_of(there))


async def _accept_each_other(nodes: dict[str, Node]) -> None:
    """Decide as each admin would about the others' logs, where nobody has decided yet."""
    for node in nodes.values():
        for other in nodes.values():
            view = node.directory.get(other.own_log)
            if view is None or view.standing is Standing.INTRODUCED:
                await node.standings.decide(other.own_log, Standing.MEMBER, "demo", ADMIN)


async def run_demo(
    folder: Path,
    node_count: int = NODE_COUNT,
    base_port: int = BASE_PORT,
    *,
    announce: Callable[[str], None] = click.echo,
) -> None:
    """Run the demo until Ctrl-C or SIGTERM, telling where it is and when all are equal."""
    signals = (signal.SIGTERM, signal.SIGINT)
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(_run(folder, node_count, base_port, announce))
    for number in signals:
        loop.add_signal_handler(number, running.cancel)
    try:
        await asyncio.wait([running])
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
        running.cancel()
    if running.cancelled():
        announce("Avslutat. Nästa start fortsätter här.")
    else:
        running.result()


async def _run(
    folder: Path, node_count: int, base_port: int, announce: Callable[[str], None]
) -> None:
    announce(f"Startar {node_count} kommuner i {folder} …")
    async with open_demo(folder, node_count, base_port) as demo:
        announce(_welcome(demo))
        await demo.converged()
        announce(f"Klart: alla har samma {demo.entries} poster.")
        await asyncio.Event().wait()


def _welcome(demo: Demo) -> str:
    width = max(len(name_of(code)) for code in demo.nodes)
    pairs = borders_among(tuple(demo.nodes))
    lines = ["", "Tidan visar ett litet Skaraborg. Allt innehåll är exempel.", ""]
    for code, address in demo.addresses.items():
        others = [name_of(b if a == code else a) for a, b in pairs if code in (a, b)]
        known = f"  granne med {', '.join(others)}" if others else ""
        lines.append(f"  {name_of(code):<{width}}  {address}{known}")
    lines += [
        "",
        "Öppna en adress i webbläsaren, och logga in med ett tryck för att skriva och svara.",
        "Avsluta med Ctrl-C; nästa start fortsätter där du slutade.",
        "In English: sample data only. Open an address, sign in with one press; Ctrl-C ends it.",
        "",
    ]
    return "\n".join(lines)
