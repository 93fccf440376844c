"""Deterministic CBOR: the only encoder and decoder (RFC 8949 §4.2, docs/protocol.md §2).

Allowed are unsigned and negative integers within ±(2^53−1), byte strings, text strings,
arrays, maps with integer or text keys, true, false and null. Floats, tags, undefined and
indefinite lengths are refused. A decoder re-encodes what it read and compares, so there is
exactly one byte sequence for each value.
"""

from __future__ import annotations

import re
from typing import NoReturn, TypeAlias

import cbor2

from protocol.errors import LimitError, MalformedError
from protocol.limits import CBOR_DEPTH_MAX, CBOR_ITEMS_MAX, INTEGER_MAX

Value: TypeAlias = "int | bytes | str | bool | list[Value] | dict[int | str, Value] | None"


def _refuse_tag(*_: object) -> NoReturn:
    """Refuse a tag before its content is built.

    Shared references (tags 28 and 29) could otherwise unfold a few bytes into gigabytes.
    """
    raise cbor2.CBORDecodeError("tags are not allowed")


_STRINGS = (2, 3)
"""The major types whose length counts bytes that follow."""
_SMALL_ITEMS = re.compile(rb"[\x00-\x17\x20-\x37\x40\x60\x80-\x97\xa0-\xb7\xc0-\xd7\xe0-\xf7]+")
"""Items of one byte each, heads of arrays and maps among them: what a bomb is made of."""
_BUILT_IN_TAGS = dict.fromkeys([*range(512), 1004, 43000, 55799], _refuse_tag)


def encode(value: object) -> bytes:
    """Return the one deterministic encoding of ``value``."""
    return cbor2.dumps(value, canonical=True)


def decode(data: bytes, *, depth_max: int = CBOR_DEPTH_MAX) -> Value:
    """Return the value ``data`` encodes.

    Raises :class:`MalformedError` when the bytes are not one complete deterministic item of
    the allowed types, and :class:`LimitError` for integers, nesting or a number of items beyond
    the bounds.
    """
    _check_count(data)
    try:
        value = cbor2.loads(
            data,
            tag_hook=_refuse_tag,
            semantic_decoders=_BUILT_IN_TAGS,
            max_depth=depth_max,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORError, ValueError, OverflowError, TypeError, RecursionError) as error:
        raise MalformedError(f"not valid CBOR: {error}") from error
    _check(value)
    if cbor2.dumps(value, canonical=True) != data:
        raise MalformedError("CBOR that is not deterministic")
    return value  # type: ignore[no-any-return]  # _check has just established the type


def _check_count(data: bytes) -> None:
    """Refuse too many items before anything is built of them; an item has at least one byte.

    Reads heads only, in the order in which the decoder meets them, and stops where it will stop.
    """
    position, items = 0, 0
    while position < len(data) > CBOR_ITEMS_MAX:
        if small := _SMALL_ITEMS.match(data, position):
            items += small.end() - position
            position = small.end()
        else:
            major, length = data[position] >> 5, data[position] & 31
            position += 1
            if length >= 28:  # reserved or indefinite: the decoder refuses it
                return
            if length >= 24:
                size = 1 << (length - 24)
                length = int.from_bytes(data[position : position + size])
                position += size
            if major in _STRINGS:
                position += length
            items += 1
        if items > CBOR_ITEMS_MAX:
            raise LimitError(f"at most {CBOR_ITEMS_MAX} CBOR items are read at once")


def _check(value: object) -> None:
    """Refuse every type and number outside the allowed set."""
    kind = type(value)
    if kind is bytes or kind is str or kind is bool or value is None:
        return
    if kind is int:
        if abs(value) > INTEGER_MAX:  # type: ignore[arg-type]  # kind is int
            raise LimitError("integer beyond ±(2^53−1)")
    elif kind is list:
        for item in value:  # type: ignore[attr-defined]  # kind is list
            _check(item)
    elif kind is dict:
        for key, item in value.items():  # type: ignore[attr-defined]  # kind is dict
            if type(key) not in (int, str):
                raise MalformedError("map keys are integers or text")
            _check(key)
            _check(item)
    else:
        raise MalformedError(f"CBOR type not allowed: {kind.__name__}")
