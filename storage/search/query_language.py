"""What a person may type in the search box, read into its pieces.

Pure. Words; ``"an exact phrase"``; ``-without`` and ``-"without this"``; ``kommun:``, ``ämne:``,
``typ:`` and ``år:`` with a word or a quoted text after the colon. Whatever cannot be read as one of
these is a word: nothing that is typed is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from storage.search.analyzer import words_of
from storage.search_text import plain

WORDS_MAX = 20
"""Words that count; each costs a look into the index."""
FILTERS = {"kommun": "kommun", "ämne": "ämne", "område": "ämne", "typ": "typ", "år": "år"}
"""Names before a colon, as they may be typed, with the name of the filter."""

_PIECE = re.compile(
    r'(?P<minus>-?)(?:(?P<name>[^\W\d_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))'
)


@dataclass(frozen=True, slots=True)
class TypedFilter:
    """One ``name:value``; ``name`` is a value of `FILTERS`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: plain words in order, phrases as their plain words, what must not occur."""

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[tuple[str, ...], ...] = ()
    filters: tuple[TypedFilter, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether it asks for no text; what must not occur may still be named."""
        return not (self.words or self.phrases or self.without)


def parse(text: str) -> Typed:
    """Read what was typed."""
    words: dict[str, None] = {}
    phrases: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []
    filters: list[TypedFilter] = []
    for piece in _PIECE.finditer(text):
        quoted, bare = piece["quoted"], piece["bare"]
        value = (quoted if bare is None else bare).strip()
        name = FILTERS.get(plain(piece["name"] or ""))
        if name and value and not piece["minus"]:
            filters.append(TypedFilter(name, value))
            continue
        found = tuple(words_of(value if name or not piece["name"] else f"{piece['name']} {value}"))
        if not found:
            continue
        if piece["minus"]:
            without.append(found)
        elif bare is None:
            phrases.append(found)
        else:
            words.update(dict.fromkeys(found))
    return Typed(
        tuple(words)[:WORDS_MAX],
        tuple(phrases)[:WORDS_MAX],
        tuple(without)[:WORDS_MAX],
        tuple(filters),
    )
