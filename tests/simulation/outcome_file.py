"""Outcomes of a long programme kept as they come, so that it goes on where it was stopped.

One line of JSON each, in a folder named after the code that made them: when a loaded module of ours
has changed, all is played anew.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from simulation.scenario import Outcome

ROOT = Path(__file__).resolve().parents[2]
OURS = ("protocol", "storage", "node", "tests")


def loaded_code_digest() -> str:
    """Eight bytes, in hexadecimal, of a digest over the modules of ours that are loaded."""
    places = {Path(file) for module in [*sys.modules.values()]
              if (file := getattr(module, "__file__", None))}  # fmt: skip
    digest = hashlib.sha256()
    for place in sorted(places):
        if place.is_relative_to(ROOT) and place.relative_to(ROOT).parts[0] in OURS:
            digest.update(f"{place.relative_to(ROOT)}\n".encode() + place.read_bytes())
    return digest.hexdigest()[:16]


class OutcomeFile:
    """The outcomes in one file, by seed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
        whole = [line for line in lines if line.endswith("\n")]  # the last may have been cut off
        path.write_text("".join(whole), "utf-8")
        self._kept = {outcome.seed: outcome for outcome in map(_read, whole)}

    def play(
        self, seeds: range, play: Callable[[list[int]], Iterator[Outcome]]
    ) -> Iterator[Outcome]:
        """Yield the outcome of every seed: first those kept, then the others as they are played."""
        yield from (self._kept[seed] for seed in seeds if seed in self._kept)
        with self._path.open("a", encoding="utf-8") as file:
            for outcome in play([seed for seed in seeds if seed not in self._kept]):
                file.write(json.dumps(vars(outcome)) + "\n")
                file.flush()
                yield outcome


def _read(line: str) -> Outcome:
    outcome = Outcome(**json.loads(line))
    outcome.fired, outcome.checked = Counter(outcome.fired), Counter(outcome.checked)
    return outcome
