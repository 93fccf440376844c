"""The texts of a record that are searched, in the one form in which words are compared. Pure.

Letters are composed (NFC) and case-folded, so ``Ä`` is ``ä``, and ``å ä ö`` stay letters of their
own: "far" is not "får".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from protocol.content import Experience
from storage.search.reread import Reread

_LATIN_ALONE = ("ß", "µ")
"""The two characters of Latin-1 whose folded form lies outside it, or is two."""
_LATIN_FOLDED = bytes(
    code if chr(code) in _LATIN_ALONE else ord(chr(code).casefold()) for code in range(256)
)


def plain(text: str) -> str:
    """Return ``text`` as it is stored and compared."""
    folded = plain_in_place(text)
    return unicodedata.normalize("NFC", text).casefold() if folded is None else folded


def plain_in_place(text: str) -> str | None:
    """Return the same of a text whose characters are folded one by one; None for another one.

    Most texts are Latin-1, composed as they stand: a table folds them five times as fast.
    """
    if any(character in text for character in _LATIN_ALONE):
        return None
    try:
        return text.encode("latin-1").translate(_LATIN_FOLDED).decode("latin-1")
    except UnicodeEncodeError:
        return None


def searchable_texts(experience: Experience | Reread) -> list[str]:
    """Return the texts of one record that a search looks through, title and summary first."""
    return [part for part in _parts(experience) if part]


def _parts(experience: Experience | Reread) -> Iterator[str | None]:
    yield experience.title
    yield experience.summary
    yield from experience.tags
    yield experience.situation
    yield experience.actions
    yield experience.results
    yield experience.lessons_well
    yield experience.lessons_change
    yield experience.advice
    yield experience.preconditions
    for product in experience.products:
        yield product.name
        yield product.supplier
    yield experience.source.name if experience.source else None
