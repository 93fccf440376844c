"""`docs/errors.md`, made from the error classes: `make docs` writes it, a test compares it.

So the page can never differ from what the program says, and no error is without a place in it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path

import node
import protocol
import storage
from protocol.errors import LocalError, RemoteError, TidanError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "errors.md"
HEAD = """# Errors and their codes

Written by `make docs` from the error classes; change those, not this page.

A code is stable: it stands in log lines, in `tidan` with `--json`, and for some errors on the wire
between nodes ([protocol.md](protocol.md) says which). The text beside it may get better over time.
"""


def error_classes() -> list[type[TidanError]]:
    """Every error of the project, found by importing all of it."""
    for package in (protocol, storage, node):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: list[type[TidanError]] = []
    waiting: list[type[TidanError]] = [TidanError]
    while waiting:
        for child in waiting.pop().__subclasses__():
            found.append(child)
            waiting.append(child)
    return sorted(found, key=lambda error: error.code)


def page() -> str:
    """The whole page as Markdown."""
    errors = error_classes()
    ours = [error for error in errors if issubclass(error, LocalError)]
    theirs = [error for error in errors if issubclass(error, RemoteError)]
    return (
        f"{HEAD}\n## On our own side\n\n{table(ours)}\n"
        "## From a neighbour\n\n"
        "Each ends one log within a session, or one session; never more.\n\n"
        f"{table(theirs)}"
    )


def table(errors: Iterable[type[TidanError]]) -> str:
    """One line for each code: what happened, and what to do."""
    lines = ["| code | what happened | what to do |", "|---|---|---|"]
    seen: set[str] = set()
    for error in errors:
        if error.code not in seen:
            happened = (error.__doc__ or "").split("\n\n")[0].replace("\n", " ")
            lines.append(f"| `{error.code}` | {' '.join(happened.split())} | {error.advice} |")
        seen.add(error.code)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
