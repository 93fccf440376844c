"""Play many seeds: ``simulate.py --seed S --count N`` (``make simulate SEED=S COUNT=N``).

Prints what was played and how often each fault fired. Ends with status 1 and the seed of the
first broken invariant. ``--trace`` prints everything one seed does.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation.memo import memoised_verification
from simulation.scenario import HOSTILITIES, NETWORK_AND_NODE_FAULTS, run_seed


def main() -> int:
    """Play the seeds asked for; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="first seed (default 1)")
    parser.add_argument("--count", type=int, default=100, help="how many seeds (default 100)")
    parser.add_argument("--trace", action="store_true", help="print every step of the first seed")
    options = parser.parse_args()
    if options.trace:
        with memoised_verification():
            outcome = run_seed(options.seed, keep_lines=True)
        print("\n".join(outcome.lines))
        print(f"seed={outcome.seed} digest={outcome.digest} violation={outcome.violation}")
        return 1 if outcome.violation else 0
    return play(options.seed, options.count)


def play(first: int, count: int) -> int:
    """Play ``count`` seeds from ``first`` on, and print what they came to."""
    began = time.perf_counter()
    fired: Counter[str] = Counter()
    node_ms = events = entries = 0
    for seed in range(first, first + count):
        with memoised_verification():
            outcome = run_seed(seed)
        if outcome.violation:
            print(outcome.report())
            return 1
        fired.update(outcome.fired)
        node_ms += outcome.virtual_ms * outcome.nodes
        events += outcome.events
        entries += outcome.entries
    seconds = time.perf_counter() - began
    print(
        f"seeds {first} to {first + count - 1}: no invariant broken,"
        f" {node_ms / 3_600_000:,.1f} virtual node-hours, {events:,} events,"
        f" {entries:,} entries stored, {seconds:.0f} s"
    )
    never = [name for name in (*NETWORK_AND_NODE_FAULTS, *HOSTILITIES) if not fired[name]]
    for name, times in sorted(fired.items()):
        print(f"  {times:>8,}  {name}")
    if never:
        print(f"never fired: {', '.join(never)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
