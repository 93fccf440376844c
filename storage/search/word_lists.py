"""The lists of words in ``words/``: one entry a line, ``#`` begins a comment."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def lines(name: str) -> Iterator[str]:
    """Yield the entries of a list."""
    text = (files("storage.search") / "words" / name).read_text("utf-8")
    for line in text.splitlines():
        entry = line.partition("#")[0].strip()
        if entry:
            yield entry


def pairs(name: str) -> dict[str, str]:
    """Return a list whose entries are ``form word`` as a mapping from each form to its word."""
    found = {}
    for entry in lines(name):
        *forms, word = entry.split()
        found.update(dict.fromkeys(forms, word))
    return found
