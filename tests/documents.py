"""Tables in our documents that name tests: read, and held against the tests that there are."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

TREE = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`(test_\w+)\.py::(test_\w+)`")


def rows(document: str, columns: int) -> list[list[str]]:
    """The cells of each row of each table with so many columns, headings left out."""
    lines = (TREE / "docs" / document).read_text("utf-8").splitlines()
    found = []
    for line, next_line in zip(lines, [*lines[1:], ""], strict=True):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        is_heading = next_line.startswith("|---")
        if line.startswith("| ") and len(cells) == columns and not is_heading:
            found.append(cells)
    return found


@cache
def existing_tests() -> frozenset[tuple[str, str]]:
    """Each test as its file's name and its own; names of files are unique (test_style.py)."""
    defined = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)
    return frozenset(
        (path.stem, name)
        for path in (TREE / "tests").rglob("test_*.py")
        for name in defined.findall(path.read_text("utf-8"))
    )


def missing_tests(text: str) -> set[tuple[str, str]]:
    """The tests that a text names and that do not exist."""
    return set(NAMED.findall(text)) - existing_tests()


def missing_documents(text: str) -> set[str]:
    """The documents and sources that a text links to and that do not exist."""
    linked = set(re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text))
    return {path for path in linked if not (TREE / "docs" / path).exists()}
