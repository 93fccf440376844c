"""Which words of a text are why it was found. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from storage.search.analyzer import WORD, terms_of
from storage.search.texts import plain


def pieces(text: str, terms: Collection[str]) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces, each with whether it is a word that one of the terms finds."""
    after = 0
    for word in WORD.finditer(text):
        if _is_found(plain(word.group()), terms):
            if word.start() > after:
                yield text[after : word.start()], False
            yield word.group(), True
            after = word.end()
    if after < len(text):
        yield text[after:], False


def _is_found(word: str, terms: Collection[str]) -> bool:
    found = terms_of(word)
    return found is not None and (found.whole in terms or any(p in terms for p in found.parts))
