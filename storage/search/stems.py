"""One stem for all forms of a Swedish word.

Snowball's Swedish stemmer (M. F. Porter, snowballstem.org) leaves many definite forms as they are
("kartan", "larmet"). What it makes of the forms of known words is led on to the stem of the word,
by a list made from a dictionary. For words whose vowel changes ("böcker" is "bok") there is a list
of our own.
"""

from __future__ import annotations

from functools import lru_cache
from threading import local

from storage.search import snowball
from storage.search.word_lists import INFLECTED, Entries, pairs

_INFLECTIONS = Entries(INFLECTED)
_IRREGULAR = pairs("irregular.txt")
_STEMS_KEPT = 20_000
"""The last parts of compounds come again and again."""


class _Stemmers(local):
    """A pair for each thread: Snowball works on the word inside the stemmer."""

    def __init__(self) -> None:
        self.swedish = snowball.swedish()
        self.english = snowball.english()


_STEMMERS = _Stemmers()


@lru_cache(maxsize=_STEMS_KEPT)
def stem(word: str) -> str:
    """Return the stem of a case-folded word."""
    irregular = _IRREGULAR.get(word)
    if irregular is not None:
        return irregular
    made = snowball_stem(word)
    return _INFLECTIONS.get(made, made)


def snowball_stem(word: str) -> str:
    """Return what Snowball alone makes of a word."""
    return _STEMMERS.swedish.stemWord(word)


def english_stem(word: str) -> str:
    """Return the stem of a case-folded English word."""
    return _STEMMERS.english.stemWord(word)
