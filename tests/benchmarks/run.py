"""`make bench`: real nodes in processes of their own, real sockets, real databases; one table.

Takes more than an hour with default sizes. Nothing else should run on the machine
meanwhile; a JSON file beside notes the machine's make and load, because a figure without them says
little.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from node.config import Settings
from tests.benchmarks.databases import Databases, databases
from tests.benchmarks.figures import Figure, described, machine_line, table, write
from tests.benchmarks.first_sync import FirstSync
from tests.benchmarks.limits import limits
from tests.benchmarks.live import Live
from tests.benchmarks.one_node import SMALL_ENTRIES, OneNode
from tests.benchmarks.pages import Pages
from tests.benchmarks.search_quality import SearchQuality
from tests.benchmarks.search_speed import SearchSpeed
from tests.postgresql_cluster import MISSING, binaries

KINDS = ("sqlite", "postgresql")
PARTS = (
    *("limits", "first-sync", "every-signature", "live", "one-node", "pages"),
    *("search-quality", "search-speed"),
)
EVERY_SIGNATURE = "every_signature"


def arguments() -> argparse.Namespace:
    """Sizes and places; every default is what the project's figures are stated for."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000, help="entries of the first sync")
    parser.add_argument("--size-bytes", type=int, default=1_000, help="content of each entry")
    parser.add_argument("--logs", type=int, nargs="+", default=[1, 290], help="in so many logs")
    parser.add_argument("--rounds", type=int, default=3, help="runs of everything, at least 3")
    parser.add_argument("--live", type=int, default=100, help="live entries a round")
    parser.add_argument("--lists", type=int, default=20, help="live entries a round, seen listed")
    parser.add_argument("--single", type=int, default=200, help="single entries a round")
    parser.add_argument(
        "--records", type=int, nargs="+", default=[10_000, 100_000], help="records of the pages"
    )
    parser.add_argument("--requests", type=int, default=100, help="requests a page and round")
    parser.add_argument(
        "--searched", type=int, default=1_000_000, help="records that are searched for speed"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--folder", type=Path, help="where the nodes live; decides which disk")
    parser.add_argument("--output", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    if options.quick:
        options.entries, options.live, options.lists, options.single = 3_000, 20, 5, 20
        options.records, options.requests, options.searched = [1_000], 10, 2_000
    return options


def parts(
    options: argparse.Namespace, place: Databases
) -> list[tuple[str, Callable[[Path], Awaitable[list[Figure]]]]]:
    """What is measured on one kind of database, with its name."""
    entries, size, rounds = options.entries, options.size_bytes, options.rounds
    found: list[tuple[str, Callable[[Path], Awaitable[list[Figure]]]]] = []
    for logs in options.logs:
        if "first-sync" in options.only:
            sync = FirstSync(place, logs, entries, size, rounds)
            found.append((f"first sync, {logs} logs", sync.figures))
        if "every-signature" in options.only and EVERY_SIGNATURE in Settings.model_fields:
            sync = FirstSync(place, logs, entries, size, rounds, every_signature=True)
            found.append((f"first sync, every signature, {logs} logs", sync.figures))
    if "live" in options.only:
        live = Live(place, options.live, options.lists, size, rounds)
        found.append(("live", live.figures))
    if "one-node" in options.only:
        small = min(SMALL_ENTRIES, entries // 10)
        alone = OneNode(place, entries, size, rounds, options.single, small)
        found.append(("one node", alone.figures))
    if "pages" in options.only:
        for records in options.records:
            pages = Pages(place, max(options.logs), records, size, rounds, options.requests)
            found.append((f"pages, {records} records", pages.figures))
    if "search-speed" in options.only:
        logs, records, requests = max(options.logs), options.searched, options.requests
        speed = SearchSpeed(place, logs, records, size, rounds, requests)
        found.append((f"search, {records} records", speed.figures))
    return found


async def measure(
    options: argparse.Namespace, folder: Path, quality: SearchQuality
) -> AsyncIterator[Figure]:
    """All figures, the limits first; `quality` knows afterwards what was not found."""
    if "limits" in options.only:
        print("limits …", flush=True)
        for figure in limits(folder, options.entries, options.size_bytes, options.rounds):
            yield figure
    if "search-quality" in options.only:
        print("search quality …", flush=True)
        with tempfile.TemporaryDirectory(dir=folder) as here:
            for figure in await quality.figures(Path(here)):
                yield figure
    for kind in options.databases:
        if kind == "postgresql" and binaries() is None:
            print(f"left out: {MISSING}", flush=True)
            continue
        with databases(kind) as place:
            for name, figures in parts(options, place):
                print(f"{name}, {place.name} …", flush=True)
                with tempfile.TemporaryDirectory(dir=folder) as here:
                    for figure in await figures(Path(here)):
                        yield figure


async def collect(options: argparse.Namespace, quality: SearchQuality) -> list[Figure]:
    """All figures, with a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tidan-bench-", dir=options.folder) as folder:
        return [figure async for figure in measure(options, Path(folder), quality)]


def main() -> None:
    """Measure, print, write."""
    options = arguments()
    quality = SearchQuality()
    figures = asyncio.run(collect(options, quality))
    results: dict[str, object] = {"figures": [described(figure) for figure in figures]}
    if quality.misses:
        results["search misses"] = quality.misses
    path = write(options.output, "bench", vars(options), results)
    print(f"\n{machine_line()}\n\n{table(figures)}\n\nWritten to {path}")


if __name__ == "__main__":
    main()
