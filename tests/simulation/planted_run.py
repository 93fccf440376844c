"""How many seeds it takes to catch each planted bug: ``make planted``.

Each bug is looked for in several batches of seeds of its own, so that the number it takes is no
matter of luck. What was found is kept after each batch, so a run that is cut short is not in vain.
Ends with status 1 when a bug is not caught in some batch.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation.planted_bugs import BUGS, Bug, median_count, seeds_to_catch
from simulation.scenario import run_seed
from tests.proof_results import Line, keep

BATCH_SEEDS = 10_000
"""Batches begin this far from each other."""


def main() -> int:
    """Look for every bug; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--batches", type=int, default=5, help="how often (default 5)")
    parser.add_argument("--seeds", type=int, default=100, help="at most in a batch (default 100)")
    parser.add_argument("--only", default="", help="bugs with this in their name; nothing is kept")
    options = parser.parse_args()
    chosen = [
        (subject, bug)
        for subject, bugs in BUGS.items()
        for bug in bugs
        if options.only in bug.plant.__name__
    ]
    found = {bug.plant.__name__: _Found(bug, subject) for subject, bug in chosen}
    for batch in range(options.batches):
        for told in found.values():
            told.look(batch * BATCH_SEEDS + 1, options.seeds)
        if not options.only:
            _keep(found, options.seeds)
    missed = [name for name, told in found.items() if not told.is_caught]
    print(f"caught {len(found) - len(missed)} of {len(found)}; missed: {', '.join(missed) or '–'}")
    return 1 if missed else 0


class _Found:
    """What has come of one bug so far."""

    def __init__(self, bug: Bug, subject: str) -> None:
        self.bug = bug
        self.subject = subject
        self.counts: list[int | None] = []
        self.seed: int | None = None
        self.violation = ""

    def look(self, first: int, seeds_max: int) -> None:
        """Look for the bug in one more batch."""
        began = time.perf_counter()
        caught = seeds_to_catch(self.bug, first, seeds_max)
        self.counts.append(caught[0] if caught else None)
        if caught and self.seed is None:
            self.seed, self.violation = first + caught[0] - 1, caught[1]
        seconds = time.perf_counter() - began
        told = f"{caught[0]:>3} seeds: {caught[1][:100]}" if caught else "  – never"
        print(f"{self.bug.name:<52} {self.bug.world_name:<22} {seconds:6.1f} s {told}", flush=True)

    @property
    def is_caught(self) -> bool:
        """Whether it was caught in every batch."""
        return None not in self.counts

    @property
    def median(self) -> float | None:
        """How many seeds it takes."""
        return median_count(self.counts)

    def details(self) -> dict[str, Any]:
        """All of it, to be kept."""
        return {
            "subject": self.subject,
            "world": self.bug.world_name,
            "seeds": self.counts,
            "median": self.median,
            "seed": self.seed,
            "violation": self.violation,
        }


def _keep(found: dict[str, _Found], seeds_max: int) -> None:
    caught = sum(told.is_caught for told in found.values())
    medians = {name: told.median for name, told in found.items() if told.median is not None}
    worst = max(medians, key=lambda name: medians[name])
    at_random = [
        medians[name]
        for name, told in found.items()
        if told.bug.world is run_seed and name in medians
    ]
    batches = max(len(told.counts) for told in found.values())
    keep(
        "planted-bugs",
        title="Planted bugs: does the simulator notice?",
        command="make planted",
        lines=[
            Line("planted bugs caught", f"{caught} of {len(found)}", "40 of 40"),
            Line("of them by federations at random", str(len(at_random))),
            Line("median seeds to catch one of these", f"{median(at_random):g}"),
            Line(
                "the most, as the median of its batches",
                f"{medians[worst]:g} ({worst.replace('_', ' ')})",
            ),
        ],
        notes=[
            (
                f"Each bug is one change of the real code, looked for in {batches} batches of"
                f" at most {seeds_max} seeds each; caught means caught in every batch."
            ),
            "Rules that federations at random ask about too seldom have a small world each.",
            "Each bug, its seeds and what was said: `docs/results/planted-bugs.json`.",
        ],
        details={name: told.details() for name, told in found.items()},
    )


if __name__ == "__main__":
    sys.exit(main())
