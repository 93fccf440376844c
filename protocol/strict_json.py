"""Strict JSON: the only reader and writer of content bytes (docs/protocol.md §11.1).

Rules: UTF-8, no key twice, no null fields, no NaN or infinity, no floats, no integers that a
JavaScript reader would round, no lone surrogates, bounded depth (checked before parsing, so
nesting costs nothing).
Whatever breaks them raises ContentError and never anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NoReturn

from pydantic import BaseModel
from pydantic_core import to_json

from protocol.errors import ContentError
from protocol.limits import CONTENT_BYTES_MAX, INTEGER_MAX, JSON_DEPTH_MAX

INTEGER_CHARS_MAX = len(str(-INTEGER_MAX))
"""Checked before conversion, because converting a long digit string is slow."""

STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""Possessive, and it never fails inside a string: linear time on hostile text."""

_SCALARS = frozenset({str, int, bool})


def loads(content: bytes) -> object:
    """Parse content bytes under the rules above; raises ContentError."""
    if len(content) > CONTENT_BYTES_MAX:
        raise ContentError(f"content is {len(content)} bytes, the most is {CONTENT_BYTES_MAX}")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContentError("content is not UTF-8") from error
    # A text with no more opening brackets than that, inside strings or not, cannot be too deep.
    if text.count("[") + text.count("{") > JSON_DEPTH_MAX:
        _check_depth(text)
    try:
        value: object = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise ContentError(f"content is not JSON: {error}") from error
    if "\\u" in text:
        _refuse_lone_surrogates(value)
    return value


def dumps(value: BaseModel | Mapping[str, object]) -> bytes:
    """Write a model or mapping compactly, leaving out what is None or an empty list.

    Raises TypeError for what content cannot hold, such as a float.
    """
    if isinstance(value, BaseModel):
        empty = {name for name, item in value.__dict__.items() if item == ()}
        written = to_json(value, by_alias=True, exclude_none=True, exclude=empty)
        if b"[]" not in written:
            return written
        value = value.model_dump(mode="json", by_alias=True)
    return to_json(_without_empty(value))


def _without_empty(value: object) -> object:
    if isinstance(value, Mapping):
        kept = (
            (key, item if type(item) in _SCALARS else _without_empty(item))
            for key, item in value.items()
        )
        return {key: item for key, item in kept if item is not None and item != []}
    if isinstance(value, (list, tuple)):
        return [_without_empty(item) for item in value]
    if value is None or isinstance(value, (str, int)):
        return value
    raise TypeError(f"content cannot hold a {type(value).__name__}")


def _check_depth(text: str) -> None:
    depth = 0
    for match in STRING_OR_BRACKET.finditer(text):
        part = match.group()
        if part in "[{":
            depth += 1
            if depth > JSON_DEPTH_MAX:
                raise ContentError(f"content is nested deeper than {JSON_DEPTH_MAX} levels")
        elif part in "]}":
            depth -= 1


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ContentError("content names a key twice in one object")
    if None in result.values():
        raise ContentError("content holds null; what is absent is left out")
    return result


def _bounded_integer(digits: str) -> int:
    if len(digits) > INTEGER_CHARS_MAX or abs(int(digits)) > INTEGER_MAX:
        raise ContentError("content holds an integer beyond ±(2^53−1)")
    return int(digits)


def _refuse_number(number: str) -> NoReturn:
    raise ContentError(f"content holds {number[:20]}, which is not an integer")


def _refuse_lone_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ContentError("content holds half a surrogate pair") from error


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates,
    parse_int=_bounded_integer,
    parse_float=_refuse_number,
    parse_constant=_refuse_number,
)
