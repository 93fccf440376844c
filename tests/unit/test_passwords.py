"""New passwords are judged by length and against what anybody would try first."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.accounts.passwords import (
    PASSWORD_CHARS_MAX,
    PASSWORD_CHARS_MIN,
    Weakness,
    normalised,
    weakness,
)

KNOWN = ["anna.berg", "Anna Berg", "Tidaholm"]


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Lösenord2026!",
        "sommarsommar26",
        "Sommaren-2026",
        "123456789012",
        "198112189876",
        "qwertyuiopås",
        "asdfghjklöäz",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabc",
        "Tidaholm#8841",
        "anna.berg2026!",
        "tidaholmskommun1",
        "correct horse battery staple",
        "            ",
    ],
)
def test_the_obvious_is_refused(password: str) -> None:
    """Words everybody knows, one's own name and place, runs and figures are no password."""
    assert weakness(password, KNOWN) is Weakness.OBVIOUS


@pytest.mark.parametrize(
    "password",
    [
        "trut harv kaffe sjö",
        "8f3kd9x02mqp",
        "Grönkål i lådan!",
        "7!2#9$4%a1&0",
        "en liten båt i juni",
    ],
)
def test_a_few_words_or_chance_are_enough(password: str) -> None:
    """No rule asks for figures, capitals or signs."""
    assert weakness(password, KNOWN) is None


def test_length_has_two_ends() -> None:
    """One character too few or too many is said as such."""
    text = "trutharvkaffesjöbåtlingon" * 10

    assert weakness(text[: PASSWORD_CHARS_MIN - 1]) is Weakness.SHORT
    assert weakness(text[:PASSWORD_CHARS_MIN]) is None
    assert weakness(text[:PASSWORD_CHARS_MAX]) is None
    assert weakness(text[: PASSWORD_CHARS_MAX + 1]) is Weakness.LONG


@given(st.lists(st.sampled_from(string.ascii_letters), min_size=20, max_size=40, unique=True))
def test_many_different_letters_are_taken_or_are_a_run(letters: list[str]) -> None:
    """What is refused of mixed letters is refused for being obvious, never for anything else."""
    assert weakness("".join(letters)) in (None, Weakness.OBVIOUS)


@given(st.text(max_size=300))
def test_judging_never_fails(password: str) -> None:
    """Any text is judged, and in one spelling only."""
    assert weakness(password) == weakness(normalised(password))
