"""Which words of a text are why it was found. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Set

from storage.search.analyzer import WORD, terms_of
from storage.search.texts import plain, plain_in_place


def pieces(text: str, terms: Set[str]) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces, each with whether it is a word that one of the terms finds."""
    after = 0
    folded = plain_in_place(text)
    for word in WORD.finditer(text):
        start, end = word.span()
        if _is_found(plain(text[start:end]) if folded is None else folded[start:end], terms):
            if start > after:
                yield text[after:start], False
            yield text[start:end], True
            after = end
    if after < len(text):
        yield text[after:], False


def _is_found(word: str, terms: Set[str]) -> bool:
    found = terms_of(word)
    return found is not None and (found.whole in terms or not terms.isdisjoint(found.parts))
