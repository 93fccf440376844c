"""`make bench-growth`: how cost grows with entries, with logs and with live neighbours.

While one thing grows, the others stay. All nodes of a run share the machine's cores, so what a
neighbour costs there includes its own work. With default sizes this takes hours and some 15 GB of
disk; name smaller ones to see less of it sooner.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.databases import databases
from tests.benchmarks.figures import machine_line, shown, write
from tests.benchmarks.fit import Series, growth_table
from tests.benchmarks.growth_plot import growth_svg
from tests.benchmarks.growth_points import Sizes, push_points, sync_points

Points = Callable[[Path, int], AsyncIterator[dict[str, float]]]
"""Measures at one size, in a folder of its own, round after round."""

PLOT = Path("docs/images/growth.svg")


def arguments() -> argparse.Namespace:
    """Sizes of each series; an empty list leaves a series out."""
    parser = argparse.ArgumentParser(prog="make bench-growth ARGS=…", description=__doc__)
    number: dict[str, Any] = {"type": int, "nargs": "*"}
    parser.add_argument("--entries", **number, default=[10_000, 100_000, 1_000_000, 3_000_000])
    parser.add_argument("--logs", **number, default=[1, 15, 290, 2_000])
    parser.add_argument("--neighbours", **number, default=[1, 10, 50])
    parser.add_argument("--fixed-entries", type=int, default=100_000, help="while logs grow")
    parser.add_argument("--fixed-logs", type=int, default=15, help="while entries grow")
    parser.add_argument("--size-bytes", type=int, default=1_000, help="content of each entry")
    parser.add_argument("--single", type=int, default=100, help="single entries at each size")
    parser.add_argument("--rounds", type=int, default=1, help="receivers at each size")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--folder", type=Path, help="where the nodes live; decides which disk")
    parser.add_argument("--output", type=Path, default=Path("bench-results"))
    parser.add_argument("--plot", type=Path, default=PLOT, help="the SVG to write")
    return parser.parse_args()


async def measure(options: argparse.Namespace, folder: Path) -> list[Series]:
    """All series, each size in a folder that is gone afterwards."""
    with databases(options.database) as place:
        sizes = Sizes(place, options.size_bytes, options.single, options.rounds)
        entries, logs = options.fixed_entries, options.fixed_logs
        wanted: list[tuple[Series, list[int], Points]] = [
            (
                Series("entries", f"{logs} logs"),
                options.entries,
                lambda here, size: sync_points(here, sizes, size, logs),
            ),
            (
                Series("logs", f"{shown(entries)} entries"),
                options.logs,
                lambda here, size: sync_points(here, sizes, entries, size),
            ),
            (
                Series("live neighbours", "one new entry at a time"),
                options.neighbours,
                lambda here, size: push_points(here, sizes, size),
            ),
        ]
        for series, numbers, points in wanted:
            for size in numbers:
                print(f"{size} {series.grows} …", flush=True)
                with tempfile.TemporaryDirectory(dir=folder) as here:
                    async for found in points(Path(here), size):
                        series.add(size, found)
                        print(f"  {found_line(found)}", flush=True)
    return [series for series, _, _ in wanted if series.runs]


def found_line(found: dict[str, float]) -> str:
    """One measurement as it is shown at once: a run that is cut off later has not been in vain."""
    return "; ".join(f"{metric} {shown(value)}" for metric, value in found.items())


async def collect(options: argparse.Namespace) -> list[Series]:
    """All series, with a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tidan-growth-", dir=options.folder) as folder:
        return await measure(options, Path(folder))


def main() -> None:
    """Measure, print, plot, write."""
    options = arguments()
    series = asyncio.run(collect(options))
    results: dict[str, object] = {"series": [one.described() for one in series]}
    path = write(options.output, "growth", vars(options), results)
    options.plot.parent.mkdir(parents=True, exist_ok=True)
    options.plot.write_text(growth_svg(series), "utf-8")
    print(f"\n{machine_line()}\n\n{growth_table(series)}\n\nWritten to {path} and {options.plot}")


if __name__ == "__main__":
    main()
