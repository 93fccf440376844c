"""Compounds come apart into few, long parts, and only into parts that are known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.compounds import Compounds, read_compounds

BEGINS = {"glas": "glas", "glass": "glass", "bil": "bil", "bils": "bil", "skol": "skol"}
BEGINS |= {"äldre": "äldr", "till": "till", "hus": "hus", "bygg": "bygg"}
ENDS = {"strut", "bil", "skol", "hus", "lägg", "hytt", "last", "bygge"}
SMALL = Compounds(BEGINS, ENDS, lambda word: word.removesuffix("s").removesuffix("en"))


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("bilhytt", ["bil", "hytt"]),
        ("bilhytten", ["bil", "hytten"]),
        ("bilshytt", ["bils", "hytt"]),
        ("glasstrut", ["glass", "strut"]),
        ("tillägg", ["till", "lägg"]),
        ("tilllägg", ["till", "lägg"]),
        ("skolbilhytt", ["skol", "bil", "hytt"]),
        ("skolhusbilhytt", ["skol", "hus", "bil", "hytt"]),
        ("bil", []),
        ("strut", []),
        ("bilxhytt", []),
        ("hyttbil", []),
        ("bilen", []),
        ("bilhyttens", ["bil", "hyttens"]),
        ("", []),
    ],
)
def test_splits(word: str, parts: list[str]) -> None:
    """Few parts, the first as long as it can be; what is no compound stays whole."""
    assert SMALL.split(word) == parts


@pytest.mark.parametrize(
    "word", ["kommunens", "enhetens", "omsorgens", "verksamheterna", "barnens"]
)
def test_an_ending_is_no_part(word: str) -> None:
    """Three letters that only inflect a word make no compound of it."""
    assert read_compounds().split(word) == []


def test_too_many_parts_and_too_long_words_stay_whole() -> None:
    """Nobody writes them, and taking them apart costs most."""
    assert len(SMALL.split("skolhusskolhusbil")) == 5
    assert SMALL.split("skolhusskolhusskolbil") == []
    assert SMALL.split("bil" * 30) == []


def two_of_three(word: str) -> str:
    """A word as it is written: of three equal letters in a row only two."""
    return re.sub(r"(.)\1\1", r"\1\1", word)


@given(st.lists(st.sampled_from(sorted(BEGINS)), max_size=4), st.sampled_from(sorted(ENDS)))
def test_parts_put_together_are_the_word(heads: list[str], end: str) -> None:
    """Whatever the reading, nothing of the word is lost, and each part is where it may be."""
    word = "".join([*heads, end])
    parts = SMALL.split(word)

    assert not parts or two_of_three("".join(parts)) == two_of_three(word)
    assert set(parts[:-1]) <= set(BEGINS)
    assert not parts or parts[-1] in ENDS or SMALL.stem(parts[-1]) in ENDS
    assert len(parts) != 1
    assert parts or not heads or len(word) < 5


@given(st.text(alphabet="abcdeghiklmnoprstuvyåäö", max_size=80))
def test_any_word_is_taken_apart_in_bounds(word: str) -> None:
    """With the real dictionary too: at most five parts, each of two letters or more."""
    parts = read_compounds().split(word)

    assert len(parts) in (0, 2, 3, 4, 5)
    assert all(len(part) >= 2 for part in parts)
