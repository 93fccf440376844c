"""The word lists in ``words/``: text of our own, and one dictionary made from another's.

A list has one entry a line; ``#`` begins a comment. The dictionary (``swedish.marisa``, made by
``scripts/build_lists.py``) is a static trie that is mapped into memory: it costs nothing to open
and about a megabyte however often it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import marisa_trie

BEGINS, ENDS, INFLECTED = "-", "=", "~"
"""First letter of a key: what may begin a compound, what may end one, an inflected form."""
DICTIONARY_NAME = "swedish.marisa"


def lines(name: str) -> Iterator[str]:
    """Yield the entries of a list."""
    text = (files("storage.search") / "words" / name).read_text("utf-8")
    for line in text.splitlines():
        entry = line.partition("#")[0].strip()
        if entry:
            yield entry


def pairs(name: str) -> dict[str, str]:
    """Return a list whose entries are ``form … word``, from each form to its word."""
    found = {}
    for entry in lines(name):
        *forms, word = entry.split()
        found.update(dict.fromkeys(forms, word))
    return found


@cache
def dictionary() -> marisa_trie.BytesTrie:
    """Return the dictionary, mapped into memory."""
    trie = marisa_trie.BytesTrie()
    trie.mmap(str(Path(str(files("storage.search"))) / "words" / DICTIONARY_NAME))
    return trie


class Entries(Mapping[str, str]):
    """The entries of one kind in the dictionary, from a word to what is said of it.

    ``own`` entries come before those of the dictionary.
    """

    def __init__(self, kind: str, own: Mapping[str, str] = MappingProxyType({})) -> None:
        self._kind = kind
        self._own = own

    def __contains__(self, word: object) -> bool:
        return word in self._own or f"{self._kind}{word}" in dictionary()

    def __getitem__(self, word: str) -> str:
        if word in self._own:
            return self._own[word]
        found = dictionary().get(self._kind + word)
        if found is None:
            raise KeyError(word)
        # What is said of a word is nothing when it is the word itself.
        return found[0].decode() or word

    def __iter__(self) -> Iterator[str]:
        known = (key[1:] for key in dictionary().iterkeys(self._kind))
        return chain(self._own, (word for word in known if word not in self._own))

    def __len__(self) -> int:
        return sum(1 for _ in self)
