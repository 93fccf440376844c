"""Branch coverage of `protocol/` by the tests that are meant for it: `make coverage`.

Fails below 100 %, naming the lines and branches that no test reaches, and keeps the figure. The
tests are those in tests/unit that import the protocol and nothing above it, and the small worlds of
the simulator; what Hypothesis chooses is the same each time, so nothing is reached by luck.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import coverage
import pytest

from tests.proof_results import Line, keep

ROOT = Path(__file__).resolve().parents[1]
PROTOCOL = "protocol"
OF_PROTOCOL = re.compile(r"^(from|import) protocol\b", re.MULTILINE)
SMALL_WORLDS = "tests/simulation/test_planted_bugs.py::test_a_small_world_keeps_its_promise"
OF_USERS = re.compile(r"^(from|import) (node|storage)\b", re.MULTILINE)
PYTEST = ("-q", "-p", "no:cacheprovider", "--hypothesis-seed=0")
EITHER_PYTHON = r"if sys\.version_info >= \(3, 14\):\n    from .*\nelse:\n    from .*"
"""The only thing left out: an import of which each Python runs one side."""


def own_tests() -> list[str]:
    """The files of tests that say something of the protocol itself, and not of its users."""
    files = sorted((ROOT / "tests" / "unit").glob("test_*.py"))
    told = {path: path.read_text("utf-8") for path in files}
    return [
        path.relative_to(ROOT).as_posix()
        for path, text in told.items()
        if OF_PROTOCOL.search(text) and not OF_USERS.search(text)
    ]


def measure(package: str, run: Callable[[], int]) -> tuple[int, coverage.Coverage]:
    """Return what ``run`` returned, and what of a package it reached.

    A comment in the source excludes nothing: neither lines nor branches.
    """
    measured = coverage.Coverage(branch=True, source=[package], data_file=None, config_file=False)
    for kind in ("exclude", "partial"):
        measured.clear_exclude(kind)
    measured.exclude(EITHER_PYTHON)
    measured.start()
    status = run()
    measured.stop()
    return status, measured


def is_whole(measured: coverage.Coverage) -> bool:
    """Whether every line and branch was reached; prints those that were not."""
    reached = measured.report(show_missing=True, skip_covered=True, precision=2, file=sys.stdout)
    return reached == 100


def main() -> int:
    """Run the tests and judge what they reached; returns the process's exit status."""
    os.chdir(ROOT)
    tests = [*PYTEST, *own_tests(), SMALL_WORLDS]
    status, measured = measure(PROTOCOL, lambda: int(pytest.main(tests)))
    if status:
        return status
    if not is_whole(measured):
        print("Some of protocol/ is reached by none of its tests.")
        return 1
    if "--keep" in sys.argv:
        _keep(measured)
    return 0


def _keep(measured: coverage.Coverage) -> None:
    files = sorted((ROOT / PROTOCOL).rglob("*.py"))
    found = [measured.analysis2(path.as_posix()) for path in files]
    statements = sum(len(lines) for _, lines, _, _, _ in found)
    keep(
        "protocol-coverage",
        title="Branch coverage of the protocol",
        command="make coverage ARGS=--keep",
        lines=[
            Line("statements and branches of `protocol/` reached by its tests", "100 %", "100 %"),
            Line("statements", f"{statements:,}"),
        ],
        notes=[
            "No comment in the source excludes a line.",
            "Left out is one choice: which library zstd comes from, of which each Python has one.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
