"""Runs a program under strace, and returns the history of the one folder that it works in."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.power.history import History
from tests.power.recorder import Recorder
from tests.power.trace import BYTES_SHOWN_MAX, CALLS

ROOT = Path(__file__).resolve().parents[2]
STRACE = "strace"
MISSING = "strace is not installed; install the package `strace`"


def record(command: list[str], folder: Path) -> History:
    """Run a program that works in ``folder``, empty now, to its end; returns its history."""
    with tempfile.NamedTemporaryFile("r", prefix="tidan-trace-", encoding="ascii") as trace:
        options = ("-f", "--seccomp-bpf", "-y", "-xx", "-s", str(BYTES_SHOWN_MAX))
        only = ("-e", "signal=none", "-e", f"trace={','.join(CALLS)}")
        done = subprocess.run(
            [STRACE, *options, *only, "-o", trace.name, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the recorded program failed:\n{done.stdout}{done.stderr}")
        return Recorder(ROOT, folder).read(trace)


def is_installed() -> bool:
    """Whether this machine can record."""
    return shutil.which(STRACE) is not None
