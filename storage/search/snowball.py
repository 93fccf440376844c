"""Snowball's stemmers of the two languages that are used (M. F. Porter, snowballstem.org).

The package `snowballstemmer` loads all of its thirty languages when it is imported, 4 MB that every
node would hold. Its modules are loaded here one by one, in a package of another name, so that
whoever imports the whole one still gets it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Protocol

_WHOLE, _PARTS = "snowballstemmer", "snowballstemmer_parts"


class Stemmer(Protocol):
    """Works on the word inside it, so one is for one thread."""

    def stemWord(self, word: str) -> str:  # noqa: N802  # Snowball's name
        """Return the stem of a lower-case word."""
        ...


def swedish() -> Stemmer:
    """Return a new stemmer for Swedish."""
    return _stemmer("swedish")


def english() -> Stemmer:
    """Return a new stemmer for English."""
    return _stemmer("english")


def _stemmer(language: str) -> Stemmer:
    if _PARTS not in sys.modules:
        sys.modules[_PARTS] = _package()
    module = import_module(f"{_PARTS}.{language}_stemmer")
    made: Stemmer = getattr(module, f"{language.capitalize()}Stemmer")()
    return made


def _package() -> ModuleType:
    found = find_spec(_WHOLE)
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError(f"No module named {_WHOLE!r}", name=_WHOLE)
    package = ModuleType(_PARTS)
    package.__path__ = list(found.submodule_search_locations)
    return package
