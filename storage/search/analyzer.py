"""From text to terms: one analyzer for what is indexed and for what is asked.

Words are case-folded and composed (NFC); ``å ä ö`` stay letters of their own. A word gives one
term, its stem. A compound also gives what can be found in it: each part, and parts that stand
together, so that "bygglov" finds "bygglovsansökningar" and "omsorg" finds "äldreomsorgens". Hyphens
join: "e-post" is "epost", with "post" as a part. Words of texts in other languages get the English
stem as a part besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from sys import intern
from typing import NamedTuple

from storage.search.compounds import read_compounds
from storage.search.stems import english_stem, stem
from storage.search.texts import plain
from storage.search.word_lists import lines

_RUN = r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]+)*[\u0300-\u036f]*"
"""Letters and digits, with the dots and rings that a text may hold apart from their letters."""
WORD = re.compile(rf"{_RUN}(?:[-\u2010\u2011'’]{_RUN})*")
"""A word as it stands in a text, hyphens and apostrophes within it included."""
WORD_CHARS_MAX = 60
"""What is longer is cut: it is no word that anybody looks for."""

ROOT_CHARS_MIN = 3
_VOWELS = frozenset("aeiouyåäö")
_JOINTS = re.compile(r"[-\u2010\u2011'’]")
_COMPOUNDS = read_compounds()
_STOP_WORDS = frozenset(lines("stop_words.txt"))
_WORDS_KEPT = 100_000
_PAGE = "latin-1"
"""The page of codes that most texts can be written in, and the only one that is quick."""
_PAGE_MARKS = "–—”“…•"
"""Typographic marks outside it that stand between words."""
_PAGE_JOINTS = "-'"
_PAGE_ALONE = "ßµ"
"""Its two letters whose folded form lies outside it, or is two."""


class Terms(NamedTuple):
    """What one word is indexed as: its own term, and those of its parts."""

    whole: str
    parts: tuple[str, ...]

    @property
    def simple(self) -> list[str]:
        """The parts that hold no other part."""
        return [part for part in self.parts if not any(o != part and o in part for o in self.parts)]


class Analyzed(NamedTuple):
    """Terms of a text: of its words in order, separated by blanks, and the different parts."""

    words: str
    parts: set[str]


_NOTHING = Terms("", ())
"""What a word that says too little is indexed as."""
_WHOLE, _PARTS = itemgetter(0), itemgetter(1)


def is_simple_swedish(word: str) -> bool:
    """Whether a plain word is in the dictionary, in some form; compounds are not looked up."""
    return stem(word) in _COMPOUNDS.ends or word in _COMPOUNDS.begins


def is_stop_word(word: str) -> bool:
    """Whether a plain word says too little to look for."""
    return word in _STOP_WORDS


def telling(words: Iterable[str]) -> set[str]:
    """Return the different ones of some plain words that do not say too little."""
    return set(words) - _STOP_WORDS


def terms_of(word: str) -> Terms | None:
    """Return the terms of a plain word; None for one that says too little."""
    found = _KNOWN[word]
    return found if found is not _NOTHING else None


class _Known(dict[str, Terms]):
    """The terms of words that have come up; all are forgotten when they are too many.

    Words are looked up for every record that is indexed, and nothing is quicker than a dictionary.
    """

    def __missing__(self, word: str) -> Terms:
        if len(self) >= _WORDS_KEPT:
            self.clear()
        found = _terms_of(word)
        if found is not _NOTHING:
            # One text for all that are alike: thousands of words share few parts, and what is
            # looked at often stays near.
            found = Terms(intern(found.whole), tuple(map(intern, found.parts)))
        self[intern(word)] = found
        return found


_KNOWN = _Known()


def _terms_of(word: str) -> Terms:
    if word in _STOP_WORDS:
        return _NOTHING
    pieces = _JOINTS.split(word[:WORD_CHARS_MAX])
    found = _simple_terms("".join(pieces))
    if len(pieces) == 1:
        return found
    parts = dict.fromkeys(found.parts)
    for piece in pieces:
        if len(piece) > 1 and piece not in _STOP_WORDS:
            whole, inner = _simple_terms(piece)
            parts.update(dict.fromkeys((whole, *inner)))
    return Terms(found.whole, tuple(parts))


def _simple_terms(word: str) -> Terms:
    split = _COMPOUNDS.split(word)
    if not split:
        whole = stem(word)
        return Terms(whole, tuple(roots(whole)))
    *heads, last = split
    bases = [_COMPOUNDS.begins[head] for head in heads] + [stem(last)]
    parts = dict.fromkeys(bases)
    for first in range(len(split)):
        for after in range(first + 2, len(split) + 1):
            parts["".join(split[first : after - 1]) + bases[after - 1]] = None
    whole = "".join(heads) + bases[-1]
    for part in list(parts):
        parts.update(dict.fromkeys(roots(part)))
    parts.pop(whole, None)
    return Terms(whole, tuple(parts))


def roots(term: str) -> list[str]:
    """Return the stems of verbs that a noun's stem is made of: "upphandling" of "upphandla"."""
    if term.endswith("ning") and not term.endswith("nning") and term[-5:-4] not in _VOWELS:
        root = term[:-4]
    elif term.endswith("ing"):
        root = term[:-3]
    else:
        return []
    return [root] if len(root) >= ROOT_CHARS_MIN else []


def words_of(text: str) -> list[str]:
    """Return the plain words of a text in order."""
    if "ß" in text or "µ" in text:
        return WORD.findall(plain(text))
    try:
        encoded = _without_marks(text).encode(_PAGE)
    except UnicodeEncodeError:
        return WORD.findall(plain(text))
    # A table does in a stroke what the expression does letter by letter.
    made = encoded.translate(_PLAIN_WORDS).decode(_PAGE)
    words = made.split()
    if "-" in made or "'" in made:
        joined = [word for word in words if "-" in word or "'" in word]
        # A joint is one within a word only.
        if not all(map(WORD.fullmatch, joined)):
            return WORD.findall(made)
    return words


def _without_marks(text: str) -> str:
    if not text.isascii():
        for mark in _PAGE_MARKS:
            text = text.replace(mark, " ")
    return text


def _plain_words() -> bytes:
    """A table from the page's codes to those of plain words and joints; all others are blanks."""
    table = bytearray(b" " * 256)
    for code in range(256):
        letter = bytes((code,)).decode(_PAGE)
        if letter in _PAGE_JOINTS:
            table[code] = code
        elif WORD.fullmatch(letter) and letter not in _PAGE_ALONE:
            (table[code],) = plain(letter).encode(_PAGE)
    return bytes(table)


_PLAIN_WORDS = _plain_words()


def analyze(texts: Iterable[str], language: str = "sv") -> Analyzed:
    """Return the terms of texts of one record."""
    return analyze_words(words_of("\n".join(texts)), language)


def analyze_words(words: Sequence[str], language: str = "sv") -> Analyzed:
    """Return the terms of plain words of one record."""
    # Nothing here goes through words one by one: that took longer than all else together. Each is
    # looked up once: what is known of them lies all over the memory.
    terms = [*map(_KNOWN.__getitem__, words)]
    parts: set[str] = set().union(*filter(None, map(_PARTS, terms)))
    if language != "sv":
        parts.update(map(english_stem, set(words)))
    return Analyzed(" ".join(filter(None, map(_WHOLE, terms))), parts)
