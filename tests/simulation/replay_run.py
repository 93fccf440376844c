"""Many recorded traces through real sockets: ``make replay SEED=S COUNT=N``.

Keeps what it came to when nothing differed; ends with status 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation.memo import memoised_verification
from simulation.replay import Replayed, replay
from tests.proof_results import Line, keep


def main() -> int:
    """Replay the seeds asked for; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="first seed (default 1)")
    parser.add_argument("--count", type=int, default=50, help="how many seeds (default 50)")
    options = parser.parse_args()
    began, told = time.perf_counter(), []
    for seed in range(options.seed, options.seed + options.count):
        with TemporaryDirectory(prefix="tidan-replay-") as folder, memoised_verification():
            told.append(asyncio.run(replay(seed, Path(folder))))
        print(told[-1], flush=True)
    different = [replayed.seed for replayed in told if replayed.faults]
    print(f"{len(told)} traces, {time.perf_counter() - began:.0f} s; different: {different or '–'}")
    if not different:
        _keep(told)
    return 1 if different else 0


def _keep(told: list[Replayed]) -> None:
    entries = sum(replayed.entries for replayed in told)
    keep(
        "replayed-traces",
        title="Recorded traces through real sockets",
        command=f"make replay SEED={told[0].seed} COUNT={len(told)}",
        lines=[
            Line("traces replayed against a real node", f"{len(told):,}"),
            Line("of them with other logs at the end", "0", "0"),
            Line("frames sent as they were recorded", f"{sum(one.frames for one in told):,}"),
            Line("frames that must end their session, and did", f"{sum(o.ended for o in told):,}"),
            Line("entries compared byte for byte", f"{entries:,}"),
            Line("logs that had forked, frozen there as here", f"{sum(o.forked for o in told):,}"),
        ],
        notes=[
            (
                "A trace is all that one correct node of a simulated federation took in, hostile"
                " frames too. Handshakes and credit are made anew: they belong to one session."
            ),
            "Files are left out, and so is what a simulated node lost with its disk.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
