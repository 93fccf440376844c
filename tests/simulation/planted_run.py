"""How many seeds it takes to catch each planted bug: ``make planted``.

Each bug is looked for in several batches of seeds of its own, so that the number it takes is no
matter of luck. Ends with status 1 when a bug is not caught in some batch.
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
    found: dict[str, dict[str, Any]] = {}
    for subject, bugs in BUGS.items():
        for bug in bugs:
            if options.only in bug.plant.__name__:
                found[bug.plant.__name__] = _look_for(bug, subject, options.batches, options.seeds)
    if not options.only:
        _keep(found, options.batches, options.seeds)
    missed = [name for name, told in found.items() if not told["caught"]]
    print(f"caught {len(found) - len(missed)} of {len(found)}; missed: {', '.join(missed) or '–'}")
    return 1 if missed else 0


def _look_for(bug: Bug, subject: str, batches: int, seeds_max: int) -> dict[str, Any]:
    began = time.perf_counter()
    counts: list[int | None] = []
    known: tuple[int, str] | None = None
    for batch in range(batches):
        first = batch * BATCH_SEEDS + 1
        caught = seeds_to_catch(bug, first, seeds_max)
        counts.append(caught[0] if caught else None)
        if known is None and caught:
            known = first + caught[0] - 1, caught[1]
    seconds = time.perf_counter() - began
    middle = median_count(counts)
    told = " ".join("–" if count is None else str(count) for count in counts)
    print(f"{bug.name:<58} {bug.world_name:<20} {told:<20} {seconds:6.1f} s", flush=True)
    if known:
        print(f"    seed {known[0]}: {known[1][:150]}", flush=True)
    return {
        "subject": subject,
        "world": bug.world_name,
        "seeds": counts,
        "median": middle,
        "caught": all(count is not None for count in counts),
        "seed": known[0] if known else None,
        "violation": known[1] if known else None,
    }


def _keep(found: dict[str, dict[str, Any]], batches: int, seeds_max: int) -> None:
    caught = [name for name, told in found.items() if told["caught"]]
    medians = {name: told["median"] for name, told in found.items() if told["median"] is not None}
    worst = max(medians, key=lambda name: medians[name])
    at_random = [
        told["median"]
        for told in found.values()
        if told["world"] == "federations" and told["median"] is not None
    ]
    keep(
        "planted-bugs",
        title="Planted bugs: does the simulator notice?",
        command="make planted",
        lines=[
            Line("planted bugs caught", f"{len(caught)} of {len(found)}", "40 of 40"),
            Line("of them by federations at random", str(len(at_random))),
            Line("median seeds to catch one of these", f"{median(at_random):g}"),
            Line(
                "the most, as the median of its batches",
                f"{medians[worst]:g} ({worst.replace('_', ' ')})",
            ),
        ],
        notes=[
            (
                f"Each bug is one change of the real code, looked for in {batches} batches of at"
                f" most {seeds_max} seeds of their own; caught means caught in every batch."
            ),
            "Rules that federations at random ask about too seldom have a small world each.",
            "Each bug, its seeds and what was said: `docs/results/planted-bugs.json`.",
        ],
        details=found,
    )


if __name__ == "__main__":
    sys.exit(main())
