"""Gives one target bytes for a while: ``python -m tests.fuzz.one TARGET SEED SECONDS FOLDER``.

With atheris (`make fuzz` puts it into ``.fuzz``) the bytes follow what the code does with them;
else they are the seeds, changed at random. What was found, and how often the target was asked, is
written to ``FOLDER/found.json`` as it goes: atheris ends the process as it likes.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

FINDINGS_MAX = 50
NOTE_SECONDS = 0.5
INPUT_BYTES_MAX = 4_096
SHORT_BYTES_MAX = 256
"""Enough for any one construct, and soon read: every other run keeps to such inputs."""


class Watch:
    """Counts executions, and keeps inputs that raise or take long."""

    def __init__(self, execute: Callable[[bytes], None], folder: Path, slow_seconds: float) -> None:
        self._execute = execute
        self._folder = folder
        self._slow_seconds = slow_seconds
        self._noted_at = 0.0
        self.executions = 0
        self.crashes: dict[str, str] = {}
        self.slow: list[str] = []

    def __call__(self, data: bytes) -> None:
        """Give the target some bytes; never raises."""
        began = time.thread_time()
        try:
            self._execute(data)
        except Exception as error:  # noqa: BLE001  # every kind is a finding
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}"
            if len(self.crashes) < FINDINGS_MAX:
                self.crashes.setdefault(kind, data.hex())
        if time.thread_time() - began > self._slow_seconds and len(self.slow) < FINDINGS_MAX:
            self.slow.append(data.hex())
        self.executions += 1
        if self.executions % 64 == 0:
            self._note()

    def _note(self) -> None:
        if time.monotonic() - self._noted_at >= NOTE_SECONDS:
            self.note()

    def note(self) -> None:
        """Write what is known so far."""
        self._noted_at = time.monotonic()
        found = {"executions": self.executions, "crashes": self.crashes, "slow": self.slow}
        path = self._folder / "found.json.new"
        path.write_text(json.dumps(found), "utf-8")
        path.replace(self._folder / "found.json")


def changed(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A seed with a few random changes."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        place = chance.randrange(len(out) + 1)
        match chance.randrange(5):
            case 0 if out:
                out[place % len(out)] ^= 1 << chance.randrange(8)
            case 1:
                out[place:place] = chance.randbytes(chance.choice((1, 2, 8)))
            case 2:
                del out[place : place + chance.choice((1, 2, 16, 200))]
            case 3:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                out[place:place] = other[start : start + chance.choice((4, 32, 300))]
            case _:
                odd = chance.choice(
                    (b"\xff" * 8, b"\x00" * 8, b"\x7f\xff\xff\xff", b"\x1b", b"9" * 40)
                )
                out[place : place + len(odd)] = odd
    return bytes(out[:INPUT_BYTES_MAX])


def _blindly(watch: Watch, seeds: list[bytes], seed: int, seconds: float) -> None:
    chance, ends = random.Random(seed), time.monotonic() + seconds
    while time.monotonic() < ends:
        for _ in range(100):
            watch(changed(chance.choice(seeds), seeds, chance))
    watch.note()


def main() -> None:
    """Run one target."""
    name, seed, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    folder = Path(sys.argv[4])
    try:
        import atheris  # noqa: PLC0415  # only where `make fuzz` has put it
    except ImportError:
        atheris = None
    instrumented = atheris.instrument_imports(include=["protocol", "node"]) if atheris else None
    with instrumented or contextlib.nullcontext():
        from fuzz.readers import TARGETS, THINKING_SECONDS_MAX  # noqa: PLC0415  # likewise
        from fuzz.seeds import seeds  # noqa: PLC0415  # imported under atheris's eyes
        from simulation.memo import memoised_verification  # noqa: PLC0415  # likewise
    target, given = TARGETS[name], seeds(name) or [b""]
    watch = Watch(target.execute, folder, THINKING_SECONDS_MAX)
    for data in given:
        watch(data)
    watch.note()
    with memoised_verification():  # what is changed around a signature asks for it again and again
        _fuzz(atheris, name, given, watch, seed, seconds)


def _fuzz(
    atheris: Any, name: str, given: list[bytes], watch: Watch, seed: int, seconds: float
) -> None:
    """Give it bytes for so long; with atheris the process ends here."""
    if atheris is None:
        _blindly(watch, given, seed, seconds)
        return
    corpus = Path(atheris.__file__).parents[1] / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(given):
        (corpus / f"seed-{number}").write_bytes(data)
    bytes_max = INPUT_BYTES_MAX if seed % 2 else SHORT_BYTES_MAX
    bounds = [f"-max_total_time={seconds:.0f}", f"-max_len={bytes_max}"]
    bounds += ["-timeout=20", f"-seed={seed}"]
    atheris.Setup(
        [sys.argv[0], *bounds, "-verbosity=0", "-print_final_stats=0", str(corpus)], watch
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
