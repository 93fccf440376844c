"""Branch coverage of `protocol/` by the tests that are meant for it: `make coverage`.

Fails below 100 %, naming the lines and branches that no test reaches, and keeps the figure. The
tests are those in tests/unit that import the protocol and nothing above it, and the small worlds of
the simulator.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import coverage
import pytest

from tests.proof_results import Line, keep

ROOT = Path(__file__).resolve().parents[1]
PROTOCOL = "protocol"
OF_PROTOCOL = re.compile(r"^(from|import) protocol\b", re.MULTILINE)
SMALL_WORLDS = "tests/simulation/test_planted_bugs.py::test_a_small_world_keeps_its_promise"
OF_USERS = re.compile(r"^(from|import) (node|storage)\b", re.MULTILINE)


def tests_of_protocol() -> list[str]:
    """The files of tests that say something of the protocol itself, and not of its users."""
    files = sorted((ROOT / "tests" / "unit").glob("test_*.py"))
    told = {path: path.read_text("utf-8") for path in files}
    return [
        path.relative_to(ROOT).as_posix()
        for path, text in told.items()
        if OF_PROTOCOL.search(text) and not OF_USERS.search(text)
    ]


def main() -> int:
    """Run the tests and judge what they reached; returns the process's exit status."""
    os.chdir(ROOT)
    measured = coverage.Coverage(branch=True, source=[PROTOCOL], data_file=None)
    measured.start()
    status = pytest.main(["-q", "-p", "no:cacheprovider", *tests_of_protocol(), SMALL_WORLDS])
    measured.stop()
    if status:
        return int(status)
    reached = measured.report(show_missing=True, skip_covered=True, precision=2, file=sys.stdout)
    if reached < 100:
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
        command="make coverage",
        lines=[
            Line("statements and branches of `protocol/` reached by its tests", "100 %", "100 %"),
            Line("statements", f"{statements:,}"),
        ],
        notes=["Nothing is excluded: there is no line that says it need not be reached."],
    )


if __name__ == "__main__":
    sys.exit(main())
