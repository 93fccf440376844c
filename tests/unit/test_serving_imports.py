"""What a node loads before it serves: a start waits for nothing that only other commands need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_SERVING = (
    "alembic",
    "asyncpg",
    "cryptography.x509",
    "node.cli.imports",
    "node.demo.demo",
    "node.process.recovery_sheet",
)
SERVE = """
import sys
from node.cli.root import main
assert main.get_command(main.make_context("tidan", ["serve"]), "serve") is not None
print(*sys.modules, sep="\\n")
"""


def test_serving_loads_nothing_of_other_commands() -> None:
    """`tidan serve` starts without the demo, imports, sheets, migrations or PostgreSQL's driver."""
    run = subprocess.run(
        [sys.executable, "-c", SERVE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = set(run.stdout.split())

    assert "node.process.server" in loaded
    assert loaded.isdisjoint(NOT_SERVING)
