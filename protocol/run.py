"""A run: consecutive entries of one log, compressed as one batch, on the wire and on the disk.

The payload is a zstd frame around a deterministic-CBOR array of packed entries (docs/protocol.md
§7.6). A node stores payloads as they came and passes them on as they are: an author compresses once
for the whole network. So what is stored is exactly what was verified.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple, cast

from protocol.entry import Envelope
from protocol.errors import LimitError, MalformedError
from protocol.limits import RUN_BYTES_MAX, RUN_BYTES_TARGET, RUN_ENTRIES_MAX, RUN_WINDOW_LOG_MAX
from protocol.packed import Parts, join, read_parts, split

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LEVEL = 3
_OPTIONS = {int(zstd.DecompressionParameter.window_log_max): RUN_WINDOW_LOG_MAX}


class PackedRun(NamedTuple):
    """Entries ``first`` to ``first + entry_count - 1`` of a log; ``size_bytes`` is unfolded."""

    first: int
    entry_count: int
    size_bytes: int
    payload: bytes

    @property
    def last(self) -> int:
        """The sequence number of the last entry."""
        return self.first + self.entry_count - 1


class OpenedRun(NamedTuple):
    """What a payload holds, decoded but not verified; ``size_bytes`` is unfolded."""

    size_bytes: int
    envelopes: list[Envelope]


def encode_run(envelopes: Sequence[Envelope]) -> bytes:
    """Return the payload of a RUN message."""
    return zstd.compress(join([_parts(envelope) for envelope in envelopes]), _LEVEL)


def decode_run(payload: bytes) -> list[Envelope]:
    """Return the entries of a RUN message's payload, in order; nothing is verified yet.

    Raises :class:`MalformedError` for bytes that are not one zstd frame of packed entries and
    :class:`LimitError` when they unfold to more than the bounds allow.
    """
    return open_run(payload).envelopes


def open_run(payload: bytes) -> OpenedRun:
    """Return the same, with the size it unfolds to; raises as :func:`decode_run`."""
    data = unfold(payload)
    parts = split(data, entries_max=RUN_ENTRIES_MAX)
    return OpenedRun(len(data), [read_parts(item) for item in parts])


def unfold_run(payload: bytes) -> list[Parts]:
    """Return the packed entries of a payload, not looked into; raises as :func:`decode_run`."""
    return split(unfold(payload), entries_max=RUN_ENTRIES_MAX)


def unfold(payload: bytes) -> bytes:
    """Return what a payload decompresses to, within the bound; raises as :func:`decode_run`."""
    decompressor = zstd.ZstdDecompressor(options=_OPTIONS)
    try:
        data = decompressor.decompress(payload, max_length=RUN_BYTES_MAX + 1)
    except zstd.ZstdError as error:
        raise MalformedError(f"the run cannot be decompressed: {error}") from error
    if len(data) > RUN_BYTES_MAX:
        raise LimitError(f"a run unfolds to at most {RUN_BYTES_MAX} bytes")
    if not decompressor.eof or decompressor.unused_data:
        raise MalformedError("the run is cut off or followed by other bytes")
    return data


def announced_bytes(payload: bytes) -> int:
    """Return the size that a payload says it unfolds to, or the bound when it says nothing.

    It never unfolds to more: one that says too little cannot be unfolded at all.
    """
    try:
        info = zstd.get_frame_info(payload)
    except zstd.ZstdError:
        return RUN_BYTES_MAX
    size_bytes = cast("int | None", info.decompressed_size)  # the stubs leave None out
    return RUN_BYTES_MAX if size_bytes is None else size_bytes


def pack_runs(envelopes: Sequence[Envelope]) -> tuple[PackedRun, ...]:
    """Return consecutive entries as runs that are closed at the target size."""
    if not envelopes:
        return ()
    first = envelopes[0].entry.header.sequence
    return pack_parts(first, [_parts(envelope) for envelope in envelopes])


def pack_parts(first: int, parts: Sequence[Parts]) -> tuple[PackedRun, ...]:
    """Return packed entries from number ``first`` on as runs that are closed at the target size."""
    runs: list[PackedRun] = []
    for group in _groups(parts):
        data = join(group)
        payload = zstd.compress(data, _LEVEL)
        runs.append(PackedRun(first, len(group), len(data), payload))
        first += len(group)
    return tuple(runs)


def cut(first: int, count: int, payload: bytes, after: int, through: int) -> list[Parts]:
    """Return those packed entries of a stored run that lie after one number through another."""
    parts = unfold_run(payload)
    if len(parts) != count:
        raise MalformedError(f"the run holds {len(parts)} entries, not {count}")
    return parts[max(0, after + 1 - first) : max(0, through + 1 - first)]


def _parts(envelope: Envelope) -> Parts:
    entry, body = envelope
    return (entry.raw, None, None) if body is None else (entry.raw, body.salt, body.content)


def _groups(parts: Sequence[Parts]) -> list[list[Parts]]:
    groups: list[list[Parts]] = []
    size_bytes = 0
    for item in parts:
        item_bytes = len(item[0]) + len(item[2] or b"")
        size_bytes += item_bytes
        full = size_bytes > RUN_BYTES_TARGET or (groups and len(groups[-1]) >= RUN_ENTRIES_MAX)
        if full or not groups:
            groups.append([])
            size_bytes = item_bytes
        groups[-1].append(item)
    return groups
