"""Gives every decoder bytes that nobody meant, for a while: ``make fuzz SECONDS=60``.

Each target has a process of its own and its share of the time. What took long is timed again
without instrumentation before it counts. `--keep` writes docs/results/fuzz.json; crashes and hangs
end with exit code 1 and lie in the folder that is named.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.readers import TARGETS, THINKING_SECONDS_MAX
from tests.proof_results import Line, keep

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / ".fuzz"
GRACE_SECONDS = 120
EXECUTIONS_WANTED = 2_000_000


@dataclass
class Found:
    """What one target came to."""

    name: str
    executions: int = 0
    crashes: dict[str, str] = field(default_factory=dict)
    hangs: list[str] = field(default_factory=list)


def run_target(name: str, seconds: float) -> Found:
    """Run one target in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="tidan-fuzz-") as folder:
        places = [str(ROOT), str(ROOT / "tests"), *([str(LIBRARY)] if LIBRARY.exists() else [])]
        done = subprocess.run(  # our own module, by its name
            [sys.executable, "-m", "tests.fuzz.one", name, str(seconds), folder],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(places)},
            capture_output=True,
            timeout=seconds + GRACE_SECONDS,
            check=False,
        )
        path = Path(folder) / "found.json"
        if not path.exists():
            return Found(name, crashes={"the process ended": done.stderr.decode()[-2_000:]})
        kept = json.loads(path.read_text("utf-8"))
    hangs = [one for one in kept["slow"] if is_slow(name, bytes.fromhex(one))]
    return Found(name, kept["executions"], kept["crashes"], hangs)


def is_slow(name: str, data: bytes) -> bool:
    """Whether bytes take too long, the quickest of three times counting."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        with contextlib.suppress(Exception):  # that it raises is told as a crash
            TARGETS[name].execute(data)
        times.append(time.thread_time() - began)
    return min(times) > THINKING_SECONDS_MAX


def tell(found: Found) -> None:
    """Print what a target came to."""
    print(  # a command's own words
        f"{found.name:16} {found.executions:>11,} executions, {len(found.crashes)} crashes, "
        f"{len(found.hangs)} hangs",
        flush=True,
    )
    for kind, data in found.crashes.items():
        print(f"    {kind}: {data[:200]}")
    for data in found.hangs:
        print(f"    slow: {data[:200]}")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="only this one")
    parser.add_argument("--keep", action="store_true", help="write docs/results/fuzz.json")
    asked = parser.parse_args()
    names = asked.target or list(TARGETS)
    results = []
    for name in names:
        results.append(run_target(name, max(1.0, asked.seconds / len(names))))
        tell(results[-1])
    if asked.keep:
        keep_results(results, asked.seconds)
    sys.exit(any(found.crashes or found.hangs for found in results))


def keep_results(results: list[Found], seconds: float) -> None:
    """Write the result file."""
    lines = [
        Line(
            f"{found.name}: executions; crashes, hangs over 50 ms",
            f"{found.executions:,}; {len(found.crashes)}, {len(found.hangs)}",
            f"{EXECUTIONS_WANTED:,}; 0, 0",
            "20,000,000; 0, 0",
        )
        for found in results
    ]
    guided = (
        "guided by coverage (atheris)"
        if (LIBRARY / "atheris").exists()
        else "seeds, changed at random"
    )
    keep(
        "fuzz",
        title="Fuzzing of all that reads bytes from outside",
        command=f"make fuzz SECONDS={seconds:.0f} ARGS=--keep",
        lines=lines,
        notes=[
            f"One process, {seconds:,.0f} seconds for all targets together; {guided}.",
            "A hang is more than 50 ms of processor time for at most 4,096 bytes, the best of 3.",
            "One execution of `session` is a whole handshake and all frames after it.",
        ],
    )


if __name__ == "__main__":
    main()
