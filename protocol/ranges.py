"""The ranges of a RECONCILE message, as values and on the wire (docs/protocol.md §7.5).

The ranges of one message follow each other without gaps from the lowest log id on; what comes
after the last is skipped. Their form is checked here, their meaning in :mod:`protocol.reconcile`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from protocol.canonical import Value
from protocol.directory import Item
from protocol.errors import LimitError, MalformedError
from protocol.fields import read_array, read_item, read_octets
from protocol.limits import ID_BYTES, RANGE_FINGERPRINT_BYTES, RECONCILE_PARTS_MAX


class Mode(IntEnum):
    """What a range of a RECONCILE message says about the logs in it."""

    SKIP = 0
    """Nothing (more) to say."""
    FINGERPRINT = 1
    """Here is the fingerprint of my items; compare."""
    ITEMS = 2
    """These are all my items; answer with yours that differ."""
    ANSWER = 3
    """These are mine that differ from the ones you listed, 0 for what I do not hold."""


class Range(NamedTuple):
    """Logs from the range before up to ``upper``, exclusive; empty ``upper`` means the end."""

    upper: bytes
    mode: Mode
    fingerprint: bytes = b""
    items: tuple[Item, ...] = ()


def pack_range(part: Range) -> list[object]:
    """Return a range as the array that stands for it on the wire."""
    if part.mode is Mode.SKIP:
        return [part.upper, part.mode.value]
    if part.mode is Mode.FINGERPRINT:
        return [part.upper, part.mode.value, part.fingerprint]
    return [part.upper, part.mode.value, [list(item) for item in part.items]]


def read_range(value: Value) -> Range:
    """Return the range that ``value`` spells."""
    match value:
        case [bytes(upper), 0]:
            part = Range(upper, Mode.SKIP)
        case [bytes(upper), 1, digest]:
            part = Range(upper, Mode.FINGERPRINT, read_octets(digest, RANGE_FINGERPRINT_BYTES))
        case [bytes(upper), 2, items]:
            listed = read_array(items, RECONCILE_PARTS_MAX)
            part = Range(upper, Mode.ITEMS, items=tuple(read_item(item) for item in listed))
        case [bytes(upper), 3, items]:
            listed = read_array(items, RECONCILE_PARTS_MAX)
            heads = tuple(read_item(item, nothing_allowed=True) for item in listed)
            part = Range(upper, Mode.ANSWER, items=heads)
        case _:
            raise MalformedError("a range is a bound, a mode and what the mode needs")
    if type(value[1]) is not int:
        raise MalformedError("a mode is an integer")
    if len(part.upper) > ID_BYTES:
        raise LimitError(f"a bound is at most {ID_BYTES} bytes")
    return part


def check_ranges(ranges: tuple[Range, ...]) -> None:
    """Refuse ranges out of order, items outside theirs, and skips that say nothing."""
    lower, skipped, parts = b"", False, len(ranges)
    for index, part in enumerate(ranges):
        if (part.upper and part.upper <= lower) or (not part.upper and index + 1 < len(ranges)):
            raise MalformedError("bounds ascend, and only the last is the end")
        if part.mode is Mode.SKIP and (skipped or index + 1 == len(ranges)):
            raise MalformedError("a skipped range stands between two others")
        logs = [item.log for item in part.items]
        if logs != sorted(set(logs)):
            raise MalformedError("items ascend, one a log")
        if logs and (logs[0] < lower or (part.upper and logs[-1] >= part.upper)):
            raise MalformedError("an item outside its range")
        lower, skipped, parts = part.upper, part.mode is Mode.SKIP, parts + len(logs)
    if parts > RECONCILE_PARTS_MAX:
        raise LimitError(f"a RECONCILE message holds at most {RECONCILE_PARTS_MAX} parts")
