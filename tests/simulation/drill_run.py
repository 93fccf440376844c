"""Drill thefts, losses, old backups and copies: ``make drills COUNT=1000``.

Prints what came of each kind, and ends with status 1 when a drill did not end well. What has been
played is kept in ``.drills``: stopped and begun again, it goes on, unless the code has changed.
``--trace`` prints every step of one drill; ``--keep`` writes docs/results/drills.json.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation.batch import HASH_SEEDS, Tally, outcomes, play_drill
from simulation.drills import DRILLS, OUTCOMES, run_drill
from simulation.invariants import Invariant
from simulation.memo import memoised_verification
from simulation.outcome_file import OutcomeFile, loaded_code_digest
from simulation.scenario import Outcome
from tests.proof_results import Line, keep

PLAYED = ROOT / ".drills"
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
    parser.add_argument("--kind", choices=DRILLS, help="only this kind")
    parser.add_argument("--more", nargs=2, action="append", default=[], metavar=("KIND", "COUNT"),
                        help="so many seeds of one kind instead")  # fmt: skip
    parser.add_argument("--trace", action="store_true", help="print every step of the first drill")
    parser.add_argument("--processes", type=int, default=1, help="play in so many processes")
    parser.add_argument("--keep", action="store_true", help="write docs/results/drills.json")
    options = parser.parse_args()
    if options.trace:
        return trace(options.kind or DRILLS[0], options.seed)
    kinds = (options.kind,) if options.kind else DRILLS
    counts = dict.fromkeys(kinds, options.count) | {kind: int(n) for kind, n in options.more}
    tallies = {
        kind: _play(kind, range(options.seed, options.seed + count), options.processes)
        for kind, count in counts.items()
    }
    if options.keep:
        more = "".join(f"--more {kind} {count} " for kind, count in options.more)
        arguments = f'"{more}--keep"' if more else "--keep"
        _keep(tallies, f"make drills SEED={options.seed} COUNT={options.count} ARGS={arguments}")
    return 1 if any(tally.broken for tally in tallies.values()) else 0


def trace(kind: str, seed: int) -> int:
    """Print every step of one drill."""
    with memoised_verification():
        outcome = run_drill(seed, kind, keep_lines=True)
    print("\n".join(outcome.lines))
    print(f"{kind} seed={outcome.seed} digest={outcome.digest} violation={outcome.violation}")
    return 1 if outcome.violation else 0


def _play(kind: str, seeds: range, processes: int) -> Tally:
    began, tally = time.perf_counter(), Tally()
    played = OutcomeFile(PLAYED / loaded_code_digest() / f"{kind}.jsonl")

    def play(left: list[int]) -> Iterator[Outcome]:
        print(f"{kind}: {len(seeds) - len(left):,} of {len(seeds):,} played before", flush=True)
        return outcomes(play_drill, ((kind, seed) for seed in left), processes, HASH_SEEDS[0])

    for outcome in played.play(seeds, play):
        tally.add(outcome)
        if tally.seeds % PROGRESS_EVERY == 0:
            print(f"{kind}: {tally.seeds:,} of {len(seeds):,}", flush=True)
        if outcome.violation:
            replay = f'make drills SEED={outcome.seed} ARGS="--kind {kind} --trace"'
            print(f"{kind} seed={outcome.seed}: {outcome.violation}", *outcome.lines, sep="\n")
            print(f"replay: {replay}", flush=True)
    seconds = time.perf_counter() - began
    print(f"{kind}: {tally.seeds:,} drills, {len(tally.broken)} ended badly, {seconds:.0f} s")
    for name in OUTCOMES:
        print(f"  {tally.fired[name]:>8,}  {name}", flush=True)
    return tally


def _keep(tallies: dict[str, Tally], command: str) -> None:
    self_forks = Counter(
        outcome.violation.startswith(f"{Invariant.I4.name} ")
        for tally in tallies.values()
        for outcome in tally.broken
        if outcome.violation
    )
    lines = [
        Line(f"drills: {NAMES[kind]}", f"{tally.seeds:,}", "1,000")
        for kind, tally in tallies.items()
    ]
    keep(
        "drills",
        title="Drills of a municipality's identity",
        command=command,
        lines=[
            *lines,
            Line("nodes that signed twice at one number with one key", str(self_forks[True]), "0"),
            Line("drills after which honest nodes differed, or the owner could not go on",
                 str(self_forks[False]), "0"),
        ],
        notes=[
            "Federations of 3 to 7 nodes, under light faults: [simulation.md](simulation.md).",
            "Only thieves sign twice; what they signed is gone at every honest node in the end.",
        ],
        details={kind: {name: tally.fired[name] for name in OUTCOMES}
                 for kind, tally in tallies.items()},
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
