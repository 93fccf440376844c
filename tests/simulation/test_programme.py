"""Where docs/simulation.md says each fault and behaviour of the programme is, there it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from simulation.drills import DRILLS
from simulation.fired import FAULTS
from simulation.hostile import HOSTILITIES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "simulation.md"
FAULT_KINDS, BEHAVIOURS = 30, 19
NAME = re.compile(r"`([^`]+)`")


def rows(marker: str) -> list[str]:
    """The rows of the table that follows a marker, without its head."""
    _, _, rest = PAGE.read_text("utf-8").partition(marker)
    lines = rest[rest.index("|---") :].splitlines()[1:]
    return lines[: next(n for n, line in enumerate(lines) if not line.startswith("|"))]


def names(lines: list[str]) -> set[str]:
    """All that is written as code in these rows."""
    return {name for line in lines for name in NAME.findall(line)}


def test_every_kind_of_the_programme_has_its_place() -> None:
    """Thirty faults and the hostile behaviours, numbered, each with a name, a test or a reason."""
    for marker, count in (("<!-- faults", FAULT_KINDS), ("<!-- behaviours", BEHAVIOURS)):
        lines = rows(marker)
        assert [int(line.split()[1]) for line in lines] == list(range(1, count + 1))
        assert all(NAME.search(line) or "not applicable" in line for line in lines)


def test_every_name_on_the_page_is_one_of_the_simulator() -> None:
    """A renamed or removed fault, behaviour or drill is missed here."""
    written = {name for name in names(rows("<!-- faults")) if not name.startswith("tests/")}
    assert written <= {*FAULTS, *HOSTILITIES, *DRILLS}
    assert names(rows("<!-- behaviours")) <= set(HOSTILITIES)


def test_every_name_of_the_simulator_is_on_the_page() -> None:
    """What the simulator does is told."""
    written = names(rows("<!-- faults")) | names(rows("<!-- behaviours"))
    assert {*FAULTS, *HOSTILITIES} - written == set()


def test_every_test_that_the_page_names_exists() -> None:
    """A test with real parts is named by its path and its function."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text("utf-8"))
    assert named
    for path, function in named:
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        assert function in {getattr(node, "name", "") for node in tree.body}, f"{path}::{function}"
