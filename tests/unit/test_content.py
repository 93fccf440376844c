"""Models of content: strict, bounded, and read the same by everyone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from content_factories import READABLE, an_experience, log_id, logged
from protocol import strict_json
from protocol.content import (
    KINDS,
    Address,
    Comment,
    Contact,
    Continue,
    Experience,
    Helped,
    Inception,
    Interest,
    Introduction,
    KeyChange,
    Leave,
    NewerSchemaError,
    Profile,
    RootContent,
    UnknownKindError,
    Use,
    Withdraw,
    read_content,
)
from protocol.content.experience import Cost
from protocol.errors import ContentError
from protocol.fold import Unreadable, fold
from protocol.identity import KeyEvent, SigningKey, inception_content, rotation_content

RECORD = "ab" * 32
CONTACT = Contact(role="Växeln", email="kommun@exempel.se", phone="0500-12 34 56")
ONE_OF_EACH: dict[str, RootContent] = {
    "inception": Inception(key="01" * 32, next="02" * 32, code="1498", name="Tidaholms kommun"),
    "key": KeyChange(key="01" * 32, next="02" * 32),
    "profile": Profile(name="Hjo", code="1497", domain="hjo.se", url="https://hjo.se/tidan"),
    "experience": an_experience(),
    "comment": Comment(record=RECORD, text="Hur gick det?", kind="question"),
    "use": Use(record=RECORD, since_year=2021, contact=CONTACT, note="I två områden"),
    "helped": Helped(record=RECORD, reused="Exempel: mallen"),
    "interest": Interest(record=RECORD, interest="samverka"),
    "withdraw": Withdraw(target=RECORD, reason="Fel uppgifter"),
    "address": Address(url="https://tidan.hjo.example"),
    "leave": Leave(reason="Sammanslagning", successor=RECORD),
    "continue": Continue(predecessor=RECORD),
    "introduction": Introduction(log=RECORD, code="1496", name="Skövde", fingerprint="4f1c 09ab"),
}


def test_every_kind_has_an_example() -> None:
    """The examples of this test cover every kind that can be read."""
    assert ONE_OF_EACH.keys() == KINDS.keys()


@pytest.mark.parametrize(("kind", "model"), ONE_OF_EACH.items())
def test_round_trip(kind: str, model: RootContent) -> None:
    """What a model writes is read back as the same model, and changes something that is told."""
    written = strict_json.dumps(model)
    assert read_content(kind, written) == model
    (change,) = fold(logged(log_id(1), 1, kind, written))
    assert not isinstance(change, Unreadable)


@given(st.text(READABLE, min_size=1, max_size=150), st.text(READABLE, min_size=1, max_size=400))
def test_texts_survive(title: str, text: str) -> None:
    """Any readable text survives writing and reading, apart from space around it."""
    if not title.strip() or not text.strip():
        return
    experience = an_experience(title=title, situation=text)

    assert read_content("experience", strict_json.dumps(experience)) == experience
    assert experience.title == title.strip()


@pytest.mark.parametrize(
    ("kind", "content", "error"),
    [
        ("later", b"{}", UnknownKindError),
        ("Experience", b"{}", UnknownKindError),
        ("use", b'{"schema":2,"anything":1.5}', ContentError),
        ("use", b'{"schema":2,"anything":1}', NewerSchemaError),
        ("use", b'{"record":"%s"}' % RECORD.encode(), ContentError),
        ("use", b'{"schema":true,"record":"%s"}' % RECORD.encode(), ContentError),
        ("use", b'{"schema":"1","record":"%s"}' % RECORD.encode(), ContentError),
        ("use", b'{"schema":0,"record":"%s"}' % RECORD.encode(), ContentError),
        ("use", b"[1]", ContentError),
        ("use", b'{"schema":1}', ContentError),
    ],
)
def test_unreadable(kind: str, content: bytes, error: type[ContentError]) -> None:
    """What this version cannot read is told apart by the error's class."""
    with pytest.raises(error) as caught:
        read_content(kind, content)

    assert type(caught.value) is error


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 151},
        {"title": "två\nrader"},
        {"summary": "x" * 401},
        {"summary": "vänd \u202e text"},
        {"situation": "x" * 10_001},
        {"situation": "\x00"},
        {"area": "Äldre"},
        {"area": "aldre.hemtjanst.mer"},
        {"status": "klar"},
        {"type": "nyhet"},
        {"contact": {"role": "IT", "email": "inte en adress"}},
        {"contact": {"role": "IT", "extra": "x"}},
        {"tags": tuple("abcdefghijk")},
        {"links": ({"url": "javascript:alert(1)", "title": "x"},)},
        {"links": ({"url": "https://kommun.se@ond.se/", "title": "x"},)},
        {"links": ({"url": "https://", "title": "x"},)},
        {"valid_until": "2026-02-30"},
        {"valid_until": "2026-2-3"},
        {"timeline": {"started": "2026-13"}},
        {"timeline": {"started": "26"}},
        {"cost": {"one_off_sek": -1}},
        {"cost": {"one_off_sek": 1.5}},
        {"cost": {"one_off_sek": "1"}},
        {"cost": {"one_off_max_sek": 1}},
        {"related": ("AB" * 32,)},
        {"collaboration_open": "ja"},
        {"visibility": "circle"},
        {"language": "svenska språket"},
        {"valid_until": "2027-02-29"},
        {"valid_until": "2027-2-9"},
        {"review_date": "20270131"},
        {"unknown": 1},
    ],
)
def test_refused_fields(changes: dict[str, object]) -> None:
    """A field outside its bounds or form is refused, naming the field."""
    with pytest.raises(ValidationError) as caught:
        an_experience(**changes)

    assert caught.value.errors()[0]["loc"][0] == next(iter(changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "x" * 150, "summary": "å" * 400, "advice": "ö" * 10_000},
        {"timeline": {"started": "2020", "live": "2021-03", "ended": "2022-12-31"}},
        {"cost": {"one_off_sek": 0, "one_off_max_sek": 10**12}},
        {"area": "sakerhet"},
        {"links": ({"url": "http://exempel.se?a=b", "title": "x"},)},
        {"language": "smj"},
        {"valid_until": "2028-02-29", "review_date": "2027-01-31"},
    ],
)
def test_accepted_fields(changes: dict[str, object]) -> None:
    """Each bound itself is still accepted."""
    experience = an_experience(**changes)

    assert read_content("experience", strict_json.dumps(experience)) == experience


def test_line_ends_and_space() -> None:
    """Line ends of every system become one, and space around a text is dropped."""
    experience = an_experience(situation=" ett\r\ntvå\rtre\u2028fyra\n")

    assert experience.situation == "ett\ntvå\ntre\nfyra"


def test_comment_needs_text_or_mark() -> None:
    """A comment without text is only a mark of acceptance."""
    assert Comment(record=RECORD, accepts=RECORD).text is None
    with pytest.raises(ValidationError):
        Comment(record=RECORD)


def test_cost_range_upside_down() -> None:
    """The upper end of a cost may not lie below the lower end."""
    with pytest.raises(ValidationError):
        Cost(yearly_sek=2, yearly_max_sek=1)


def test_models_cannot_be_changed() -> None:
    """A model is a value: nothing changes it after reading."""
    experience = an_experience()
    with pytest.raises(ValidationError):
        experience.title = "Annat"  # type: ignore[misc]


def test_key_events_are_content_as_well() -> None:
    """What the identity rules write is read by the content models, so no log starts unreadable."""
    key = SigningKey(b"\x01" * 32)
    event = KeyEvent(key.public_key, b"\x02" * 32, "1498", "Tidaholms kommun")

    inception = read_content("inception", inception_content(event))
    rotation = read_content("key", rotation_content(event))

    assert isinstance(inception, Inception)
    assert (inception.code, inception.name) == ("1498", "Tidaholms kommun")
    assert rotation == KeyChange(key=inception.key, next=inception.next)


def test_defaults_are_written_out() -> None:
    """Licence, language and visibility stand in the signed bytes, not only in our defaults."""
    document = strict_json.loads(strict_json.dumps(an_experience()))

    assert isinstance(document, dict)
    assert document["licence"] == "CC0-1.0"
    assert document["language"] == "sv"
    assert document["visibility"] == "public"
    assert "situation" not in document
    assert isinstance(
        Experience.model_validate_json(strict_json.dumps(an_experience())), Experience
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": "två\nrader"}, "title: must be one line, without tabs and control characters"),
        ({"situation": "a\u202eb"}, "situation: holds a control character or one that turns"),
        ({"cost": {"one_off_max_sek": 1}}, "cost: the upper end of a cost range"),
    ],
)
def test_a_refusal_names_the_field_and_the_reason(changes: dict[str, object], reason: str) -> None:
    """What is wrong is said in words, not as the pattern that a text did not match."""
    document = {"schema": 1, **an_experience().model_dump(exclude={"schema_version"}), **changes}

    with pytest.raises(ContentError, match=reason):
        read_content("experience", strict_json.dumps(document))
