"""A run on the wire: consecutive entries of one log, compressed as one batch.

The payload is a zstd frame around a deterministic-CBOR array with one item an entry:
``[entry, salt, content]``, or ``[entry]`` when the content is gone (docs/protocol.md §7.6).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from protocol import canonical
from protocol.canonical import Value
from protocol.entry import Body, Envelope, decode_entry
from protocol.errors import LimitError, MalformedError
from protocol.limits import RUN_BYTES_MAX, RUN_ENTRIES_MAX, RUN_WINDOW_LOG_MAX

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LEVEL = 3


def pack(envelope: Envelope) -> list[bytes]:
    """Return an entry and its content as the array that stands for it on the wire."""
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


def encode_run(envelopes: Iterable[Envelope]) -> bytes:
    """Return the payload of a RUN message."""
    return zstd.compress(canonical.encode([pack(envelope) for envelope in envelopes]), _LEVEL)


def decode_run(payload: bytes) -> Sequence[Envelope]:
    """Return the entries of a RUN message's payload, in order; nothing is verified yet.

    Raises :class:`MalformedError` for bytes that are not one zstd frame of packed entries and
    :class:`LimitError` when they unfold to more than the bounds allow.
    """
    options = {int(zstd.DecompressionParameter.window_log_max): RUN_WINDOW_LOG_MAX}
    decompressor = zstd.ZstdDecompressor(options=options)
    try:
        data = decompressor.decompress(payload, max_length=RUN_BYTES_MAX + 1)
    except zstd.ZstdError as error:
        raise MalformedError(f"the run cannot be decompressed: {error}") from error
    if len(data) > RUN_BYTES_MAX:
        raise LimitError(f"a run unfolds to at most {RUN_BYTES_MAX} bytes")
    if not decompressor.eof or decompressor.unused_data:
        raise MalformedError("the run is cut off or followed by other bytes")
    envelopes = unpack_all(canonical.decode(data))
    if not 1 <= len(envelopes) <= RUN_ENTRIES_MAX:
        raise LimitError(f"a run holds 1 to {RUN_ENTRIES_MAX} entries")
    return envelopes
