"""What neighbours' errors are called on the pages."""

from __future__ import annotations

from node.sync.words import WORDS, in_words
from protocol import errors
from protocol.errors import RemoteError


def kinds(base: type[RemoteError]) -> set[type[RemoteError]]:
    """The error and everything below it, as the protocol defines them."""
    below = {kind for child in base.__subclasses__() for kind in kinds(child)}
    return {kind for kind in {base, *below} if kind.__module__ == errors.__name__}


def test_every_error_of_a_neighbour_has_plain_words() -> None:
    """No code of the protocol reaches a person untranslated."""
    assert {kind.code for kind in kinds(RemoteError)} - WORDS.keys() == set()


def test_an_unknown_code_is_shown_as_it_is() -> None:
    """A newer neighbour's code is still something to search for."""
    assert "future_code" in in_words("future_code")
