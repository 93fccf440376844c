"""What can be followed has one form, and text from a form is read strictly."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from node.errors import ArgumentError
from node.following.subjects import Kind, Subject, read_subject, record_subject, subject_of
from node.wanted import PARAMETERS, Wanted

SEARCH = Wanted(text="trygghetslarm", area="aldre", status="drift")


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(area="aldre.hemtjanst"),
        Wanted(municipality="1497"),
        Wanted(text='"fiber" å <b>'),
        SEARCH,
        Wanted(place="grannar", group="liknar-oss"),
        Wanted(year="2026", collaboration_open=True),
        Wanted(text="fiber", literal=True),
        Wanted(text=" ".join("ö" * 9 for _ in range(20))),
        Wanted(year="2026-11"),
        Wanted(type="fraga", answers="saknas"),
        Wanted(product="Exempel: " + "växel " * 30 + "x", supplier="Nordtele AB"),
    ],
)
def test_a_list_can_be_followed_and_leads_back_to_itself(wanted: Wanted) -> None:
    """What a list stands for survives a form, and lists the same again."""
    subject = subject_of(wanted)

    assert subject is not None
    assert read_subject(subject.kind, subject.target) == subject
    assert subject.wanted == wanted


def test_page_and_order_of_filters_make_no_other_search() -> None:
    """The third page of a search is followed as the search."""
    assert subject_of(Wanted(text="fiber", page=3)) == subject_of(Wanted(text="fiber"))
    turned = json.dumps({"text": " trygghetslarm ", "status": "drift", "area": "aldre"})
    assert read_subject("search", turned) == subject_of(SEARCH)


def test_a_search_for_an_area_alone_is_the_area() -> None:
    """However it was said, an area or a municipality is followed once."""
    assert read_subject("search", '{"area":"aldre"}') == Subject(Kind.AREA, "aldre")
    assert read_subject("search", '{"municipality":"1497"}').kind is Kind.MUNICIPALITY


def test_a_record_is_followed_by_its_id() -> None:
    """A record has no list."""
    subject = record_subject(b"\1" * 32)

    assert (subject.record, subject.wanted) == (b"\1" * 32, None)
    assert read_subject("record", "01" * 32) == subject


def test_everything_is_nothing_to_follow() -> None:
    """The list of all records has no button."""
    assert subject_of(Wanted()) is None


@pytest.mark.parametrize("field", PARAMETERS.values())
def test_what_an_address_can_choose_can_be_followed(field: str) -> None:
    """Each choice of a list tells its search from the one without, alone or beside others."""
    is_flag = isinstance(getattr(Wanted(), field), bool)
    beside = Wanted(text="fiber", status="drift")
    value = "vantar" if field == "answers" else "2026"
    chosen = replace(beside, **{field: True if is_flag else value})
    subject = subject_of(chosen)

    assert subject is not None
    assert read_subject(subject.kind, subject.target).wanted == chosen
    assert subject != subject_of(beside)


def test_places_are_found_out_where_we_are() -> None:
    """What is kept names a place; which municipalities it gathers is said at each use."""
    subject = subject_of(Wanted(place="grannar").at("1498"))

    assert subject is not None
    assert subject.wanted == Wanted(place="grannar")
    assert subject.wanted.at("1498") == Wanted(place="grannar").at("1498")
    codes = [subject.wanted.at(own).codes for own in ("1498", "0180", "")]
    assert None not in codes
    assert len(set(codes)) == 3


def test_words_are_taken_as_they_stand_only_where_there_are_words() -> None:
    """Without a text, `literal` makes no list of its own, and so nothing to follow."""
    assert subject_of(Wanted(literal=True)) is None
    assert subject_of(Wanted(area="aldre", literal=True)) == Subject(Kind.AREA, "aldre")


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
        ("search", json.dumps({"product": "x" * 201})),
        ("search", '{"answers":"alla"}'),
        ("search", '{"collaboration_open":false}'),
        ("search", '{"collaboration_open":"1"}'),
        ("search", '{"area":true}'),
        ("search", '{"text":"a","codes":["1497"]}'),
        ("search", '{"text":"' + " " * 2_000 + 'a"}'),
    ],
)
def test_nothing_else_can_be_followed(kind: str, target: str) -> None:
    """Whatever else a form may name is refused as the sender's mistake."""
    with pytest.raises(ArgumentError):
        read_subject(kind, target)
