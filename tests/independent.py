"""The verifier that holds none of our code, in its own environment, which ``make test`` sets up."""

from __future__ import annotations

import subprocess
from pathlib import Path

from leaving_out import leave_out

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-interop" / "bin" / "python"


def verify(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the independent verifier on a file."""
    if not PYTHON.exists():
        leave_out("there is no .venv-interop: run make test, which sets it up")
    command = [str(PYTHON), str(ROOT / "tests" / "interop" / "verify_log.py"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
