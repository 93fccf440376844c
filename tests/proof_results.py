"""What a programme of proof came to: a JSON file each in `docs/results`, which it writes.

`docs/reliability.md` is made from these files (`tests/reliability_page.py`), so no figure on it is
ever typed. A file holds the newest run that was asked to keep its result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import machine_line

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "results"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: what was counted, what it came to, what it is held to, and the aim beyond."""

    figure: str
    measured: str
    at_least: str = ""
    aim: str = ""


def keep(
    name: str,
    *,
    title: str,
    command: str,
    lines: Iterable[Line],
    notes: Iterable[str] = (),
    details: Mapping[str, Any] | None = None,
    folder: Path = FOLDER,
) -> Path:
    """Write `docs/results/NAME.json` and return its path.

    ``command`` makes the figures again; ``notes`` say what a reader must know to judge them (seeds,
    limits of the model); ``details`` holds what is too much for the page, such as counts by kind.
    """
    found = {
        "title": title,
        "command": command,
        "made": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine_line(),
        "lines": [asdict(line) for line in lines],
        "notes": list(notes),
        "details": dict(details or {}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(f"{json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)}\n", "utf-8")
    return path


def kept(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """All kept results by name, in the order of their names."""
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }
