"""The dictionary is made from a Hunspell word list, always to the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.search.scripts.build_lists import build, read_rules, read_words
from storage.search.word_lists import BEGINS, ENDS, INFLECTED, dictionary, lines

AFFIXES = """\
SET UTF-8
# Exempel
SFX A Y 3
SFX A 0 en [^s]
SFX A 0 ar .
SFX A la larna la
SFX S Y 1
SFX S 0 s/X [^s]
"""
WORDS = """\
9
Skara/AY
omsorg/SYA
skola/AXY
nyckel/XY
omsorgsnyckel/XY
mycket
att/XY
fult/XY%
e-post/Y
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A word list of a few words, as Hunspell has it."""
    (tmp_path / "index.aff").write_text(AFFIXES, "utf-8")
    (tmp_path / "index.dic").write_text(WORDS, "utf-8")
    return tmp_path


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    """So what is shipped can be checked by making it again."""
    assert build(folder).tobytes() == build(folder).tobytes()


def test_parts_and_inflections(folder: Path) -> None:
    """Forms that begin, stems that end, what inflects; compounds and odd words are left out."""
    made = {key: value.decode() for key, value in build(folder).items()}

    assert made[f"{BEGINS}omsorgs"] == "omsorg"
    assert made[f"{ENDS}nyckel"] == ""
    keys = {key[1:] for key in made if key[0] in (BEGINS, ENDS)}
    assert keys.isdisjoint({"Skara", "mycket", "att", "fult", "e-post", "omsorgsnyckel"})
    assert {key[0] for key in made} <= {BEGINS, ENDS, INFLECTED}


def test_reading() -> None:
    """Names, signs and words that must not be used are no words of the list."""
    assert set(read_words(WORDS)) == {"omsorg", "skola", "nyckel", "omsorgsnyckel", "mycket", "att"}
    rules = read_rules(AFFIXES)
    assert [rule.apply("skola") for rule in rules["A"]] == ["skolaen", "skolaar", "skolarna"]
    assert [(rule.apply("omsorg"), rule.begins) for rule in rules["S"]] == [("omsorgs", True)]
    assert rules["A"][0].apply("hus") is None


def test_the_shipped_dictionary_is_one_of_this_make() -> None:
    """Its keys are of the three kinds, and every kind is there."""
    for kind, known in ((BEGINS, "omsorgs"), (ENDS, "omsorg"), (INFLECTED, "nyckeln")):
        assert f"{kind}{known}" in dictionary()
        assert sum(1 for _ in dictionary().iterkeys(kind)) > 10_000
    assert all(entry[0] in (BEGINS, ENDS) for entry in lines("municipal_parts.txt"))
