"""What counts as a similar title."""

from __future__ import annotations

from storage.similar_titles import most_similar

TITLES = [
    (b"a", "Exempel: bytte trygghetslarm i ordinärt boende"),
    (b"b", "Exempel: nya larm i särskilt boende"),
    (b"c", "Exempel: fiber till alla skolor"),
    (b"d", "Exempel: digital tillsyn på natten"),
    (b"e", "Trygghetslarmen och kopparnätet"),
]


def test_the_rarest_words_decide_the_order() -> None:
    """What shares more, and rarer words, comes first; bent words are the same word."""
    assert most_similar("Nytt trygghetslarm i ordinära boenden", TITLES, 9) == [b"a", b"b", b"e"]


def test_a_word_that_all_titles_have_is_not_enough() -> None:
    """Titles that share only a common word are not similar."""
    assert most_similar("Exempel: upphandling av skolskjuts", TITLES, 9) == []


def test_there_is_an_end_to_the_list() -> None:
    """At most so many, also of equals; nothing for short words or no title at all."""
    many = [(bytes([number]), "Fiber") for number in range(9)]

    assert most_similar("fiber", many, 3) == [b"\0", b"\1", b"\2"]
    for nothing in ("", "i på av", "!?"):
        assert most_similar(nothing, TITLES, 9) == []
    assert most_similar("fiber", [], 9) == []
