"""A second reading of content, as plain as the rules: what read_content must agree with.

Nesting is counted bracket by bracket, the bytes are parsed once for their form and once more by
the model itself, and text is judged by the character ranges of docs/protocol.md §11.3.
"""

from __future__ import annotations

import json
import re

from pydantic import ValidationError

from protocol.content import KINDS, NewerSchemaError, RootContent, UnknownKindError
from protocol.errors import ContentError
from protocol.limits import CONTENT_BYTES_MAX, INTEGER_MAX, JSON_DEPTH_MAX

REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ufeff]")
LINE_END = re.compile("\r\n|[\r\u2028\u2029]")


def slow_read(kind: str, content: bytes) -> RootContent:
    """Read content as :func:`protocol.content.read_content` does, and raise as it does."""
    if kind not in KINDS:
        raise UnknownKindError(kind)
    value = slow_loads(content)
    if not isinstance(value, dict) or type(value.get("schema")) is not int or value["schema"] < 1:
        raise ContentError("no object with a schema")
    if value["schema"] > 1:
        raise NewerSchemaError(str(value["schema"]))
    try:
        return KINDS[kind].model_validate_json(content)
    except ValidationError as error:
        raise ContentError("the model refuses it") from error


def slow_loads(content: bytes) -> object:
    """Parse as :func:`protocol.strict_json.loads` does."""
    if len(content) > CONTENT_BYTES_MAX:
        raise ContentError("too large")
    try:
        text = content.decode("utf-8")
        _count_levels(text)
        value = json.loads(text, object_pairs_hook=_pairs, parse_int=_integer, parse_float=_float)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise ContentError("not in the strict form") from error
    return value


def _count_levels(text: str) -> None:
    level, inside, skip = 0, False, False
    for character in text:
        if skip:
            skip = False
        elif inside and character == "\\":
            skip = True
        elif character == '"':
            inside = not inside
        elif not inside:
            level += (character in "[{") - (character in "]}")
            if level > JSON_DEPTH_MAX:
                raise ValueError("too deep")


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys) or any(value is None for _, value in pairs):
        raise ValueError("a key twice, or null")
    return dict(pairs)


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > INTEGER_MAX:
        raise ValueError("too large")
    return int(digits)


def _float(digits: str) -> float:
    raise ValueError(f"{digits[:20]} is not an integer")
