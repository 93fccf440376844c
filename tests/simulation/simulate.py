"""Play many seeds: ``simulate.py --seed S --count N`` (``make simulate SEED=S COUNT=N``).

Prints what was played and how often each fault fired. Ends with status 1 and the trace of the
first broken invariant, or when something never happened in a batch large enough to expect it.
``--trace`` prints everything one seed does, ``--twice`` plays each seed under two hash seeds and
compares, ``--keep`` adds to docs/results/simulation.json what it does not have yet of these seeds,
saves each minute, and goes on after a failure.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation.batch import HASH_SEEDS, counts_of, outcomes, percentile, play_seed
from simulation.fired import EXPECTED, GATE_SEEDS, never, shares
from simulation.memo import memoised_verification
from simulation.plans import LARGEST
from simulation.scenario import Outcome, run_seed
from tests.proof_results import Line, keep
from tests.proof_stretches import Stretches

PROGRESS_SECONDS = 60
HOUR_MS = 3_600_000
ONCE, TWICE = "seeds", "with equal traces under two hash seeds"


def main() -> int:
    """Play the seeds asked for; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="first seed (default 1)")
    parser.add_argument("--count", type=int, default=100, help="how many seeds (default 100)")
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop after so long")
    parser.add_argument("--trace", action="store_true", help="print every step of the first seed")
    parser.add_argument("--twice", action="store_true", help="compare two hash seeds")
    parser.add_argument("--processes", type=int, default=1, help="play in so many processes")
    parser.add_argument("--keep", action="store_true", help="add to docs/results/simulation.json")
    options = parser.parse_args()
    if options.trace:
        return trace(options.seed)
    began = time.monotonic()
    command = f"make simulate SEED={options.seed} COUNT={options.count}"
    arguments = f'"--keep{" --twice" * options.twice}"'
    save = partial(_keep, f"{command} ARGS={arguments}") if options.keep else None
    with Stretches("simulation", save) as stretches:
        part = TWICE if options.twice else ONCE
        seeds = stretches.left(part, range(options.seed, options.seed + options.count))
        for outcome in _watched(_played(seeds, options.processes, twice=options.twice), began):
            if part == TWICE:
                stretches.add(TWICE, outcome.seed, {}, outcome.violation)
            if not outcome.violation or part == ONCE:
                _count(stretches, outcome)
            if outcome.violation:
                print(outcome.report(), flush=True)
            if outcome.violation and not options.keep:
                return 1
            if time.monotonic() - began > options.seconds:
                break
    missing = _print(stretches, time.monotonic() - began)
    return 1 if stretches.broken() or missing else 0


def trace(seed: int) -> int:
    """Print every step of one seed."""
    with memoised_verification():
        outcome = run_seed(seed, keep_lines=True)
    print("\n".join(outcome.lines))
    print(f"seed={outcome.seed} digest={outcome.digest} violation={outcome.violation}")
    return 1 if outcome.violation else 0


def _played(seeds: list[int], processes: int, *, twice: bool) -> Iterator[Outcome]:
    """Play all seeds; under a second hash seed as well, where the traces must be equal."""
    if not twice:
        yield from outcomes(play_seed, seeds, processes, HASH_SEEDS[0])
        return
    for_each = max(1, processes // 2)
    kept, again = (outcomes(play_seed, seeds, for_each, hash_seed) for hash_seed in HASH_SEEDS)
    for one, other in zip(kept, again, strict=True):
        if one.digest != other.digest:
            one.violation = f"another trace: {one.digest} {other.digest}"
        yield one


def _watched(played: Iterator[Outcome], began: float) -> Iterator[Outcome]:
    """Say now and then how far it has come."""
    said = began
    for count, outcome in enumerate(played, 1):
        if (now := time.monotonic()) - said > PROGRESS_SECONDS:
            said = now
            print(f"{count:,} seeds in {now - began:,.0f} s", file=sys.stderr, flush=True)
        yield outcome


def _count(stretches: Stretches, outcome: Outcome) -> None:
    """Add a seed to the figures, once however often it is played."""
    if stretches.left(ONCE, [outcome.seed]):
        stretches.add(ONCE, outcome.seed, counts_of(outcome), outcome.violation)


def _print(stretches: Stretches, seconds: float) -> list[str]:
    """Say what all came to; returns what never happened in seeds enough to expect it."""
    total, seeds = stretches.total(), stretches.played(ONCE)
    fired, checked = total.get("fired", {}), total.get("checked", {})
    print(
        f"{seeds:,} seeds: {len(stretches.broken())} broke an invariant,"
        f" {total.get('node_ms', 0) / HOUR_MS:,.1f} virtual node-hours,"
        f" {total.get('events', 0):,} events, {total.get('entries', 0):,} entries stored,"
        f" {seconds:.0f} s"
    )
    for name, times in sorted((fired | checked).items()):
        print(f"  {times:>10,}  {name}")
    if seeds < GATE_SEEDS:
        print(f"too few seeds to expect all {len(EXPECTED)} things (from {GATE_SEEDS} on)")
        return []
    missing = never(fired, checked)
    if missing:
        print(f"never happened: {', '.join(missing)}")
    return missing


def _keep(command: str, stretches: Stretches) -> None:
    total, broken = stretches.total(), stretches.broken()
    seeds = stretches.played(ONCE)
    by_size, honest = total.get("equal_after_ms", {}), Counter[str]()
    for counted in by_size.values():
        honest.update(counted)
    largest = by_size.get(str(LARGEST), {})
    hours = f"{total.get('node_ms', 0) / HOUR_MS:,.0f}"
    keep(
        "simulation",
        title="Simulated federations",
        command=command,
        lines=[
            Line("simulated node-hours", hours, "200,000", "1,000,000"),
            Line("seeds", f"{seeds:,}", "20,000", "100,000"),
            Line("broken invariants", str(len(broken)), "0", "0"),
            Line("faults · hostile behaviours · messages that happened", shares(total["fired"])),
            Line(f"{LARGEST} nodes after healing: all equal, p99", _seconds(largest), "60 s"),
            Line("3 to 24 nodes after healing: all equal, p99", _seconds(honest)),
            Line("the same beside a neighbour that goes on",
                 _seconds(total.get("beside_hostile_ms", {}))),
        ],
        notes=_notes(sum(largest.values()), stretches.played(TWICE)),
        details={"broken": broken,
                 "equal_after_ms": {size: {"seeds": sum(counted.values()),
                                           "p50": percentile(counted, .5),
                                           "p99": percentile(counted, .99)}
                                    for size, counted in sorted(by_size.items())}},
        stretches=stretches.as_json(),
    )  # fmt: skip


def _notes(largest: int, twice: int) -> list[str]:
    return [
        "Network, disks and clocks are models: [simulation.md](simulation.md) says what is real.",
        "Up to two hours of each seed pass after all is equal, and must pass without a frame.",
        f"The p99 of {LARGEST} nodes is over {largest:,} seeds of that size.",
        f"{twice:,} of the seeds were played under two hash seeds with equal traces.",
    ]


def _seconds(counted: Mapping[str, int]) -> str:
    return f"{percentile(counted, 0.99) / 1_000:.0f} s" if counted else "not played"


if __name__ == "__main__":
    sys.exit(main())
