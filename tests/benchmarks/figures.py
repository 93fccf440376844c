"""Figures of a benchmark: median and spread of several runs, one table, one JSON file.

A figure is never a single run. Spread is the smallest and the largest run; percentiles are over
all single measurements of all runs.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; ``runs`` holds one number for each run, in ``unit``."""

    name: str
    setting: str
    unit: str
    runs: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float:
        """The middle run."""
        return statistics.median(self.runs)

    @property
    def spread(self) -> str:
        """The smallest and the largest run."""
        return f"{shown(min(self.runs))} – {shown(max(self.runs))}"


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
    """The figures as aligned text, notes below each other on the right."""
    header = ("what", "with", "median", "spread", "unit", "note")
    rows = [
        (f.name, f.setting, shown(f.median), f"{f.spread} (n={len(f.runs)})", f.unit, f.note)
        for f in figures
    ]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [
        "  ".join(
            cell.rjust(width) if i == 2 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [header, tuple("-" * width for width in widths), *rows]
    ]
    return "\n".join(lines)


def machine() -> dict[str, object]:
    """What the figures depend on and a reader cannot see in them."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "processor": processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "libraries": {
            name: version(name) for name in ("aiohttp", "cbor2", "cryptography", "sqlalchemy")
        },
    }


def processor() -> str:
    """The processor's name as the kernel tells it, where it does."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write(folder: Path, settings: dict[str, object], figures: Sequence[Figure]) -> Path:
    """Write all of it as JSON, one file for each time the benchmark was run; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / time.strftime("%Y%m%dT%H%M%S.json", time.gmtime())
    document = {
        "command": sys.argv[1:],
        "settings": settings,
        "machine": machine(),
        "figures": [
            asdict(figure)
            | {"median": figure.median, "min": min(figure.runs)}
            | {"max": max(figure.runs)}
            for figure in figures
        ],
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return path
