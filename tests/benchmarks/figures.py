"""Figures of a benchmark: median and spread of several runs, one table, one JSON file.

A figure is never a single run. Spread is the smallest and the largest run; percentiles are over
all single measurements of one run. What a figure is held to stands beside it, and whether that is
reached; what is verified and durable in it stands below it.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from storage.sqlite_library import sqlite

LIBRARIES = ("aiohttp", "asyncpg", "cbor2", "cryptography", "sqlalchemy", "uvloop")


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is held to; `entries` is the size that was stated for, 0 when any will do."""

    limit: float
    at_least: bool = False
    entries: int = 0

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {shown(self.limit)}"

    def verdict(self, value: float, entries: int) -> str:
        """Whether `value` is within it; told apart when it was measured at a smaller size."""
        reached = value >= self.limit if self.at_least else value <= self.limit
        word = "yes" if reached else "NO"
        return word if entries >= self.entries else f"{word}, at {shown(entries)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; ``runs`` holds one number for each run, in ``unit``."""

    name: str
    setting: str
    unit: str
    runs: tuple[float, ...]
    note: str = ""
    target: Target | None = None
    entries: int = 0

    @property
    def median(self) -> float:
        """The middle run."""
        return statistics.median(self.runs)

    @property
    def spread(self) -> str:
        """The smallest and the largest run."""
        return f"{shown(min(self.runs))} – {shown(max(self.runs))}"

    @property
    def verdict(self) -> str:
        """Whether what it is held to is reached; empty when it is held to nothing."""
        return self.target.verdict(self.median, self.entries) if self.target else ""


def shown(number: float) -> str:
    """Three significant digits, with thin groups of thousands above."""
    if abs(number) >= 100:
        return f"{number:,.0f}".replace(",", " ")
    return f"{number:.2f}" if abs(number) < 10 else f"{number:.1f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * share // 1).__int__() - 1))]


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text, what is verified and durable below each."""
    header = ("what", "with", "median", "spread", "unit", "held to", "reached")
    rows = [
        (
            figure.name,
            figure.setting,
            shown(figure.median),
            f"{figure.spread} (n={len(figure.runs)})",
            figure.unit,
            str(figure.target or ""),
            figure.verdict,
        )
        for figure in figures
    ]
    lines = aligned([header, *rows], right=(2,))
    out = [lines[0], "-" * max(map(len, lines))]
    for figure, line in zip(figures, lines[1:], strict=True):
        out.append(line)
        if figure.note:
            out.append(f"    {figure.note}")
    return "\n".join(out)


def aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Rows of cells as lines whose columns stand below each other."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def machine() -> dict[str, object]:
    """What the figures depend on and a reader cannot see in them."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "processor": processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite.sqlite_version,
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def machine_line() -> str:
    """The facts that belong above every table."""
    facts = machine()
    return (
        f"{facts['cores']} cores, {facts['processor']}, {facts['memory_gib']} GiB; "
        f"{facts['system']}; Python {facts['python']}, SQLite {facts['sqlite']}; "
        f"load when done {facts['load']:.1f}"
    )


def processor() -> str:
    """The processor's name as the kernel tells it, where it does."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def described(figure: Figure) -> dict[str, object]:
    """A figure as the JSON file has it."""
    return asdict(figure) | {
        "median": figure.median,
        "min": min(figure.runs),
        "max": max(figure.runs),
        "reached": figure.verdict,
    }


def write(folder: Path, name: str, settings: dict[str, object], results: dict[str, object]) -> Path:
    """Write all of it as JSON, one file for each time the benchmark was run; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}.json"
    document = {
        "command": sys.argv[1:],
        "settings": {key: str(value) for key, value in settings.items()},
        "machine": machine(),
    } | results
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return path
