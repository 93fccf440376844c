"""Other names for the same thing: lists without slips, and both languages find each other."""

from __future__ import annotations

from collections import Counter

import pytest

from storage.search.analyzer import is_stop_word, words_of
from storage.search.synonyms import other_names, terms_of_name
from storage.search.word_lists import lines

GROUPS = list(lines("synonyms.txt"))
PAIRS = list(lines("english.txt"))


def names_in(text: str) -> list[tuple[str, ...]]:
    """The names in a list's entry, as terms; one that holds no word stays empty."""
    return [tuple(terms_of_name(words_of(part))) for part in text.split(",")]


def says_something(name: str) -> bool:
    """Whether a name has a word that is looked for."""
    return not all(map(is_stop_word, words_of(name)))


def others_of(text: str) -> set[tuple[str, ...]]:
    """All other names of what a text says as a whole; words that say nothing are not asked for."""
    words = [word for word in words_of(text) if not is_stop_word(word)]
    return {
        name
        for first, after, names in other_names(words)
        if (first, after) == (0, len(words))
        for name in names
    }


@pytest.mark.parametrize("group", GROUPS)
def test_groups_are_well_formed(group: str) -> None:
    """At least two names that differ as they are looked for, none twice, none that says nothing."""
    names = names_in(group)

    assert len(set(names)) >= 2
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert all(map(says_something, group.split(",")))


@pytest.mark.parametrize("pair", PAIRS)
def test_pairs_are_well_formed(pair: str) -> None:
    """English to the left, Swedish to the right, none twice on its side."""
    assert pair.count("=") == 1
    for side in pair.split("="):
        names = [name.strip() for name in side.split(",")]
        assert len(set(names)) == len(names)
        assert all(map(says_something, names))


@pytest.mark.parametrize("group", GROUPS)
def test_each_name_of_a_group_finds_all_others(group: str) -> None:
    """Whichever of them was typed."""
    names = names_in(group)
    for part, own in zip(group.split(","), names, strict=True):
        assert set(names) - {own} <= others_of(part), part


@pytest.mark.parametrize("pair", PAIRS)
def test_english_finds_swedish_and_back(pair: str) -> None:
    """Both ways, for all that a pair names."""
    english, swedish = pair.split("=")
    for asked, found in ((english, swedish), (swedish, english)):
        for part in asked.split(","):
            own = tuple(terms_of_name(words_of(part)))
            assert set(names_in(found)) - {own} <= others_of(part), part


def test_names_are_found_inside_what_was_typed() -> None:
    """One of several words too, wherever it stands; what has no other name has none."""
    found = [(first, after) for first, after, _ in other_names(words_of("vårt särskilt boende"))]

    assert (1, 3) in found
    assert list(other_names(words_of("blåklint 1234"))) == []
    assert list(other_names([])) == []
