"""Gives every decoder bytes that nobody meant, for a while: ``make fuzz SECONDS=60``.

Each target has a process of its own and its share of the time; with ``--keep`` only those that have
not been asked often enough yet. What took long is timed again
without instrumentation before it counts. `--keep` adds to docs/results/fuzz.json; crashes and
hangs are printed and end with exit code 1. Inputs that reached something new are kept beside the
fuzzer in ``.fuzz/corpus``, so the next run begins where this one ended.
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
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from fuzz.readers import TARGETS, THINKING_SECONDS_MAX
from tests.proof_results import Line, keep
from tests.proof_stretches import Stretches

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / ".fuzz"
GRACE_SECONDS = 900
"""Beside much else, loading all that is instrumented takes minutes."""
EXECUTIONS_WANTED = 2_000_000


@dataclass
class Found:
    """What one target came to."""

    name: str
    executions: int = 0
    crashes: dict[str, str] = field(default_factory=dict)
    hangs: list[str] = field(default_factory=list)

    @property
    def broken(self) -> str | None:
        """What was found, in words for a result."""
        crashes = [f"{kind}: {data[:200]}" for kind, data in self.crashes.items()]
        return "; ".join([*crashes, *(f"slow: {data[:200]}" for data in self.hangs)]) or None


def run_target(name: str, seed: int, seconds: float) -> Found:
    """Run one target in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="tidan-fuzz-") as folder:
        places = [str(ROOT), str(ROOT / "tests"), *([str(LIBRARY)] if LIBRARY.exists() else [])]
        done = subprocess.run(  # our own module, by its name
            [sys.executable, "-m", "tests.fuzz.one", name, str(seed), str(seconds), folder],
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


def wanting(stretches: Stretches) -> list[str]:
    """The targets that have not been asked as often as is wanted; all of them when all have."""
    few = [
        name for name in TARGETS if stretches.total(name).get("executions", 0) < EXECUTIONS_WANTED
    ]
    return few or list(TARGETS)


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
    parser.add_argument("--processes", type=int, default=1, help="so many targets side by side")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="only this one")
    parser.add_argument("--keep", action="store_true", help="add to docs/results/fuzz.json")
    asked = parser.parse_args()
    save = partial(keep_results, asked.seconds) if asked.keep else None
    with Stretches("fuzz", save) as stretches:
        names = asked.target or wanting(stretches)
        seconds = max(1.0, asked.seconds * asked.processes / len(names))
        with ThreadPoolExecutor(asked.processes) as threads:
            running = {}
            for name in names:
                seed = next(number for number in count(1) if stretches.left(name, [number]))
                running[threads.submit(run_target, name, seed, seconds)] = seed
            for done in as_completed(running):
                found = done.result()
                tell(found)
                executions = {"executions": found.executions}
                stretches.add(found.name, running[done], executions, found.broken)
    sys.exit(bool(stretches.broken()))


def keep_results(seconds: float, stretches: Stretches) -> None:
    """Write the result file."""
    lines = []
    for name in TARGETS:
        executions, broken = stretches.total(name).get("executions", 0), stretches.broken(name)
        hangs = sum("slow: " in one for one in broken)
        figure = f"{name}: executions; runs with a crash, with a hang over 50 ms"
        measured = f"{executions:,}; {len(broken) - hangs}, {hangs}"
        lines.append(Line(figure, measured, f"{EXECUTIONS_WANTED:,}; 0, 0", "20,000,000; 0, 0"))
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
            f"The newest run: {seconds:,.0f} seconds for all targets together; {guided}.",
            "A hang is more than 50 ms of processor time for at most 4,096 bytes, the best of 3.",
            "Every other run of a target keeps to 256 bytes.",
            "One execution of `session` is a whole handshake and all frames after it.",
        ],
        details={"broken": stretches.broken()},
        stretches=stretches.as_json(),
    )


if __name__ == "__main__":
    main()
