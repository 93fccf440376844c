"""Log ids as people give them: whole or in part, and never the wrong one by chance."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import ArgumentError
from node.operations.log_ids import START_CHARS_MIN, find_log_id, read_log_id

ONE, OTHER = bytes.fromhex("4f1c09ab" * 8), bytes.fromhex("4f1c09ac" * 8)
KNOWN = [ONE, OTHER]


@given(st.binary(min_size=32, max_size=32), st.randoms(use_true_random=False))
def test_an_id_is_read_with_spaces_and_capitals(log: bytes, random: Random) -> None:
    """However an id was copied, it is the same id."""
    typed = "".join(random.choice([char, char.upper(), f" {char}"]) for char in log.hex())

    assert read_log_id(typed) == log


@pytest.mark.parametrize("text", ["", "4f1c", "g" * 64, ONE.hex() + "0", "4f1c09ab…"])
def test_what_is_no_whole_id_is_refused(text: str) -> None:
    """An id to be trusted is given in full."""
    with pytest.raises(ArgumentError, match="64 characters"):
        read_log_id(text)


def test_a_beginning_names_the_one_it_fits() -> None:
    """Enough characters to tell two apart are enough, and a whole id always is."""
    assert find_log_id("4F1C 09AB", KNOWN, "log") == ONE
    assert find_log_id(OTHER.hex(), KNOWN, "log") == OTHER


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4f1c09", "More than one neighbour begins with 4f1c09"),
        ("4f1c09ad", "No neighbour begins with 4f1c09ad"),
        ("4f1c09ab"[: START_CHARS_MIN - 1], "is not a log id"),
        ("hjo kommun", "is not a log id"),
        ("", "is not a log id"),
    ],
)
def test_a_beginning_that_names_none_or_many_is_refused(text: str, message: str) -> None:
    """A slip of the hand removes or blocks nobody."""
    with pytest.raises(ArgumentError, match=message):
        find_log_id(text, KNOWN, "neighbour")
