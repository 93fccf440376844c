"""What a person may type in the search box, read into its pieces.

Pure. Words; ``"an exact phrase"``; ``-without`` and ``-"without this"``; ``kommun:``, ``ämne:``,
``typ:``, ``år:``, ``produkt:`` and ``leverantör:`` with a word or a quoted text after the colon,
which `take_filters` takes out.
Whatever cannot be read as one of these is a word: nothing that is typed is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from storage.search.analyzer import words_of
from storage.search.texts import plain

WORDS_MAX = 20
"""Words that count, and of one phrase too; each costs a look into the index."""
FILTERS = {
    "kommun": "kommun",
    "municipality": "kommun",
    "ämne": "ämne",
    "område": "ämne",
    "topic": "ämne",
    "typ": "typ",
    "type": "typ",
    "år": "år",
    "year": "år",
    "produkt": "produkt",
    "product": "produkt",
    "leverantör": "leverantör",
    "supplier": "leverantör",
}
"""Names before a colon, as they may be typed, with the name of the filter."""

_NAME = r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]+)*[\u0300-\u036f]*"
_PIECE = re.compile(
    rf'(?P<minus>-?)(?:(?P<name>{_NAME}):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))'
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

    @property
    def is_empty(self) -> bool:
        """Whether it asks for no text; what must not occur may still be named."""
        return not (self.words or self.phrases or self.without)


def take_filters(text: str, take: Callable[[TypedFilter], bool]) -> str:
    """Return a text without the filters in it that ``take`` accepts."""
    kept: list[str] = []
    after = 0
    for piece in _PIECE.finditer(text):
        typed = _filter_of(piece)
        if typed is not None and take(typed):
            kept.append(text[after : piece.start()])
            after = piece.end()
    return " ".join("".join([*kept, text[after:]]).split())


def _filter_of(piece: re.Match[str]) -> TypedFilter | None:
    name = FILTERS.get(plain(piece["name"] or ""))
    value = (piece["quoted"] if piece["bare"] is None else piece["bare"]).strip()
    return TypedFilter(name, value) if name and value and not piece["minus"] else None


def parse(text: str) -> Typed:
    """Read what was typed."""
    words: dict[str, None] = {}
    phrases: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []
    for piece in _PIECE.finditer(text):
        quoted, bare = piece["quoted"], piece["bare"]
        value = (quoted if bare is None else bare).strip()
        found = tuple(words_of(f"{piece['name']} {value}" if piece["name"] else value))
        if not found:
            continue
        if piece["minus"]:
            without.append(found[:WORDS_MAX])
        elif bare is None:
            phrases.append(found[:WORDS_MAX])
        else:
            words.update(dict.fromkeys(found))
    return Typed(
        tuple(words)[:WORDS_MAX],
        tuple(phrases)[:WORDS_MAX],
        tuple(without)[:WORDS_MAX],
    )
