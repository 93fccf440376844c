"""Finds what looks like the name of a person: a common given name with another name after it.

A list of given names is never whole, and some of it is also places, firms and ordinary words. So
this finds most names that are written out in Swedish texts, and what it finds is a question to
whoever publishes, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_NAME = r"[^\W\d_a-zåäöéüáèøæ][^\W\d_]+(?:-[^\W\d_]+)?"
_NAMES = re.compile(
    rf"(?<![\w-])(?P<first>{_NAME})"
    rf"(?P<others>(?:[ \u00a0](?:(?:von|af|de|al|el)[ \u00a0])?{_NAME}){{1,3}})(?![\w-])"
)
_PLACES = re.compile(
    r"(?:gata|gatan|vägen|gränd|torg|torget|plats|platsen|parken|skola|skolan|kyrka|kyrkan"
    r"|bron|gården|hallen|sjukhus|kommun|kommuns)$",
    re.IGNORECASE,
)


def find_names(text: str) -> Iterator[str]:
    """Return what looks like names of persons, as they are written, in order."""
    start = 0
    while found := _NAMES.search(text, start):
        # One word on, when it is no name: "Fråga Anna Svensson" holds one that begins later.
        start = found.end("first")
        if _is_given(found["first"]) and not _PLACES.search(found["others"]):
            yield found.group()
            start = found.end()


def _is_given(word: str) -> bool:
    return any(part in _given_names() for part in (word, *word.split("-")))


@cache
def _given_names() -> frozenset[str]:
    source = files("node.operations").joinpath("words", "given_names.txt")
    return frozenset(source.read_text("utf-8").split())
