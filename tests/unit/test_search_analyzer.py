"""From text to terms: inflections meet, compounds open, letters stay, and any text will do."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.analyzer import (
    WORD_CHARS_MAX,
    analyze,
    is_stop_word,
    roots,
    terms_of,
    words_of,
)

TERM_CHARS_MAX = 2 * WORD_CHARS_MAX
"""A doubled letter that is put back makes a term longer than its word."""


def found_by(word: str) -> set[str]:
    """All terms that a word is indexed as."""
    terms = terms_of(word)
    return {terms.whole, *terms.parts} if terms else set()


@pytest.mark.parametrize(
    "forms",
    [
        "karta kartan kartor kartorna kartans",
        "larm larmet larmen",
        "omsorg omsorgen omsorgens omsorger",
        "bok boken böcker böckerna",
        "skola skolan skolor skolornas",
        "trygghetslarm trygghetslarmet trygghetslarmen",
        "äldreomsorg äldreomsorgen äldreomsorgens",
        "upphandling upphandlingen upphandlingar",
    ],
)
def test_all_forms_of_a_word_are_one_term(forms: str) -> None:
    """Whichever form was written, whichever is asked for."""
    terms = [terms_of(form) for form in forms.split()]

    assert len({found.whole for found in terms if found is not None}) == 1
    assert None not in terms


@pytest.mark.parametrize(
    ("word", "inside"),
    [
        ("äldreomsorgens", "omsorg"),
        ("bygglovsansökningar", "bygglov"),
        ("bygglovsansökningar", "ansökan"),
        ("trygghetslarmen", "larm"),
        ("nyckelhantering", "nyckel"),
        ("glasstrut", "glass"),
        ("e-post", "post"),
        ("hemtjänstnycklar", "hemtjänst"),
        ("upphandling", "upphandla"),
    ],
)
def test_a_compound_is_found_by_what_is_in_it(word: str, inside: str) -> None:
    """Parts, parts that stand together, and the verb of a noun."""
    terms = terms_of(inside)

    assert terms is not None
    assert terms.whole in found_by(word)


def test_swedish_letters_are_letters_of_their_own() -> None:
    """A ring or two dots make another word, however they are composed."""
    assert found_by("far").isdisjoint(found_by("får"))
    assert analyze(["FA\u030aR"]) == analyze(["får"])
    assert words_of("Ärende ÄRENDE a\u0308rende") == ["ärende"] * 3


@pytest.mark.parametrize("joint", ["-", "\u2010", "\u2011"])
def test_hyphens_join(joint: str) -> None:
    """ "e-post" is "epost", whichever hyphen was typed."""
    assert analyze([f"e{joint}post"]).words == analyze(["epost"]).words


def test_words_that_say_nothing_are_left_out() -> None:
    """They have no terms, alone or in a text."""
    assert is_stop_word("och")
    assert terms_of("och") is None
    assert analyze(["nycklar och larm"]).words == "nyckel larm"


def test_other_languages_get_their_stem_besides() -> None:
    """A word of an English text is found in another form; Swedish texts are spared that."""
    assert "key" in analyze(["The keys"], "en").parts
    assert "key" not in analyze(["The keys"]).parts


@pytest.mark.parametrize(
    ("noun", "verb"),
    [("upphandling", ["upphandl"]), ("ing", []), ("ring", []), ("larm", []), ("", [])],
)
def test_roots(noun: str, verb: list[str]) -> None:
    """What is left of too short a noun is no verb."""
    assert roots(noun) == verb


@given(st.text(), st.sampled_from(["sv", "en"]))
def test_any_text_gives_terms_that_the_index_can_hold(text: str, language: str) -> None:
    """No term is empty, holds a blank or is longer than a word can be; order is that of words."""
    analyzed = analyze([text], language)
    terms = [found.whole for found in map(terms_of, words_of(text)) if found is not None]

    assert " ".join(terms) == analyzed.words
    assert analyzed.words.split() == terms
    for term in {*terms, *(analyzed.parts if language == "sv" else ())}:
        assert 0 < len(term) <= TERM_CHARS_MAX


@given(st.text(alphabet="abdefhlnorstyåäö-", min_size=1, max_size=200))
def test_what_was_written_is_found_as_it_was_written(word: str) -> None:
    """A word's parts never hold the word itself, and asking for it gives the term it has."""
    for plain_word in words_of(word):
        terms = terms_of(plain_word)
        if terms is not None:
            assert terms.whole not in terms.simple or len(plain_word) > 1
            assert set(terms.simple) <= set(terms.parts)
            assert terms.whole in analyze([plain_word]).words.split()


@given(st.text())
def test_composed_or_not_is_the_same_text(text: str) -> None:
    """Keyboards and files differ in how they compose letters; nobody can see which."""
    composed = unicodedata.normalize("NFC", text)

    assert analyze([unicodedata.normalize("NFD", text)]) == analyze([composed])
