"""Nothing reads the wall clock but node/clock.py, so that a wrong one is wrong in one place."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = frozenset({
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime",
    "datetime.now", "datetime.today", "datetime.utcnow", "date.today",
})  # fmt: skip
CLOCK = "node/clock.py"


def read_clocks(source: str) -> list[str]:
    """The readings of the wall clock in one source file, as they are written."""
    asked = [one.func for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Call)]
    names = [".".join(ast.unparse(one).split(".")[-2:]) for one in asked]
    return [name for name in names if name in READERS]


def test_the_wall_clock_is_read_in_one_place() -> None:
    """A node has one clock, which tests can make wrong as a whole."""
    found = {
        path.relative_to(ROOT).as_posix(): read_clocks(path.read_text("utf-8"))
        for folder in ("protocol", "storage", "node")
        for path in (ROOT / folder).rglob("*.py")
    }

    assert {path: names for path, names in found.items() if names} == {CLOCK: ["time.time_ns"]}


def test_every_way_to_read_it_is_seen() -> None:
    """A reading is found however the module was reached."""
    source = "import datetime\nx = datetime.datetime.now(UTC), date.today(), time.time()"

    assert read_clocks(source) == ["datetime.now", "date.today", "time.time"]
