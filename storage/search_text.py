"""The words of a record in the one form in which they are compared.

Letters are composed (NFC) and case-folded, so ``Ä`` finds ``ä``, and ``å ä ö`` stay letters of
their own: "far" does not find "får". Every word searched for must occur, also inside a longer word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from protocol.content import Experience

WORDS_MAX = 20
"""Words of a query that count; each costs a pass over the text."""


def plain(text: str) -> str:
    """Return ``text`` as it is stored and compared."""
    return unicodedata.normalize("NFC", text).casefold()


def query_words(text: str) -> list[str]:
    """Return the different words of a query, at most ``WORDS_MAX``."""
    return list(dict.fromkeys(plain(text).split()))[:WORDS_MAX]


def searchable(experience: Experience) -> str:
    """Return all that a search looks through in one record."""
    return plain("\n".join(part for part in _parts(experience) if part))


def _parts(experience: Experience) -> Iterator[str | None]:
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
