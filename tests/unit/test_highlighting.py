"""Found words are marked where they stand, and the text stays what it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from node.web.marking import marked
from storage.record_views import Meant
from storage.search.analyzer import terms_of, words_of
from storage.search.highlighting import pieces
from storage.search.query_building import telling_terms
from storage.search.query_language import parse


def marks(text: str, typed: str) -> list[str]:
    """The pieces of a text that are marked for what was typed."""
    return [piece for piece, is_found in pieces(text, telling_terms(parse(typed))) if is_found]


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("omsorg", "Äldreomsorgens nycklar", ["Äldreomsorgens"]),
        ("nycklar", "en NYCKEL, och nyckeln.", ["NYCKEL", "nyckeln"]),
        ("far", "Får på bete", []),
        ("e-post", "Skicka e-post eller epost", ["e-post", "epost"]),
        ("nyckel hantering", "Nyckelhantering", ["Nyckelhantering"]),
        ('"digitala lås"', "Ett digitalt lås", ["digitalt", "lås"]),
        ("-nyckel lås", "nyckel och lås", ["lås"]),
        ("och", "nyckel och lås", []),
        ("får", "fa\u030ar", ["fa\u030ar"]),
    ],
)
def test_words_that_are_why_it_was_found(typed: str, text: str, found: list[str]) -> None:
    """In whatever form, inside compounds, with their letters composed or not."""
    assert marks(text, typed) == found


@given(st.text(), st.text())
def test_pieces_joined_are_the_text(text: str, typed: str) -> None:
    """Nothing is lost, doubled or changed, whatever the text and whatever was typed."""
    assert "".join(piece for piece, _ in pieces(text, telling_terms(parse(typed)))) == text


@given(st.text(), st.data())
def test_a_word_of_the_text_is_marked(text: str, data: st.DataObject) -> None:
    """What was typed as it stands in the text is marked there."""
    words = [word for word in words_of(text) if terms_of(word) is not None]
    if words:
        word = data.draw(st.sampled_from(words))
        terms = terms_of(word)
        assert terms is not None
        assert any(is_found for _, is_found in pieces(text, {terms.whole}))


@given(st.text())
def test_marking_escapes(text: str) -> None:
    """A text is shown, never run, marked or not."""
    meant = Meant((), False, frozenset({"script", "img"}))
    shown = marked(f"<script>{text}</script>", meant)

    assert isinstance(shown, Markup)
    assert "<script" not in shown
    plain = shown.replace(Markup("<mark>"), "").replace(Markup("</mark>"), "")
    assert Markup(plain).unescape() == f"<script>{text}</script>"
    assert marked(text, None).unescape() == text
