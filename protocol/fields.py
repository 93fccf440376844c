"""Reads single fields of messages: type, length and range, or a named error.

Every function returns the value it was given when that is exactly what was expected, and raises
:class:`MalformedError` or :class:`LimitError` otherwise (docs/protocol.md §7.2).
"""

from __future__ import annotations

import re
from typing import TypeGuard

from protocol.canonical import Value
from protocol.directory import Item
from protocol.errors import LimitError, MalformedError
from protocol.limits import CODE_CHARS_MAX, ID_BYTES, INTEGER_MAX

_CODE = re.compile(r"[a-z][a-z_]*")
NOTHING_ID = b""
"""The head id beside sequence number 0: nothing of the log is held."""


def read_array(value: Value, length_max: int) -> list[Value]:
    """Return ``value`` if it is an array of at most ``length_max`` items."""
    if not isinstance(value, list):
        raise MalformedError("expected an array")
    if len(value) > length_max:
        raise LimitError(f"an array of at most {length_max} items was expected")
    return value


def _is_integer(value: Value) -> TypeGuard[int]:
    return type(value) is int  # a bool is an int to isinstance


def read_integer(value: Value, least: int, most: int = INTEGER_MAX) -> int:
    """Return ``value`` if it is an integer from ``least`` through ``most``."""
    if not _is_integer(value) or value < least:
        raise MalformedError(f"expected an integer from {least}")
    if value > most:
        raise LimitError(f"expected an integer of at most {most}")
    return value


def read_octets(value: Value, length: int) -> bytes:
    """Return ``value`` if it is a byte string of exactly ``length`` bytes."""
    if not isinstance(value, bytes) or len(value) != length:
        raise MalformedError(f"expected {length} bytes")
    return value


def read_code(value: Value) -> str:
    """Return ``value`` if it is an error code."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise MalformedError("a code is lower-case letters and underscores")
    if len(value) > CODE_CHARS_MAX:
        raise LimitError(f"a code is at most {CODE_CHARS_MAX} characters")
    return value


def read_item(value: Value, *, nothing_allowed: bool = False) -> Item:
    """Return the head that ``[log, sequence, id]`` spells; number 0 has an empty id."""
    if not isinstance(value, list) or len(value) != 3:
        raise MalformedError("a head is a log id, a sequence number and an entry id")
    log = read_octets(value[0], ID_BYTES)
    sequence = read_integer(value[1], 0 if nothing_allowed else 1)
    return Item(log, sequence, read_octets(value[2], ID_BYTES if sequence else 0))
