"""What can be followed has one form, and text from a form is read strictly."""

from __future__ import annotations

import json

import pytest

from node.errors import ArgumentError
from node.following.subjects import Kind, Subject, read_subject, record_subject, subject_of
from storage.record_views import RecordFilter

SEARCH = RecordFilter(text="trygghetslarm", area="aldre", status="drift")


@pytest.mark.parametrize(
    "wanted",
    [
        RecordFilter(area="aldre.hemtjanst"),
        RecordFilter(municipality="1497"),
        RecordFilter(text='"fiber" å <b>'),
        SEARCH,
    ],
)
def test_a_list_can_be_followed_and_leads_back_to_itself(wanted: RecordFilter) -> None:
    """What a list stands for survives a form, and lists the same again."""
    subject = subject_of(wanted)

    assert subject is not None
    assert read_subject(subject.kind, subject.target) == subject
    assert subject.filter == wanted


def test_page_and_order_of_filters_make_no_other_search() -> None:
    """The third page of a search is followed as the search."""
    assert subject_of(RecordFilter(text="fiber", page=3)) == subject_of(RecordFilter(text="fiber"))
    turned = json.dumps({"text": " trygghetslarm ", "status": "drift", "area": "aldre"})
    assert read_subject("search", turned) == subject_of(SEARCH)


def test_a_search_for_an_area_alone_is_the_area() -> None:
    """However it was said, an area or a municipality is followed once."""
    assert read_subject("search", '{"area":"aldre"}') == Subject(Kind.AREA, "aldre")
    assert read_subject("search", '{"municipality":"1497"}').kind is Kind.MUNICIPALITY


def test_a_record_is_followed_by_its_id() -> None:
    """A record has no list."""
    subject = record_subject(b"\1" * 32)

    assert (subject.record, subject.filter) == (b"\1" * 32, None)
    assert read_subject("record", "01" * 32) == subject


def test_everything_is_nothing_to_follow() -> None:
    """The list of all records has no button."""
    assert subject_of(RecordFilter()) is None


def test_a_search_of_very_many_words_is_not_followed() -> None:
    """Ten words can be followed, eleven cannot."""
    words = [f"ord{number}" for number in range(11)]

    assert subject_of(RecordFilter(text=" ".join(words[:10]))) is not None
    assert subject_of(RecordFilter(text=" ".join(words))) is None


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("area", "okänd"),
        ("area", ""),
        ("municipality", "14 97"),
        ("municipality", "\u0661\u0664\u0669\u0667"),
        ("record", "01" * 31),
        ("record", "0G" * 32),
        ("user", "anna"),
        ("search", ""),
        ("search", "{}"),
        ("search", "[]"),
        ("search", "[" * 1_900),
        ("search", '{"text":7}'),
        ("search", '{"page":"7"}'),
        ("search", '{"text":"a\\u0000"}'),
        ("search", '{"text":"\\ud800"}'),
        ("search", json.dumps({"text": "x" * 201})),
        ("search", json.dumps({"area": "x" * 41})),
        ("search", json.dumps({"text": "a b c d e f g h i j k"})),
        ("search", '{"text":"' + " " * 2_000 + 'a"}'),
    ],
)
def test_nothing_else_can_be_followed(kind: str, target: str) -> None:
    """Whatever else a form may name is refused as the sender's mistake."""
    with pytest.raises(ArgumentError):
        read_subject(kind, target)
