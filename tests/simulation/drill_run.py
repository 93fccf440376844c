"""Drill thefts, losses, old backups and copies: ``make drills COUNT=1000``.

Prints what came of each kind, and ends with status 1 when a drill did not end well. ``--trace``
prints every step of one drill; ``--keep`` adds to docs/results/drills.json what it does not have
yet of these seeds, and saves each minute.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation.batch import HASH_SEEDS, counts_of, outcomes, play_drill
from simulation.drills import DRILLS, OUTCOMES, run_drill
from simulation.invariants import Invariant
from simulation.memo import memoised_verification
from tests.proof_results import Line, keep
from tests.proof_stretches import Stretches

PROGRESS_EVERY = 50
NAMES = {
    "theft": "stolen key, the thief publishes",
    "loss": "lost machine",
    "stale": "database from an old backup",
    "snapshot": "whole machine put back from a snapshot",
    "clone": "copied machine",
    "both": "two of these at once",
}


def main() -> int:
    """Play the drills asked for; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="first seed (default 1)")
    parser.add_argument("--count", type=int, default=100, help="seeds of each kind (default 100)")
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop after so long")
    parser.add_argument("--kind", choices=DRILLS, help="only this kind")
    parser.add_argument("--trace", action="store_true", help="print every step of the first drill")
    parser.add_argument("--processes", type=int, default=1, help="play in so many processes")
    parser.add_argument("--keep", action="store_true", help="add to docs/results/drills.json")
    options = parser.parse_args()
    if options.trace:
        return trace(options.kind or DRILLS[0], options.seed)
    command = f"make drills SEED={options.seed} COUNT={options.count} ARGS=--keep"
    save = partial(_keep, command) if options.keep else None
    ends_at = time.monotonic() + options.seconds
    with Stretches("drills", save) as stretches:
        for kind in (options.kind,) if options.kind else DRILLS:
            seeds = stretches.left(kind, range(options.seed, options.seed + options.count))
            _play(stretches, kind, seeds, options.processes, ends_at)
    return 1 if stretches.broken() else 0


def trace(kind: str, seed: int) -> int:
    """Print every step of one drill."""
    with memoised_verification():
        outcome = run_drill(seed, kind, keep_lines=True)
    print("\n".join(outcome.lines))
    print(f"{kind} seed={outcome.seed} digest={outcome.digest} violation={outcome.violation}")
    return 1 if outcome.violation else 0


def _play(
    stretches: Stretches, kind: str, seeds: list[int], processes: int, ends_at: float
) -> None:
    """Play one kind, and say how far it has come and what came of it."""
    print(f"{kind}: {stretches.played(kind):,} played before, {len(seeds):,} to play", flush=True)
    jobs = ((kind, seed) for seed in seeds)
    for number, outcome in enumerate(outcomes(play_drill, jobs, processes, HASH_SEEDS[0]), 1):
        stretches.add(kind, outcome.seed, counts_of(outcome), outcome.violation)
        if number % PROGRESS_EVERY == 0:
            print(f"{kind}: {number:,} of {len(seeds):,}", flush=True)
        if outcome.violation:
            replay = f'make drills SEED={outcome.seed} ARGS="--kind {kind} --trace"'
            print(f"{kind} seed={outcome.seed}: {outcome.violation}", *outcome.lines, sep="\n")
            print(f"replay: {replay}", flush=True)
        if time.monotonic() > ends_at:
            break
    played, broken = stretches.played(kind), stretches.broken(kind)
    print(f"{kind}: {played:,} drills, {len(broken)} ended badly")
    for name, times in _came_of(stretches, kind).items():
        print(f"  {times:>8,}  {name}", flush=True)


def _came_of(stretches: Stretches, kind: str) -> dict[str, int]:
    fired = stretches.total(kind).get("fired", {})
    return {name: fired.get(name, 0) for name in OUTCOMES}


def _keep(command: str, stretches: Stretches) -> None:
    broken = stretches.broken()
    self_forks = sum(f": {Invariant.I4.name} " in one for one in broken)
    lines = [
        Line(f"drills: {NAMES[kind]}", f"{stretches.played(kind):,}", "1,000") for kind in DRILLS
    ]
    keep(
        "drills",
        title="Drills of a municipality's identity",
        command=command,
        lines=[
            *lines,
            Line("nodes that signed twice at one number with one key", str(self_forks), "0"),
            Line("drills after which honest nodes differed, or the owner could not go on",
                 str(len(broken) - self_forks), "0"),
        ],
        notes=[
            "Federations of 3 to 7 nodes, under light faults: [simulation.md](simulation.md).",
            "Only thieves sign twice; what they signed is gone at every honest node in the end.",
        ],
        details={kind: _came_of(stretches, kind) for kind in DRILLS} | {"broken": broken},
        stretches=stretches.as_json(),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
