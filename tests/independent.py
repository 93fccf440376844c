"""The verifier that holds none of our code, in its own environment, which ``make test`` sets up."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-interop" / "bin" / "python"


def verify(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the independent verifier on a file."""
    if not PYTHON.exists():
        if os.environ.get("CI"):
            pytest.fail("the interop environment is missing; make test sets it up")
        pytest.skip("no .venv-interop: run make test, which sets it up")
    command = [str(PYTHON), str(ROOT / "tests" / "interop" / "verify_log.py"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
