"""`make bench`: real nodes in processes of their own, real sockets, real databases; one table.

Takes some minutes with default sizes. Nothing else should run on the machine meanwhile; a JSON file
beside notes the machine's make and load, because a figure without them says little.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.benchmarks.databases import databases
from tests.benchmarks.figures import Figure, machine, table, write
from tests.benchmarks.first_sync import FirstSync
from tests.benchmarks.limits import limits
from tests.benchmarks.live import Live
from tests.postgresql_cluster import MISSING, binaries

KINDS = ("sqlite", "postgresql")


def arguments() -> argparse.Namespace:
    """Sizes and places; every default is what the project's figures are stated for."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000, help="entries of the first sync")
    parser.add_argument("--size-bytes", type=int, default=1_000, help="content of each entry")
    parser.add_argument("--rounds", type=int, default=3, help="runs of everything, at least 3")
    parser.add_argument("--live", type=int, default=100, help="live entries a round")
    parser.add_argument("--pages", type=int, default=20, help="live entries a round, seen on pages")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--only", choices=("limits", "first-sync", "live"), help="one part alone")
    parser.add_argument("--folder", type=Path, help="where the nodes live; decides which disk")
    parser.add_argument("--output", type=Path, default=Path("bench-results"))
    return parser.parse_args()


async def measure(options: argparse.Namespace, folder: Path) -> list[Figure]:
    """All figures, the limits first."""
    figures: list[Figure] = []
    if options.only in {None, "limits"}:
        print("limits …", flush=True)
        figures += limits(folder, options.entries, options.size_bytes, options.rounds)
    for kind in options.databases:
        if kind == "postgresql" and binaries() is None:
            print(f"left out: {MISSING}", flush=True)
            continue
        with databases(kind) as place:
            if options.only in {None, "first-sync"}:
                print(f"first sync, {place.name} …", flush=True)
                figures += await FirstSync(
                    place, options.entries, options.size_bytes, options.rounds
                ).figures(folder)
            if options.only in {None, "live"}:
                print(f"live, {place.name} …", flush=True)
                figures += await Live(
                    place, options.live, options.pages, options.size_bytes, options.rounds
                ).figures(folder)
    return figures


def main() -> None:
    """Measure, print, write."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="tidan-bench-", dir=options.folder) as folder:
        figures = asyncio.run(measure(options, Path(folder)))
    settings = {name: str(value) for name, value in vars(options).items()}
    path = write(options.output, settings, figures)
    facts = machine()
    print()
    print(f"{facts['cores']} cores, {facts['processor']}; Python {facts['python']},", end=" ")
    print(f"SQLite {facts['sqlite']}; load when done {facts['load']:.1f}")
    print()
    print(table(figures))
    print(f"\nWritten to {path}")


if __name__ == "__main__":
    main()
