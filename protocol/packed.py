"""A packed entry: one entry, its salt and its content, as they travel and lie in files.

``[entry, salt, content]``, or ``[entry]`` when the content is gone (docs/protocol.md §8.1). Foreign
runs are split here by reading heads in place: what is not exactly the one deterministic spelling
is refused at its first byte that differs, so nothing is built of a bomb and nothing needs to be
encoded again to be compared.
"""

from __future__ import annotations

from protocol import canonical
from protocol.canonical import Value
from protocol.entry import Body, Envelope, decode_entry
from protocol.errors import LimitError, MalformedError

_OCTETS, _ARRAY = 2, 4
"""Major types of CBOR (RFC 8949 §3.1)."""
_WITHOUT_CONTENT, _WITH_CONTENT = 1, 3

Parts = tuple[bytes, bytes | None, bytes | None]
"""Entry, salt and content of one packed entry, not looked into."""


def pack(envelope: Envelope) -> list[bytes]:
    """Return an entry and its content as the array that stands for it."""
    if envelope.body is None:
        return [envelope.entry.raw]
    return [envelope.entry.raw, envelope.body.salt, envelope.body.content]


def unpack(item: Value) -> Envelope:
    """Return the envelope ``item`` stands for; raises :class:`MalformedError`."""
    match item:
        case [bytes(raw), bytes(salt), bytes(content)]:
            return Envelope(decode_entry(raw), Body(salt, content))
        case [bytes(raw)]:
            return Envelope(decode_entry(raw), None)
    raise MalformedError("an entry travels as a byte string, alone or with salt and content")


def unpack_all(items: Value) -> tuple[Envelope, ...]:
    """Return the envelopes of an array of packed entries; raises :class:`MalformedError`."""
    if not isinstance(items, list):
        raise MalformedError("entries travel in an array")
    return tuple(unpack(item) for item in items)


def read_parts(parts: Parts) -> Envelope:
    """Return the envelope of what :func:`split` found; raises as ``decode_entry``."""
    raw, salt, content = parts
    body = None if salt is None or content is None else Body(salt, content)
    return Envelope(decode_entry(raw), body)


def join(parts: list[Parts]) -> bytes:
    """Return the array that :func:`split` reads."""
    return canonical.encode(
        [[raw] if content is None else [raw, salt, content] for raw, salt, content in parts]
    )


def split(data: bytes, *, entries_max: int) -> list[Parts]:
    """Return the parts of each entry in an array of packed entries.

    Raises :class:`MalformedError` unless ``data`` is exactly one such array in its one
    deterministic spelling, and :class:`LimitError` when it is empty or holds too many.
    """
    try:
        count, position = _head(data, 0, _ARRAY)
        if not 1 <= count <= entries_max:
            raise LimitError(f"a run holds 1 to {entries_max} entries")
        found: list[Parts] = []
        for _ in range(count):
            parts, position = _read_packed(data, position)
            found.append(parts)
    except IndexError as error:
        raise MalformedError("the run is cut off") from error
    if position != len(data):
        raise MalformedError("the run is followed by other bytes")
    return found


def _read_packed(data: bytes, position: int) -> tuple[Parts, int]:
    length, position = _head(data, position, _ARRAY)
    if length == _WITH_CONTENT:
        raw, position = _octets(data, position)
        salt, position = _octets(data, position)
        content, position = _octets(data, position)
        return (raw, salt, content), position
    if length != _WITHOUT_CONTENT:
        raise MalformedError("an entry travels alone or with salt and content")
    raw, position = _octets(data, position)
    return (raw, None, None), position


def _octets(data: bytes, position: int) -> tuple[bytes, int]:
    length, start = _head(data, position, _OCTETS)
    end = start + length
    if end > len(data):
        raise MalformedError("the run is cut off")
    return data[start:end], end


def _head(data: bytes, position: int, major: int) -> tuple[int, int]:
    """Return the number in a CBOR head and where what it counts begins (RFC 8949 §3, §4.2.1).

    Only the shortest form of a number passes, and none of more than four bytes.
    """
    low = data[position] - (major << 5)
    if 0 <= low < 24:
        return low, position + 1
    if low == 24:
        number, shortest, end = data[position + 1], 24, position + 2
    elif low == 25:
        number, shortest, end = data[position + 1] << 8 | data[position + 2], 256, position + 3
    elif low == 26:
        end = position + 5
        number, shortest = int.from_bytes(data[position + 1 : end]), 65_536
    else:
        raise MalformedError("entries travel as byte strings in arrays")
    if number < shortest or end > len(data):
        raise MalformedError("CBOR that is not deterministic, or cut off")
    return number, end
