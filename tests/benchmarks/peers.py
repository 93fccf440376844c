"""`make bench-peers`: Tidan, hypercore and Scuttlebutt do the same work in the same run.

The work: a receiver that has nothing fetches all entries of one author, and of many, from a sender
over loopback TCP, each in a process of its own. The contents are the same bytes for all. Rounds
take turns, so a busy moment of the machine hits all alike; each round has a new receiver.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import chain
from pathlib import Path

from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import (
    Figure,
    Target,
    described,
    machine_line,
    percentile,
    table,
    write,
)
from tests.benchmarks.first_sync import RECEIVER, fetch, sender
from tests.benchmarks.live import commits, join
from tests.benchmarks.peer_processes import HYPERCORE, PEERS, Peer, peer_process, peer_versions
from tests.benchmarks.processes import node_process
from tests.benchmarks.targets import DURABLE, RUN_RULE
from tests.benchmarks.writing import contents, shares

TIDAN = "Tidan"
HELD_TO = {"hypercore": Target(5, at_least=True)}
PAUSE_SECONDS = 0.02
WARM_ENTRIES = 10

Fetch = Callable[[Path], Awaitable[float]]
"""Has a new receiver fetch everything into a folder; returns the seconds it took."""


def arguments() -> argparse.Namespace:
    """Sizes; every default is what the project's figures are stated for."""
    parser = argparse.ArgumentParser(prog="make bench-peers ARGS=…", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000, help="entries of the first sync")
    parser.add_argument("--authors", type=int, nargs="+", default=[1, 290], help="of so many")
    parser.add_argument("--size-bytes", type=int, default=1_000, help="content of each entry")
    parser.add_argument("--rounds", type=int, default=3, help="runs of everything, at least 3")
    parser.add_argument("--live", type=int, default=200, help="live entries a round")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--folder", type=Path, help="where the data lies; decides which disk")
    parser.add_argument("--output", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    if options.quick:
        options.entries, options.live = 3_000, 20
    return options


async def tidan(stack: AsyncExitStack, folder: Path, options: argparse.Namespace, n: int) -> Fetch:
    """A node of Tidan that holds all entries of `n` authors."""
    place = await stack.enter_async_context(
        sender(Databases("SQLite"), folder, n, options.entries, options.size_bytes)
    )

    async def fetched(receiver: Path) -> float:
        async with node_process(receiver, "", code=RECEIVER) as node:
            started, reached = await fetch(place, node, place.node.url)
            log = node.log
        await place.node.ask("forget", log=log)
        return reached["committed"] - started

    return fetched


async def other(
    peer: Peer, stack: AsyncExitStack, folder: Path, options: argparse.Namespace, n: int
) -> Fetch:
    """A sender of one of the others that holds all entries of `n` authors."""
    path = folder.parent / f"contents-{n}"
    if not path.exists():
        await asyncio.to_thread(write_contents, path, n, options.entries, options.size_bytes)
    source = await stack.enter_async_context(peer_process(peer, folder))
    given = {"path": str(path), "authors": n, "entries": options.entries}
    logs = (await source.ask("write", **given))["logs"]
    served = await source.ask("serve")
    where = {"port": served["port"], "address": served.get("address")}

    async def fetched(receiver: Path) -> float:
        async with peer_process(peer, receiver) as node:
            await node.ask("accept", logs=logs)
            seconds: float = (await node.ask("fetch", logs=logs, **where))["seconds"]
        return seconds

    return fetched


def write_contents(path: Path, authors: int, entries: int, size_bytes: int) -> None:
    """All contents in one file, a line each."""
    by_author = enumerate(shares(entries, authors), start=1)
    lines = chain.from_iterable(contents(n, share, size_bytes) for n, share in by_author)
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)


async def first_sync(folder: Path, options: argparse.Namespace, n: int) -> list[Figure]:
    """Rates of all, round after round, and what they are of each other."""
    seconds: dict[str, list[float]] = {}
    async with AsyncExitStack() as stack:
        print(f"first sync, {n} author(s): writing …", flush=True)
        fetches = {TIDAN: await tidan(stack, folder / f"tidan-{n}", options, n)}
        for peer in PEERS:
            place = folder / f"{peer.name}-{n}"
            fetches[peer.name] = await other(peer, stack, place, options, n)
        for number in range(options.rounds):
            for name, fetched in fetches.items():
                print(f"first sync, {n} author(s), round {number + 1}: {name} …", flush=True)
                took = await fetched(folder / f"{name}-{n}-{number}")
                seconds.setdefault(name, []).append(took)
    setting = f"{n} author(s); {options.entries} entries of {options.size_bytes} B"
    notes = {TIDAN: f"{RUN_RULE}; {DURABLE['SQLite']}"} | {peer.name: peer.note for peer in PEERS}
    figures = [
        Figure(
            f"first sync, {name}",
            setting,
            "entries/s",
            tuple(options.entries / value for value in values),
            notes[name],
        )
        for name, values in seconds.items()
    ]
    for peer in PEERS:
        pairs = zip(seconds[peer.name], seconds[TIDAN], strict=True)
        ratios = tuple(theirs / ours for theirs, ours in pairs)
        name = f"first sync, {TIDAN} / {peer.name}"
        figures.append(Figure(name, setting, "×", ratios, target=HELD_TO.get(peer.name)))
    return figures


async def live(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """One new entry at a time, from asking the author to having it at a connected receiver."""
    rounds: dict[str, list[list[float]]] = {TIDAN: [], HYPERCORE.name: []}
    ours = folder / "tidan-live"
    async with (
        node_process(ours / "a", "", code="1498") as a,
        node_process(ours / "b", "", code=RECEIVER) as b,
    ):
        await join([a, b])
        await commits([a, b], WARM_ENTRIES, options.size_bytes)
        for _ in range(options.rounds):
            found = await commits([a, b], options.live, options.size_bytes)
            rounds[TIDAN].append([at_b for _, at_b in found])
    rounds[HYPERCORE.name] = await live_hypercore(folder / "hypercore-live", options)
    notes = {TIDAN: f"verified: signature, link; {DURABLE['SQLite']}", "hypercore": HYPERCORE.note}
    setting = f"{options.live} entries of {options.size_bytes} B"
    return [
        Figure(
            f"live, {name}, {label}",
            setting,
            "ms",
            tuple(percentile(values, share) * 1_000 for values in found),
            notes[name],
        )
        for name, found in rounds.items()
        for label, share in (("p50", 0.5), ("p95", 0.95))
    ]


async def live_hypercore(folder: Path, options: argparse.Namespace) -> list[list[float]]:
    """Seconds for each entry of each round."""
    path = folder.with_suffix(".contents")
    await asyncio.to_thread(write_contents, path, 1, 1, options.size_bytes)
    made = contents(2, WARM_ENTRIES + options.rounds * options.live, options.size_bytes)
    seconds = []
    async with (
        peer_process(HYPERCORE, folder / "a") as a,
        peer_process(HYPERCORE, folder / "b") as b,
    ):
        logs = (await a.ask("write", path=str(path), authors=1, entries=1))["logs"]
        await b.ask("accept", logs=logs)
        await b.ask("fetch", logs=logs, port=(await a.ask("serve"))["port"])
        await b.ask("follow")
        for number, content in enumerate(made, start=1):
            await asyncio.sleep(PAUSE_SECONDS)
            asked = (await a.ask("append", content=content.decode()))["asked"]
            seconds.append((await b.ask("arrived", count=number))["at"] - asked)
    measured = seconds[WARM_ENTRIES:]
    return [
        measured[first : first + options.live] for first in range(0, len(measured), options.live)
    ]


async def collect(options: argparse.Namespace) -> list[Figure]:
    """All figures, with a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tidan-peers-", dir=options.folder) as folder:
        figures = []
        for n in options.authors:
            figures += await first_sync(Path(folder), options, n)
        print("live …", flush=True)
        return figures + await live(Path(folder), options)


def main() -> None:
    """Measure, print, write."""
    options = arguments()
    figures = asyncio.run(collect(options))
    versions = peer_versions()
    results: dict[str, object] = {
        "figures": [described(figure) for figure in figures],
        "peers": versions,
    }
    path = write(options.output, "peers", vars(options), results)
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    print(f"\n{machine_line()}\n{named}\n\n{table(figures)}\n\nWritten to {path}")


if __name__ == "__main__":
    main()
