"""Between a stored row and verified entries: nothing leaves the database unchecked.

A run was verified when it arrived. Here it is checked that the disk returns the same bytes: one
digest covers the whole row, its place in its log included, so a changed, swapped or cut row is
noticed before it is read or sent. A mismatch is our own fault, never a neighbour's, and names the
log and number so that a person can act.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from protocol import canonical
from protocol.chain import Head
from protocol.entry import Envelope, check_body
from protocol.errors import RemoteError
from protocol.identity import Keys, read_key_event
from protocol.packed import Parts, pack, read_parts, unpack
from protocol.run import PackedRun, cut
from storage.errors import DamagedLogError

_DOMAIN = b"tidan stored run"


class StoredRun(NamedTuple):
    """A row of ``runs`` and whose log it is, as the database returned it: not checked yet."""

    log: bytes
    log_no: int
    first_sequence: int
    entry_count: int
    size_bytes: int
    received: bytes
    digest: bytes
    payload: bytes

    @property
    def last_sequence(self) -> int:
        """The number of its last entry, as the row says."""
        return self.first_sequence + self.entry_count - 1


def encode_received(entry_count: int, received_ms: int) -> bytes:
    """Return when the entries of a run arrived: all of them at once."""
    return canonical.encode([[entry_count, received_ms]])


def joined_received(rows: Sequence[StoredRun], first: int, count: int) -> bytes:
    """Return when ``count`` entries from ``first`` on arrived, given the rows they lie in now."""
    joined: list[list[int]] = []
    for row in rows:
        sequence = row.first_sequence
        for entries, time_ms in _received_parts(row.received):
            inside = min(sequence + entries, first + count) - max(sequence, first)
            if inside > 0 and joined and joined[-1][1] == time_ms:
                joined[-1][0] += inside
            elif inside > 0:
                joined.append([inside, time_ms])
            sequence += entries
    return canonical.encode(joined)


def arrival_times_ms(row: StoredRun) -> list[int]:
    """Return when each entry of a row arrived, in order, in milliseconds since 1970 (UTC)."""
    return [time_ms for count, time_ms in _received_parts(row.received) for _ in range(count)]


def run_digest(log: bytes, run: PackedRun, received: bytes) -> bytes:
    """Return the digest that :func:`checked_run` compares."""
    place = canonical.encode([log, run.first, run.entry_count, run.size_bytes, received])
    digest = hashlib.sha256(_DOMAIN + place)
    digest.update(run.payload)
    return digest.digest()


def checked_run(row: StoredRun) -> PackedRun:
    """Return the run a row holds, unchanged since it was stored; raises `DamagedLogError`."""
    run = PackedRun(row.first_sequence, row.entry_count, row.size_bytes, row.payload)
    if run_digest(row.log, run, row.received) != row.digest:
        raise damaged(row.log, run.first, "the run that begins with it has changed on the disk")
    return run


def stored_parts(row: StoredRun, after: int, through: int) -> list[Parts]:
    """Return the packed entries of a row after one number through another, checked."""
    run = checked_run(row)
    try:
        return cut(run.first, run.entry_count, run.payload, after, through)
    except RemoteError as error:
        raise damaged(row.log, run.first, str(error)) from error


def stored_envelopes(row: StoredRun, after: int, through: int) -> list[Envelope]:
    """Return the entries of a row after one number through another, checked."""
    first = max(after + 1, row.first_sequence)
    return [
        _envelope(row.log, first + number, parts)
        for number, parts in enumerate(stored_parts(row, after, through))
    ]


def _envelope(log: bytes, sequence: int, parts: Parts) -> Envelope:
    try:
        envelope = read_parts(parts)
        if envelope.body is not None:
            check_body(envelope)
    except RemoteError as error:
        raise damaged(log, sequence, str(error)) from error
    if envelope.entry.log != log or envelope.entry.header.sequence != sequence:
        raise damaged(log, sequence, "another entry stands in its place")
    return envelope


def check_follows(previous: Envelope, envelope: Envelope) -> None:
    """Check that what follows in the database follows in the chain, too."""
    header = envelope.entry.header
    if header.sequence != previous.entry.header.sequence + 1:
        raise damaged(envelope.entry.log, previous.entry.header.sequence + 1, "it is missing")
    if header.previous != previous.entry.id:
        raise damaged(envelope.entry.log, header.sequence, "it does not follow the one before it")


def encode_key_event(envelope: Envelope) -> bytes:
    """Return a key event as it is kept beside the log."""
    return canonical.encode(pack(envelope))


def decode_key_event(log: bytes, sequence: int, key: bytes, packed: bytes | None) -> Envelope:
    """Return the key event that revealed ``key``, checked; None for one that is missing."""
    if packed is None:
        raise damaged(log, sequence, "it is missing")
    try:
        envelope = unpack(canonical.decode(packed))
        check_body(envelope)
        assert envelope.body is not None, "check_body refuses an entry without content"
        event = read_key_event(envelope.entry.header.kind, envelope.body.content)
    except RemoteError as error:
        raise damaged(log, sequence, str(error)) from error
    if (envelope.entry.log, envelope.entry.header.sequence, event.key) != (log, sequence, key):
        raise damaged(log, sequence, "another entry stands in its place")
    return envelope


def damaged(log: bytes, sequence: int, what: str) -> DamagedLogError:
    """Return the error that says what is wrong with a stored entry."""
    message = f"entry {sequence} of log {log.hex()} is damaged: {what}"
    return DamagedLogError(message, log, sequence)


def encode_keys(keys: Keys) -> bytes:
    """Return a key history as it is stored beside a log's head."""
    return canonical.encode([[list(period) for period in keys.periods], keys.next_digest])


def decode_head(log: bytes, sequence: int, head_id: bytes, keys: bytes) -> Head:
    """Return the head a row of ``logs`` holds; raises `DamagedLogError` for what is none."""
    try:
        value: Any = canonical.decode(keys)
        periods, next_digest = value
        history = Keys(tuple((first, key) for first, key in periods), next_digest)
    except (RemoteError, TypeError, ValueError) as error:
        raise DamagedLogError(f"the key history of log {log.hex()} is damaged") from error
    return Head(log, sequence, head_id, history)


def _received_parts(received: bytes) -> list[tuple[int, int]]:
    value: Any = canonical.decode(received)
    return [(count, time_ms) for count, time_ms in value]
