"""What is typed in the search box: whatever it is, it can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.query_language import (
    FILTERS,
    WORDS_MAX,
    Typed,
    TypedFilter,
    parse,
    take_filters,
)

PIECES = st.sampled_from(
    ["kommun:", "ämne:", "typ:", "år:", "ÅR:", '"', "-", " ", "\t", ":", "nyckel", "å", "2025", "'"]
)
TYPED = st.one_of(st.text(), st.lists(PIECES | st.text(max_size=3)).map("".join))


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("", Typed()),
        ("Digital NYCKEL", Typed(("digital", "nyckel"))),
        ("nyckel nyckel", Typed(("nyckel",))),
        ('"digital nyckel" lås', Typed(("lås",), (("digital", "nyckel"),))),
        ('"digital nyckel', Typed((), (("digital", "nyckel"),))),
        ("lås -nyckel", Typed(("lås",), (), (("nyckel",),))),
        ('lås -"digital nyckel"', Typed(("lås",), (), (("digital", "nyckel"),))),
        ("e-post", Typed(("e-post",))),
        ('- -- " "" ! ?', Typed()),
        ("https://exempel.se/a", Typed(("https", "exempel", "se", "a"))),
        ("okänt:värde", Typed(("okänt", "värde"))),
        ("okänt:", Typed(("okänt",))),
        ("100 %", Typed(("100",))),
    ],
)
def test_words_phrases_and_what_must_not_occur(text: str, typed: Typed) -> None:
    """Each is read as what it looks like; signs alone are nothing."""
    assert parse(text) == typed
    assert typed.is_empty == (typed == Typed())


@pytest.mark.parametrize(
    ("text", "rest", "taken"),
    [
        ("kommun:skövde lås", "lås", [("kommun", "skövde")]),
        ("lås KOMMUN:Skövde nyckel", "lås nyckel", [("kommun", "Skövde")]),
        ('område:"vård och omsorg"', "", [("ämne", "vård och omsorg")]),
        ("typ:fråga år:2025", "", [("typ", "fråga"), ("år", "2025")]),
        ("a\u030ar:2025", "", [("år", "2025")]),
        ("-kommun:skövde", "-kommun:skövde", []),
        ("kommun: skövde", "kommun: skövde", []),
        ('kommun:"" x', 'kommun:"" x', []),
        ('"kommun:skövde"', '"kommun:skövde"', []),
        ("minkommun:skövde", "minkommun:skövde", []),
        ("status:drift", "status:drift", []),
    ],
)
def test_filters_are_taken_out(text: str, rest: str, taken: list[tuple[str, str]]) -> None:
    """A name and a value without a blank between; what stands in quotes is a phrase."""
    seen: list[TypedFilter] = []

    def take(typed: TypedFilter) -> bool:
        seen.append(typed)
        return True

    assert take_filters(text, take) == rest
    assert seen == [TypedFilter(*one) for one in taken]


@given(TYPED)
def test_any_text_is_read_and_the_reading_is_bounded(text: str) -> None:
    """Nothing is an error, and no text makes a query that grows without end."""
    typed = parse(text)

    for found in (typed.words, typed.phrases, typed.without):
        assert len(found) <= WORDS_MAX
    for phrase in (*typed.phrases, *typed.without):
        assert 1 <= len(phrase) <= WORDS_MAX


def test_long_texts_are_bounded() -> None:
    """Also a phrase of a thousand words is a short one."""
    many = " ".join(f"ord{number}" for number in range(1_000))

    assert parse(many).words == tuple(f"ord{number}" for number in range(WORDS_MAX))
    for text in (f'"{many}"', f'-"{many}"', "-".join(["x:y"] * 1_000), "a\u0301\u0316" * 999):
        typed = parse(text)
        assert all(len(phrase) <= WORDS_MAX for phrase in (*typed.phrases, *typed.without))


@given(TYPED)
def test_what_is_not_taken_is_kept(text: str) -> None:
    """Without filters that fit, a text stays as it is but for its blanks."""
    assert take_filters(text, lambda _: False) == " ".join(text.split())


@given(TYPED)
def test_taking_leaves_the_rest_to_be_read_as_before(text: str) -> None:
    """Once all filters are taken there are none left, and the rest means what it meant."""
    seen: list[TypedFilter] = []

    def take(typed: TypedFilter) -> bool:
        seen.append(typed)
        return True

    rest = take_filters(text, take)
    count = len(seen)
    assert take_filters(rest, take) == rest
    assert len(seen) == count
    assert all(typed.name in FILTERS.values() and typed.value for typed in seen)
    if not seen:
        assert parse(rest) == parse(text)


@given(st.lists(st.sampled_from(["lås", '"a b"', "-nyckel", "kommun:hjo", "år:2025", "x:y"])))
def test_filters_and_words_in_any_order(pieces: list[str]) -> None:
    """What is not a filter stands in the rest, in its order."""
    filters = ("kommun:hjo", "år:2025")
    rest = take_filters(" ".join(pieces), lambda _: True)

    assert rest == " ".join(piece for piece in pieces if piece not in filters)
