"""`kommun:skövde` and its like become choices; what fits nothing stays words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.municipal import municipalities, taxonomy
from node.web import labels
from node.web.listing import read_filter
from node.web.typed_filters import read_typed


@pytest.mark.parametrize(
    ("text", "rest", "chosen"),
    [
        ("lås", "lås", {}),
        ("kommun:skövde lås", "lås", {"municipality": "1496"}),
        ("kommun:Sköv lås", "lås", {"municipality": "1496"}),
        ("kommun:1496", "", {"municipality": "1496"}),
        ('kommun:"Upplands Väsby"', "", {"municipality": "0114"}),
        ("kommun:habo kommun:hjo", "kommun:hjo", {"municipality": "0643"}),
        ("kommun:atlantis lås", "kommun:atlantis lås", {}),
        ("typ:fråga", "", {"type": "fraga"}),
        ("typ:FRÅGA", "", {"type": "fraga"}),
        ("typ:okänd", "typ:okänd", {}),
        ("år:2025 lås", "lås", {"year": "2025"}),
        ("år:25", "år:25", {}),
        ("år:²025", "år:²025", {}),
        ("ämne:aldre.hemtjanst", "", {"area": "aldre.hemtjanst"}),
        ("ämne:okänt typ:fråga", "ämne:okänt", {"type": "fraga"}),
        ('produkt:"Office 365" lås', "lås", {"product": "Office 365"}),
        ("leverantör:vem-som-helst", "", {"supplier": "vem-som-helst"}),
    ],
)
def test_typed_choices(text: str, rest: str, chosen: dict[str, str]) -> None:
    """A code, a name or the beginning of one; the first of a kind counts."""
    assert read_typed(text) == (rest, chosen)


def test_every_choice_can_be_typed_by_its_name() -> None:
    """Each municipality, area and type, quoted."""
    for one in municipalities.all_municipalities():
        assert read_typed(f'kommun:"{one.name}"') == ("", {"municipality": one.code})
    for area in taxonomy.areas():
        assert read_typed(f'ämne:"{area.sv}"') == ("", {"area": area.id})
    for code, words in labels.RECORD_TYPES.items():
        assert read_typed(f'typ:"{words}"') == ("", {"type": code})


def test_what_is_typed_now_counts_before_what_was_chosen_earlier() -> None:
    """The choices already made come along with the form; the text is the newest word."""
    wanted = read_filter({"q": "kommun:skövde lås", "kommun": "1497", "typ": "fraga"})

    assert (wanted.municipality, wanted.type, wanted.text) == ("1496", "fraga", "lås")


@given(st.text(alphabet=st.sampled_from('kommunämnetypår:"- 2025\t') | st.characters()))
def test_any_text_can_be_read(text: str) -> None:
    """Nothing typed is an error; what is chosen is something that there is."""
    rest, chosen = read_typed(text)

    assert set(chosen) <= {"municipality", "area", "type", "year", "product", "supplier"}
    assert all(chosen.values())
    assert chosen or rest == " ".join(text.split())
