"""The one quick way from bytes to models and back gives what the plain, slow way gives."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError

from content_factories import READABLE, an_experience
from protocol import strict_json
from protocol.content import KINDS, RootContent, read_content
from protocol.content.base import Email, Line, Text, WebUrl
from protocol.errors import ContentError
from protocol.limits import INTEGER_MAX, JSON_DEPTH_MAX
from slow_content import LINE_END, REFUSED, slow_loads, slow_read
from storage.search.texts import plain

ID = "ab" * 32
CONTACT = {"role": "Växeln", "email": "kommun@exempel.se", "phone": "0500-12 34 56"}
FULL: dict[str, dict[str, Any]] = {
    "inception": {"schema": 1, "key": ID, "next": ID, "code": "1498", "name": "Tidaholm"},
    "key": {"schema": 1, "key": ID, "next": ID},
    "profile": {"schema": 1, "name": "Hjo", "code": "1497", "domain": "hjo.se", "contact": CONTACT},
    "comment": {"schema": 1, "record": ID, "text": "Hur\ngick det?", "kind": "question"},
    "use": {"schema": 1, "record": ID, "since_year": 2021, "contact": CONTACT, "note": "I två"},
    "interest": {"schema": 1, "record": ID, "interest": "samverka"},
    "helped": {"schema": 1, "record": ID, "reused": "Mallen,\nmed ändringar"},
    "withdraw": {"schema": 1, "target": ID, "reason": "Fel uppgifter"},
    "introduction": {"schema": 1, "log": ID, "code": "1496", "name": "Skövde", "url": "http://a"},
    "address": {"schema": 1, "url": "https://tidan.hjo.example"},
    "leave": {"schema": 1, "reason": "Sammanslagning", "successor": ID},
    "continue": {"schema": 1, "predecessor": ID},
    "experience": {
        "schema": 1,
        "type": "erfarenhet",
        "title": "Exempel: nycklar",
        "summary": "Vi bytte lås.",
        "area": "aldre.hemtjanst",
        "status": "pilot",
        "contact": CONTACT,
        "situation": "En rad\n\noch en till – \U0001f600",
        "cost": {"one_off_sek": 0, "one_off_max_sek": 10, "own_hours": 7, "note": "ungefär"},
        "timeline": {"started": "2020", "live": "2021-03", "ended": "2022-12-31"},
        "products": [{"name": "Lås", "call_off": "ja", "call_off_until": "2027-01-01"}],
        "legal": {"personal_data": True, "note": "DPIA"},
        "attachments": [
            {
                "sha256": ID,
                "name": "bild.png",
                "media_type": "image/png",
                "size_bytes": 17,
                "description": "Låset",
            }
        ],
        "links": [{"url": "https://exempel.se/x?y", "title": "Mer"}],
        "related": [ID],
        "valid_until": "2027-01-31",
        "tags": ["lås", "hemtjänst"],
        "collaboration_open": True,
        "source": {"name": "Fil", "licence": "CC0-1.0"},
        "checked": {"role": "Registrator", "date": "2026-02-01"},
        "replaces": ID,
    },
}
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2021, 10**12, INTEGER_MAX, INTEGER_MAX + 1, 10**30, 1.0, 1e300,
    "", " ", "x", "1", "true", "a\r\nb", "a\u2028b", " \x0b\x85\u2029a\u00a0", "a\tb", "a\nb\n",
    "a\x00b", "\ufeffa", "a\u202eb", "\x1fa", "x" * 151, "å" * 10_001, ID, ID + "\n", "2027-02-30",
    "2027-01-01", "1498", "kommun@exempel.se", "a\u202e@b", "https://a/\u2067", "https://a\x85/b",
    [], {}, [None], [[]], ["x"], [ID], ["x"] * 11, [1], "xy", {"x": 1}, {"role": "IT"}, [CONTACT],
    [{"url": "https://a", "title": "b"}], {"note": "a", "own_hours": 1}, {"own_hours": True},
]  # fmt: skip
"""Values that fields are replaced with: right and wrong ones for every type."""

WHITE_SPACE = "\t\n\x0b\x0c\r\x85\u2028\u2029"
"""Among what is refused inside a text or a line."""
ADAPTERS: dict[Any, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind, config=ConfigDict(str_strip_whitespace=True))
    for kind in (Text, Line, Email, WebUrl)
}

TEXT_CHANGES: list[Callable[[str, Random], str]] = [
    lambda text, random: text.replace("1", random.choice(["1.0", "1e0", "-0", "01", "NaN"]), 1),
    lambda text, random: text.replace(":", random.choice([": ", " :\n", ":\t", "::", ","]), 1),
    lambda text, random: text[:-1] + ',"title":"andra"}',
    lambda text, random: text[:-1] + ',"ti\\u0074le":"andra"}',
    lambda text, random: text[:-1] + ',"schema_version":1}',
    lambda text, random: text.replace('"schema"', '"schema_version"', 1),
    lambda text, random: text[:-1] + ',"x":' + "[" * random.choice([30, 31, 32, 33, 40]),
    lambda text, random: text[:-1] + ',"x":"' + "[{" * 40 + '"}',
    lambda text, random: text.replace("a", random.choice(["\\u0061", "\\ud800", "\\ud83d\\ude00"])),
    lambda text, random: text.replace("a", random.choice(["\\r", "\\b", "\\u2028", "\\/", "\\x"])),
    lambda text, random: random.choice(["\ufeff", " ", "\x00", "["]) + text,
    lambda text, random: text + random.choice([" ", "\n", "\x00", "{}", "]"]),
    lambda text, random: text[: random.randrange(len(text))],
    lambda text, random: text.replace(random.choice(text), random.choice('"\\[]{},:0e.-')),
]
"""Changes of the written form: mostly not content any more, sometimes still."""


def outcome(read: Callable[[str, bytes], RootContent], kind: str, content: bytes) -> object:
    """What reading gives: the model, or the code of the refusal."""
    try:
        return read(kind, content)
    except ContentError as error:
        return error.code


def some_document(random: Random) -> tuple[str, bytes]:
    """A document of any kind with a few fields left out, replaced or added, and a changed form."""
    kind = random.choice(["experience", *KINDS])
    document = deepcopy(FULL[kind])
    for _ in range(random.choice([0, 1, 1, 2])):
        place = random.choice([document, *(v for v in document.values() if type(v) is dict and v)])
        field = random.choice([*place, "x", "schema_version"])
        if random.random() < 0.2:
            place.pop(field, None)
        else:
            place[field] = deepcopy(random.choice(VALUES))
    text = json.dumps(document, ensure_ascii=random.random() < 0.3, separators=(",", ":"))
    for change in random.sample(TEXT_CHANGES, random.choice([0, 0, 1, 2])):
        text = change(text, random) or text
    return kind, text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("seed", range(10))
def test_changed_documents_are_read_as_by_the_slow_way(seed: int) -> None:
    """However a document is changed, both ways read the same or refuse with the same code."""
    print(f"seed={seed}")
    random = Random(seed)
    outcomes = []
    for _ in range(800):
        kind, content = some_document(random)
        expected = outcome(slow_read, kind, content)
        assert outcome(read_content, kind, content) == expected, content
        outcomes.append(expected)

    readable = sum(isinstance(item, RootContent) for item in outcomes)
    assert 80 < readable < 720
    assert {"unreadable", "newer_schema"} <= {item for item in outcomes if isinstance(item, str)}


@pytest.mark.parametrize("kind", FULL)
def test_every_field_with_every_value_is_read_as_by_the_slow_way(kind: str) -> None:
    """Each value in the place of each field, also of those inside, gives the same both ways."""
    assert isinstance(outcome(read_content, kind, strict_json.dumps(FULL[kind])), KINDS[kind])
    for field, inner in FULL[kind].items():
        places = [((field,), value) for value in VALUES]
        if isinstance(inner, dict):
            places += [((field, name), value) for name in inner for value in VALUES]
        for path, value in places:
            changed = FULL[kind] | {
                field: value if len(path) == 1 else FULL[kind][field] | {path[1]: value}
            }
            content = json.dumps(changed).encode()
            assert outcome(read_content, kind, content) == outcome(slow_read, kind, content), path


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON, st.booleans(), st.integers(0, JSON_DEPTH_MAX + 3))
@example({"a": "\ud800"}, True, 0)
@example([], False, JSON_DEPTH_MAX - 1)
@example([], False, JSON_DEPTH_MAX)
def test_any_json_is_parsed_as_by_the_slow_way(value: object, ascii: bool, depth: int) -> None:
    """Numbers, nesting, nulls and surrogates are accepted and refused alike."""
    text = json.dumps(value, ensure_ascii=ascii)
    content = ("[" * depth + text + "]" * depth).encode("utf-8", "surrogatepass")
    try:
        expected = slow_loads(content)
    except ContentError:
        with pytest.raises(ContentError):
            strict_json.loads(content)
    else:
        assert strict_json.loads(content) == expected


def refused_characters(also: str) -> tuple[list[str], list[str]]:
    """All characters but surrogates: those a text may hold, and those the document refuses."""
    good, bad = [], []
    for character in map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]):
        read_as = LINE_END.sub("\n", character)
        (bad if read_as in also or REFUSED.search(read_as) else good).append(character)
    return good, bad


@pytest.mark.parametrize(
    ("kind", "also", "form"),
    [
        (Text, [], "a{}b"),
        (Line, ["\t", "\n"], "a{}b"),
        (Email, ["\t", "\n"], "a{}@b"),
        (Email, ["\t", "\n"], "a@{}b"),
        (WebUrl, ["\t", "\n"], "https://a{}b"),
        (WebUrl, ["\t", "\n"], "https://a/{}b"),
    ],
)
def test_every_character_is_judged_by_the_ranges_of_the_document(
    kind: Any, also: list[str], form: str
) -> None:
    """Inside a text the characters that protocol.md names are refused, and in plain text no others.

    White space at the ends is removed first, so it does no harm there, whatever it is.
    """
    good, bad = refused_characters(also)
    for character in bad:
        assert not is_valid(kind, form.format(character)), ascii(character)
        if kind in (Text, Line):
            assert is_valid(kind, f"{character} a{character}") is (character in WHITE_SPACE)
    for at in range(0, len(good), 150) if kind in (Text, Line) else ():
        assert is_valid(kind, form.format("".join(good[at : at + 150])))


def is_valid(kind: Any, text: str) -> bool:
    """Tell whether a text fits a field type."""
    try:
        ADAPTERS[kind].validate_python(text, strict=True)
    except ValidationError:
        return False
    return True


TEXTS = st.text(READABLE, min_size=1, max_size=60).filter(str.strip)


@given(TEXTS, st.lists(TEXTS, max_size=3), st.none() | TEXTS, st.booleans())
@example("[]", [], "x[]y", True)
@example('"\\\x7f/', [], None, True)
def test_a_model_is_written_as_its_fields_are(
    title: str, tags: list[str], note: str | None, example: bool
) -> None:
    """A model gives the bytes that JSON of its fields gives, without null and empty lists."""
    experience = an_experience(
        title=title.replace("\x7f", ""),
        tags=tuple(tags),
        cost={"note": note} if note else None,
        example=example,
    )
    fields = json.loads(experience.model_dump_json(by_alias=True))
    plainly = {name: value for name, value in fields.items() if value not in (None, [])}
    for value in plainly.values():
        for name in [name for name in value if value[name] is None] if type(value) is dict else ():
            del value[name]
    written = json.dumps(plainly, ensure_ascii=False, separators=(",", ":")).encode()

    assert strict_json.dumps(experience) == written
    assert strict_json.dumps(fields) == written


@given(st.text(st.characters(codec="utf-8")))
def test_text_is_written_with_the_fewest_escapes(text: str) -> None:
    """Any text is escaped as the standard library escapes it."""
    plainly = json.dumps({"a": text}, ensure_ascii=False, separators=(",", ":")).encode()

    assert strict_json.dumps({"a": text}) == plainly


@pytest.mark.parametrize("value", [1.5, float("nan"), b"x", {1}, object()])
def test_what_content_cannot_hold_is_not_written(value: object) -> None:
    """A value without a place in content is a mistake of the caller."""
    with pytest.raises(TypeError, match="cannot hold"):
        strict_json.dumps({"a": [value]})


def test_lone_surrogates_are_not_written() -> None:
    """Half a surrogate pair is a mistake of the caller."""
    with pytest.raises(ValueError, match="surrogate"):
        strict_json.dumps({"a": "\ud800"})


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x2FF)))
@example("".join(map(chr, range(256))))
@example("".join(chr(code) for code in range(256) if chr(code) not in "ßµ"))
@example("A\u030a Ä")
def test_text_is_folded_as_unicode_says(text: str) -> None:
    """The quick table for Latin-1 gives what composing and case-folding give."""
    assert plain(text) == unicodedata.normalize("NFC", text).casefold()
