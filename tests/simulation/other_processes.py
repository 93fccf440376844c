"""The same in other processes: whether something hangs on the order of sets and the like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HASH_SEEDS = ("0", "1", "4711")


def printed(script: str) -> set[str]:
    """All that a script prints, run once with each hash seed; it finds the tests' modules."""
    return {
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = ['.', 'tests']\n{script}"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in HASH_SEEDS
    }
