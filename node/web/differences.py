"""What changed between two versions of a record, field by field, word by word. Pure.

Paragraphs that are the same are left out but for one on each side. The work is bounded whatever the
texts are: they come from anybody, and finding the shortest difference takes time with the square of
their length. What is beyond the bound is shown as taken away and put in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

from node.web.language import SOURCE, Language, languages
from node.web.record_fields import FIELDS
from protocol.content import Experience

COMPARISONS_MAX = 500_000
"""Pairs of words (or paragraphs) that may be looked at for one page."""
_ITEM = re.compile(r"^\s*[-*+]\s+")
KEPT_SHARE_MIN = 0.3
"""A paragraph of which less stayed is a new one: its words one by one would be a mosaic."""


class Part(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    LEFT_OUT = "left_out"


class Piece(NamedTuple):
    """A piece of text and what became of it."""

    part: Part
    text: str


class FieldDifference(NamedTuple):
    """A field that differs: its name on the page, and its paragraphs as pieces.

    `own_words` when they are in the record's language, not in the page's.
    """

    name: str
    paragraphs: tuple[tuple[Piece, ...], ...]
    own_words: bool

    @property
    def is_new(self) -> bool:
        """Whether the field was empty before."""
        return self._only(Part.ADDED)

    @property
    def is_gone(self) -> bool:
        """Whether the field is empty now."""
        return self._only(Part.REMOVED)

    def _only(self, part: Part) -> bool:
        return all(piece.part is part for paragraph in self.paragraphs for piece in paragraph)


def differences(
    before: Experience, after: Experience, language: Language | None = None
) -> list[FieldDifference]:
    """The fields in which two versions differ, in the order in which a record shows them.

    `language` is the page's; Swedish unless it is given.
    """
    language = language or languages()[SOURCE]
    work = _Work(COMPARISONS_MAX)
    found = []
    for name, field in FIELDS.items():
        old, new = field.describe(before, language), field.describe(after, language)
        if old.split() != new.split():
            paragraphs = tuple(_paragraphs(old, new, work))
            found.append(FieldDifference(name, paragraphs, field.own_words))
    return found


class _Work:
    """How much may still be compared."""

    def __init__(self, left: int) -> None:
        self._left = left

    def allows(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Whether these may be compared; what may is taken off."""
        cost = len(old) * len(new)
        if cost > self._left:
            return False
        self._left -= cost
        return True


def _paragraphs(old: str, new: str, work: _Work) -> Iterator[tuple[Piece, ...]]:
    for kind, from_old, from_new in _changes(_filled(old), _filled(new), work):
        if kind is Part.SAME:
            yield from _around(from_old)
        else:
            yield from _changed(from_old, from_new, work)


def _filled(text: str) -> list[str]:
    """The paragraphs that hold something; a list's items begin as a reader sees them."""
    return [_ITEM.sub("• ", line) for line in text.split("\n") if line.strip()]


def _around(same: Sequence[str]) -> Iterator[tuple[Piece, ...]]:
    """Paragraphs that did not change: the first and the last, and a mark for those between."""
    if len(same) <= 3:
        yield from ((Piece(Part.SAME, text),) for text in same)
        return
    yield (Piece(Part.SAME, same[0]),)
    yield (Piece(Part.LEFT_OUT, str(len(same) - 2)),)
    yield (Piece(Part.SAME, same[-1]),)


def _changed(old: Sequence[str], new: Sequence[str], work: _Work) -> Iterator[tuple[Piece, ...]]:
    """Paragraphs that came in place of others: pairs word by word, the rest as they are."""
    for before, after in zip(old, new, strict=False):
        pieces = tuple(_pieces(before, after, work))
        kept = sum(len(piece.text) for piece in pieces if piece.part is Part.SAME)
        if kept >= KEPT_SHARE_MIN * max(len(before), len(after)):
            yield pieces
        else:
            yield (Piece(Part.REMOVED, before),)
            yield (Piece(Part.ADDED, after),)
    paired = min(len(old), len(new))
    yield from ((Piece(Part.REMOVED, text),) for text in old[paired:])
    yield from ((Piece(Part.ADDED, text),) for text in new[paired:])


def _pieces(old: str, new: str, work: _Work) -> Iterator[Piece]:
    for kind, from_old, from_new in _changes(old.split(), new.split(), work):
        if kind is Part.SAME:
            yield Piece(Part.SAME, " ".join(from_old))
            continue
        if from_old:
            yield Piece(Part.REMOVED, " ".join(from_old))
        if from_new:
            yield Piece(Part.ADDED, " ".join(from_new))


def _changes(
    old: list[str], new: list[str], work: _Work
) -> Iterator[tuple[Part, Sequence[str], Sequence[str]]]:
    """Stretches of both that are the same, or came in place of each other."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if start:
        yield Part.SAME, old[:start], new[:start]
    if middle_old and middle_new and work.allows(middle_old, middle_new):
        matcher = SequenceMatcher(None, middle_old, middle_new, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            kind = Part.SAME if tag == "equal" else Part.ADDED
            yield kind, middle_old[i1:i2], middle_new[j1:j2]
    elif middle_old or middle_new:
        yield Part.ADDED, middle_old, middle_new
    if end:
        yield Part.SAME, old[len(old) - end :], new[len(new) - end :]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many items both begin with."""
    for number, (first, second) in enumerate(zip(old, new, strict=False)):
        if first != second:
            return number
    return min(len(old), len(new))
