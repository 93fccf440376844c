"""Other names for the same thing: what municipalities call it, and English for Swedish.

Pure. ``words/synonyms.txt`` holds groups whose members stand for each other; ``words/english.txt``
pairs, in which the two languages stand for each other and not the words of one among themselves.
A name is the terms of its words; one of several words is found where they stand together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from storage.search.analyzer import terms_of, words_of
from storage.search.word_lists import lines

Name = tuple[str, ...]


def terms_of_name(words: Sequence[str]) -> list[str]:
    """Return the terms of words that stand together; of words that say too little, themselves."""
    found = [terms.whole for terms in map(terms_of, words) if terms is not None]
    return found or list(words)


def other_names(words: Sequence[str]) -> Iterator[tuple[int, int, list[Name]]]:
    """Yield from where to where in plain words something has other names, and those names."""
    stems = [terms.whole if (terms := terms_of(word)) else word for word in words]
    known, longest = _others()
    for first in range(len(stems)):
        for after in range(first + 1, min(first + longest, len(stems)) + 1):
            others = known.get(tuple(stems[first:after]))
            if others:
                yield first, after, list(others)


def read_names() -> None:
    """Read the lists, if nobody has asked yet: that takes a tenth of a second."""
    _others()


def _names(text: str) -> list[Name]:
    return [tuple(terms_of_name(words)) for part in text.split(",") if (words := words_of(part))]


@cache
def _others() -> tuple[dict[Name, dict[Name, None]], int]:
    """The other names of each name, and how many words the longest has; read when first asked."""
    others: dict[Name, dict[Name, None]] = defaultdict(dict)

    def add(names: Iterable[Name], also: Sequence[Name]) -> None:
        for name in names:
            others[name].update(dict.fromkeys(other for other in also if other != name))

    for line in lines("synonyms.txt"):
        group = _names(line)
        add(group, group)
    for line in lines("english.txt"):
        english, _, swedish = line.partition("=")
        add(_names(english), _names(swedish))
        add(_names(swedish), _names(english))
    return dict(others), max(map(len, others), default=0)
