"""What a programme of proof came to: a JSON file each in `docs/results`, which it writes.

`docs/reliability.md` is made from these files (`tests/reliability_page.py`), so no figure on it is
ever typed. A file holds the newest run that was asked to keep its result, or all of them added up.
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
    stretches: list[dict[str, Any]] | None = None,
    folder: Path = FOLDER,
) -> Path:
    """Write `docs/results/NAME.json` and return its path.

    ``command`` makes the figures again; ``notes`` say what a reader must know to judge them (seeds,
    limits of the model); ``details`` holds what is too much for the page, such as counts by kind;
    ``stretches`` what was played at which revision (`tests/proof_stretches.py`), when runs add up.
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
    if stretches is not None:
        found["stretches"] = stretches
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    new = path.with_suffix(".json.new")
    new.write_text(f"{json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)}\n", "utf-8")
    new.replace(path)  # a programme writes again and again, and may be stopped meanwhile
    return path


def kept(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """All kept results by name, in the order of their names."""
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }
