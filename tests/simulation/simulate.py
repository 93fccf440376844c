"""Play many seeds: ``simulate.py --seed S --count N`` (``make simulate SEED=S COUNT=N``).

Prints what was played and how often each fault fired. Ends with status 1 and the trace of the
first broken invariant, or when something never happened in a batch large enough to expect it.
``--trace`` prints everything one seed does, ``--twice`` plays each seed under two hash seeds and
compares, ``--keep`` writes docs/results/simulation.json and goes on after a failure.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation.batch import HASH_SEEDS, Tally, outcomes, percentile, play_seed
from simulation.fired import EXPECTED, GATE_SEEDS, never, shares
from simulation.memo import memoised_verification
from simulation.plans import LARGEST
from simulation.scenario import Outcome, run_seed
from tests.proof_results import Line, keep

PROGRESS_SECONDS = 60


def main() -> int:
    """Play the seeds asked for; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="first seed (default 1)")
    parser.add_argument("--count", type=int, default=100, help="how many seeds (default 100)")
    parser.add_argument("--trace", action="store_true", help="print every step of the first seed")
    parser.add_argument("--twice", action="store_true", help="compare two hash seeds")
    parser.add_argument("--processes", type=int, default=1, help="play in so many processes")
    parser.add_argument("--keep", action="store_true", help="write docs/results/simulation.json")
    options = parser.parse_args()
    if options.trace:
        return trace(options.seed)
    seeds = range(options.seed, options.seed + options.count)
    began = time.perf_counter()
    tally = Tally()
    for outcome in _watched(_played(seeds, options.processes, twice=options.twice), began):
        tally.add(outcome)
        if outcome.violation:
            print(outcome.report(), flush=True)
            if not options.keep:
                return 1
    missing = never(tally.fired, tally.checked) if tally.seeds >= GATE_SEEDS else []
    _print(tally, missing, time.perf_counter() - began)
    if options.keep:
        _keep(tally, seeds, twice=options.twice)
    return 1 if tally.broken or missing else 0


def trace(seed: int) -> int:
    """Print every step of one seed."""
    with memoised_verification():
        outcome = run_seed(seed, keep_lines=True)
    print("\n".join(outcome.lines))
    print(f"seed={outcome.seed} digest={outcome.digest} violation={outcome.violation}")
    return 1 if outcome.violation else 0


def _played(seeds: range, processes: int, *, twice: bool) -> Iterator[Outcome]:
    """Play all seeds; under a second hash seed as well, where the traces must be equal."""
    first = outcomes(play_seed, seeds, processes, HASH_SEEDS[0])
    if not twice:
        yield from first
        return
    kept = list(first)
    again = outcomes(play_seed, seeds, processes, HASH_SEEDS[1])
    for one, other in zip(kept, again, strict=True):
        if one.digest != other.digest:
            one.violation = f"another trace under another hash seed: {one.digest} {other.digest}"
        yield one


def _watched(played: Iterator[Outcome], began: float) -> Iterator[Outcome]:
    """Say now and then how far it has come."""
    said = began
    for count, outcome in enumerate(played, 1):
        if (now := time.perf_counter()) - said > PROGRESS_SECONDS:
            said = now
            print(f"{count:,} seeds in {now - began:,.0f} s", file=sys.stderr, flush=True)
        yield outcome


def _print(tally: Tally, missing: list[str], seconds: float) -> None:
    print(
        f"{tally.seeds:,} seeds: {len(tally.broken)} broke an invariant,"
        f" {tally.node_hours:,.1f} virtual node-hours, {tally.events:,} events,"
        f" {tally.entries:,} entries stored, {seconds:.0f} s"
    )
    for name, times in sorted((tally.fired + tally.checked).items()):
        print(f"  {times:>10,}  {name}")
    if missing:
        print(f"never happened: {', '.join(missing)}")
    elif tally.seeds < GATE_SEEDS:
        print(f"too few seeds to expect all {len(EXPECTED)} things (from {GATE_SEEDS} on)")


def _keep(tally: Tally, seeds: range, *, twice: bool) -> None:
    asked = f"make simulate SEED={seeds.start} COUNT={len(seeds)}"
    largest = tally.equal_after_ms.get(LARGEST, [])
    honest = [value for values in tally.equal_after_ms.values() for value in values]
    keep(
        "simulation",
        title="Simulated federations",
        command=f'{asked} ARGS="--keep{" --twice" * twice}"',
        lines=[
            Line("simulated node-hours", f"{tally.node_hours:,.0f}", "200,000", "1,000,000"),
            Line("seeds", f"{tally.seeds:,}", "20,000", "100,000"),
            Line("broken invariants", str(len(tally.broken)), "0", "0"),
            Line("faults · hostile behaviours · messages that happened", shares(tally.fired)),
            Line(f"{LARGEST} nodes after healing: all equal, p99", _seconds(largest), "60 s"),
            Line("3 to 24 nodes after healing: all equal, p99", _seconds(honest)),
            Line("the same beside a neighbour that goes on", _seconds(tally.beside_hostile_ms)),
        ],
        notes=_notes(len(largest), twice=twice),
        details={"counts": dict(sorted(tally.fired.items())), "checks": dict(tally.checked),
                 "entries": tally.entries, "events": tally.events,
                 "equal_after_ms": {str(size): {"seeds": len(values), "p50": percentile(values, .5),
                                                "p99": percentile(values, .99)}
                                    for size, values in sorted(tally.equal_after_ms.items())}},
    )  # fmt: skip


def _notes(largest: int, *, twice: bool) -> list[str]:
    return [
        "Network, disks and clocks are models: [simulation.md](simulation.md) says what is real.",
        "Up to two hours of each seed pass after all is equal, and must pass without a frame.",
        f"The p99 of {LARGEST} nodes is over {largest:,} seeds of that size.",
        "Each seed was played under two hash seeds with equal traces."
        if twice
        else "Equal traces under different hash seeds: `ARGS=--twice`, and a test with few seeds.",
    ]


def _seconds(values: list[int]) -> str:
    return f"{percentile(values, 0.99) / 1_000:.0f} s" if values else "not played"


if __name__ == "__main__":
    sys.exit(main())
