"""Style as a test: the shape that keeps this code readable is checked, not remembered.

Looks only at files of this tree, by text and syntax tree; imports nothing of what it judges.
There are no exceptions: a file that grows too long holds more than one concept.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from node.cli.root import PLACES

ROOT = Path(__file__).resolve().parents[2]
SOURCE_FOLDERS = ("protocol", "storage", "node")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LINE_CHARS_MAX = 100
# Notes to the checkers at the end of a line are not read by people.
PRAGMA = r"\s+# (noqa|type: ignore|fmt:).*$"
# Started by name and not by import: the console script and `python -m`.
ENTRY_POINTS = frozenset({"node.__main__", "node.health", "storage.search.worker"})

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef)


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders, in a fixed order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


SOURCES = python_files(*SOURCE_FOLDERS)
TESTS = python_files("tests")
EVERYTHING = SOURCES + TESTS


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of one file, nested ones too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, type_of_function):
            yield node


def place(path: Path, line: int = 0) -> str:
    """The path as a person would write it, with the line when there is one."""
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{line}" if line else name


def module_name(path: Path) -> str:
    """The dotted name under which one source file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(path: Path) -> Iterator[str]:
    """Every module one file may load, `from package import module` included."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_tree_was_found() -> None:
    """A moved test must not pass by looking at nothing."""
    assert len(SOURCES) > 40
    assert len(TESTS) > 10


def test_files_hold_one_concept() -> None:
    """No Python file is longer than what can be read in one sitting."""
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in EVERYTHING}

    assert {name: n for name, n in lengths.items() if n > FILE_LINES_MAX} == {}


def test_functions_fit_on_a_page() -> None:
    """No function is longer than a page, counted from `def` to its last line."""
    lengths = {
        f"{place(path, function.lineno)} {function.name}": function.end_lineno - function.lineno + 1
        for path in EVERYTHING
        for function in functions_of(path)
        if function.end_lineno is not None
    }

    assert {name: n for name, n in lengths.items() if n > FUNCTION_LINES_MAX} == {}


@pytest.mark.parametrize("suffix", [".py", ".js", ".toml"])
def test_lines_fit_beside_each_other(suffix: str) -> None:
    """Two files fit beside each other on a screen."""
    paths = [p for f in (*SOURCE_FOLDERS, "tests") for p in sorted((ROOT / f).rglob(f"*{suffix}"))]
    too_long = [
        place(path, number)
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if len(re.sub(PRAGMA, "", line)) > LINE_CHARS_MAX
    ]

    assert too_long == []


def test_each_module_states_its_boundary() -> None:
    """Every module opens with a docstring."""
    silent = [place(path) for path in EVERYTHING if not ast.get_docstring(tree_of(path))]

    assert silent == []


def test_each_test_names_its_promise() -> None:
    """Every test has a docstring of one sentence or more."""
    silent = [
        f"{place(path, function.lineno)} {function.name}"
        for path in TESTS
        if path.name.startswith("test_")
        for function in functions_of(path)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]

    assert silent == []


def test_no_wait_swallows_a_cancellation() -> None:
    """Time-outs are `asyncio.timeout`: in Python 3.11 `asyncio.wait_for` loses a cancellation that
    comes as the awaited ends, and then a task that should stop never does."""
    found = [place(path) for path in SOURCES if "asyncio.wait_for(" in path.read_text("utf-8")]

    assert found == []


def test_annotations_are_never_evaluated_early() -> None:
    """Every module that holds code defers annotations in the same way."""
    without = [
        place(path)
        for path in EVERYTHING
        if len(tree_of(path).body) > 1 and "__future__.annotations" not in imported_names(path)
    ]

    assert without == []


def test_test_folders_are_not_packages() -> None:
    """A package among the tests could hide the package it tests."""
    assert [place(path) for path in TESTS if path.name == "__init__.py"] == []


def test_test_files_have_names_of_their_own() -> None:
    """Two test files of one name would be one module to the test runner."""
    kept_apart = "conftest.py"  # the runner loads each by its folder, and nobody imports one
    names = Counter(path.name for path in TESTS if path.name != kept_apart)

    assert [name for name, count in names.items() if count > 1] == []


def test_what_lies_beside_tests_hides_no_library() -> None:
    """A folder of tests comes first where modules are looked for, so none has a library's name."""
    libraries = sys.stdlib_module_names | packages_distributions().keys()
    folders = {path.parent for path in TESTS if path.name.startswith("test_")} | {ROOT / "tests"}

    assert [
        place(path) for path in TESTS if path.parent in folders and path.stem in libraries
    ] == []


def test_no_module_is_dead() -> None:
    """Every source module is imported by another file, a command's, or started by name."""
    used = {name for path in EVERYTHING for name in imported_names(path)}
    used |= {command.partition(":")[0] for command in PLACES.values()}
    dead = [
        place(path)
        for path in SOURCES
        if path.name not in {"__init__.py", "__main__.py"}
        and "migrations" not in path.parts
        and "scripts" not in path.parts
        and module_name(path) not in used | ENTRY_POINTS
    ]

    assert dead == []


def test_nothing_is_left_for_later() -> None:
    """No note in a source puts work off: what is not done belongs in no file."""
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    notes = [
        place(path, number)
        for path in EVERYTHING
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if any(mark in line for mark in marks)
    ]

    assert notes == []
