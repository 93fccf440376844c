"""Logs as files: a CBOR sequence (RFC 8742) with one packed entry an item.

Each item is the array ``[entry, salt, content]`` or ``[entry]`` of docs/protocol.md §8, so a
log can be read back by any CBOR library and checked offline.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import cbor2

from protocol import canonical
from protocol.entry import Envelope
from protocol.errors import MalformedError
from protocol.limits import CONTENT_BYTES_MAX, ENTRY_BYTES_MAX, SALT_BYTES
from protocol.packed import pack, unpack

ITEM_BYTES_MAX = ENTRY_BYTES_MAX + SALT_BYTES + CONTENT_BYTES_MAX + 16


def encode_item(envelope: Envelope) -> bytes:
    """Return one item of the sequence."""
    return canonical.encode(pack(envelope))


def read_stream(stream: io.BufferedIOBase) -> Iterator[Envelope]:
    """Yield the entries of a CBOR sequence from an open binary stream, one at a time.

    Nothing is verified here. Raises :class:`MalformedError` naming the byte offset at which the
    sequence breaks. The stream is only read; opening it is the caller's part.
    """
    buffer, offset, ended = b"", 0, False
    while True:
        while not ended and len(buffer) < ITEM_BYTES_MAX:
            chunk = stream.read(ITEM_BYTES_MAX)
            ended = not chunk
            buffer += chunk
        if not buffer:
            return
        size = _item_size(buffer, offset)
        try:
            yield unpack(canonical.decode(buffer[:size]))
        except MalformedError as error:
            raise type(error)(f"at byte {offset}: {error}") from error
        buffer, offset = buffer[size:], offset + size


def _item_size(buffer: bytes, offset: int) -> int:
    """Return the length of the first item, found by its array head and byte string heads."""
    reader = io.BytesIO(buffer)
    head = reader.read(1)
    count = head[0] - 0x80
    if count not in (1, 3):
        raise MalformedError(f"at byte {offset}: not a packed entry")
    try:
        decoder = cbor2.CBORDecoder(reader, max_depth=1, allow_indefinite=False)
        for _ in range(count):
            if not isinstance(decoder.decode(), bytes):
                raise MalformedError(f"at byte {offset}: not a packed entry")
    except (cbor2.CBORError, ValueError, OverflowError, TypeError) as error:
        raise MalformedError(f"at byte {offset}: the file is cut off or damaged") from error
    return reader.tell()
