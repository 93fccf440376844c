"""Content bytes are read in one way only, and hostile ones end in ContentError."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from content_factories import an_experience
from protocol import strict_json
from protocol.content import read_content
from protocol.errors import ContentError
from protocol.limits import CONTENT_BYTES_MAX, INTEGER_MAX, JSON_DEPTH_MAX

VALUES = st.recursive(
    st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)

REFUSED = {
    "not UTF-8": b'{"a":"\xff"}',
    "UTF-8 of a surrogate": b'{"a":"\xed\xa0\x80"}',
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "cut short": b'{"a":',
    "empty": b"",
    "two values": b"{} {}",
    "duplicate key": b'{"a":1,"a":1}',
    "duplicate key by escape": b'{"a":1,"\\u0061":2}',
    "duplicate key inside": b'{"a":[{"b":1,"b":2}]}',
    "null field": b'{"a":null}',
    "null field inside": b'[{"a":{"b":null}}]',
    "NaN": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "fraction": b'{"a":1.0}',
    "exponent": b'{"a":1e3}',
    "integer beyond 2^53": b'{"a":9007199254740992}',
    "integer below -2^53": b'{"a":-9007199254740992}',
    "integer of many digits": b'{"a":' + b"9" * 60_000 + b"}",
    "leading zero": b'{"a":01}',
    "lone high surrogate": b'{"a":"\\ud800"}',
    "lone low surrogate": b'{"a":"\\udc00x"}',
    "lone surrogate as a key": b'{"\\ud800":1}',
    "raw control character": b'{"a":"\x01"}',
    "comment": b'{"a":1/**/}',
    "trailing comma": b"[1,]",
    "too deep": b"[" * (JSON_DEPTH_MAX + 1) + b"]" * (JSON_DEPTH_MAX + 1),
    "far too deep": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000,
    "too large": b'"' + b"a" * CONTENT_BYTES_MAX + b'"',
    "many escaped quotes, never closed": b'"' + b'\\"' * 32_000,
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED.keys())
def test_refused(content: bytes) -> None:
    """Everything outside the strict form raises ContentError and nothing else."""
    with pytest.raises(ContentError):
        strict_json.loads(content)


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    """Any bytes are either read or refused with ContentError."""
    try:
        strict_json.loads(content)
    except ContentError:
        return


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES))
def test_round_trip(value: dict[str, object]) -> None:
    """What dumps writes, loads reads back, whether escaped or not."""
    assert strict_json.loads(json.dumps(value).encode()) == value
    assert strict_json.loads(json.dumps(value, ensure_ascii=False).encode()) == value


class Inner(BaseModel):
    """A model inside another."""

    names: tuple[str, ...] = ()


class Outer(BaseModel):
    """A model that holds one."""

    inner: Inner = Inner()
    names: tuple[str, ...] = ()


def test_empty_lists_are_left_out_wherever_they_stand() -> None:
    """Also in a model inside another; a text that looks like one stays."""
    assert strict_json.dumps(Outer()) == b'{"inner":{}}'
    assert strict_json.dumps(Outer(names=("[]",))) == b'{"inner":{},"names":["[]"]}'


def test_depth_counts_brackets_outside_strings_only() -> None:
    """Brackets inside strings are text, and the allowed depth itself is accepted."""
    nested = b"[" * JSON_DEPTH_MAX + b"]" * JSON_DEPTH_MAX
    text = "[{" * 1_000 + '\\"['

    assert strict_json.loads(nested) is not None
    assert strict_json.loads(json.dumps({"a": text}).encode()) == {"a": text}


def test_surrogate_pairs_are_text() -> None:
    """A whole surrogate pair written as escapes is one character."""
    assert strict_json.loads(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_largest_integers() -> None:
    """Both ends of the integer range are read exactly."""
    assert strict_json.loads(b"[9007199254740991,-9007199254740991]") == [INTEGER_MAX, -INTEGER_MAX]


def test_dumps_is_compact() -> None:
    """Writing leaves out what is absent, adds no spaces and keeps å ä ö as they are."""
    value = {"a": "åäö", "b": None, "c": [], "d": {"e": None, "f": 0}, "g": False}

    assert strict_json.dumps(value) == '{"a":"åäö","d":{"f":0},"g":false}'.encode()


def test_brackets_in_a_text_are_text() -> None:
    """A model is written without its empty lists, and with every bracket that somebody wrote."""
    experience = an_experience(situation="Kryssa i [] eller {}", collaboration_open=True)

    written = strict_json.dumps(experience)

    assert read_content("experience", written) == experience
    assert b"[]" in written
    assert b":[]" not in written
