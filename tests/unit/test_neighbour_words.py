"""Neighbours are told about in the reader's language, also with what is kept from before."""

from __future__ import annotations

import re

import pytest

from node.operations.neighbour_status import NeighbourState, NeighbourStatus
from node.sync.words import SENTENCES, in_words, refused_by_neighbour
from node.web.language import languages
from node.web.neighbour_words import (
    ALL_SENTENCES,
    action_words,
    cause_words,
    known_words,
    state_words,
)

ENGLISH = languages()["en"]
NBSP = "\N{NO-BREAK SPACE}"


def with_state(state: NeighbourState, cause: str = "", **behind: int) -> NeighbourStatus:
    """A neighbour as it is shown."""
    counts = {"behind_in": 0, "behind_out": 0} | behind
    return NeighbourStatus(
        *("aa", "1498", "Tidaholm", "aa bb", None, state, cause, "", True, False),
        *(counts["behind_in"], counts["behind_out"], None, None, None, None, None),
        *(None, None),
    )


@pytest.mark.parametrize("sentence", sorted(set(ALL_SENTENCES)))
def test_every_sentence_has_its_english(sentence: str) -> None:
    """Nothing that is said about a neighbour stays Swedish on an English page."""
    example = re.sub(r"%\(\w+\)s", "502", sentence)

    assert known_words(example) == example
    if sentence in SENTENCES or "%" not in sentence:
        assert ENGLISH.translated(known_words(example)) != example


def test_codes_and_counts_stand_in_the_sentence() -> None:
    """A number is written as the language writes it, a code as it is."""
    fetching = with_state(NeighbourState.FETCHING, f"1{NBSP}200 kvar att hämta.", behind_in=1200)
    behind = with_state(NeighbourState.BEHIND, "Grannen har 7 kvar att hämta.", behind_out=7)

    assert cause_words(fetching) == f"1{NBSP}200 kvar att hämta."
    assert ENGLISH.translated(cause_words(fetching)) == "1,200 left to fetch."
    assert ENGLISH.translated(cause_words(behind)) == "The neighbour has 7 left to fetch."
    assert ENGLISH.translated(state_words(behind)) == "Is behind"
    refused = known_words(refused_by_neighbour("fork"))
    assert ENGLISH.translated(refused).endswith("sent from here (fork).")
    assert ENGLISH.translated(known_words(in_words("new_code"))) == "The error is called new_code."


def test_what_nobody_has_translated_is_shown_as_it_is() -> None:
    """Words of a newer version, percent signs and nothing at all are left alone."""
    assert ENGLISH.translated(known_words("100 % något nytt %(x)s")) == "100 % något nytt %(x)s"
    assert ENGLISH.translated(action_words(with_state(NeighbourState.IN_STEP))) == ""
