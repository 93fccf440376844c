"""Between a stored row and a verified entry: nothing leaves the database unchecked.

An entry was verified when it arrived; here it is checked that the disk returns the same bytes: its
id, its log and number, and its content's commitment. A mismatch is our own fault, never a
neighbour's, and names the log and number so that a person can act.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from protocol import canonical
from protocol.chain import Head
from protocol.entry import Body, Envelope, check_body, decode_entry
from protocol.errors import RemoteError
from protocol.identity import Keys
from storage.errors import DamagedLogError


def stored_envelope(row: Row[*tuple[Any, ...]]) -> Envelope:
    """Return the entry a row holds, checked; raises :class:`DamagedLogError`.

    The row has at least the columns ``log_id, sequence, id, raw, salt, content``.
    """
    log, sequence, salt, content = row.log_id, row.sequence, row.salt, row.content
    try:
        entry = decode_entry(row.raw)
        body = None if salt is None or content is None else Body(salt, content)
        envelope = Envelope(entry, body)
        if body is not None:
            check_body(envelope)
    except RemoteError as error:
        raise _damaged(log, sequence, str(error)) from error
    if entry.id != row.id:
        raise _damaged(log, sequence, "its bytes do not match its id")
    if entry.log != log or entry.header.sequence != sequence:
        raise _damaged(log, sequence, "another entry stands in its place")
    return envelope


def check_order(log: bytes, sequence: int, previous: Envelope, envelope: Envelope) -> None:
    """Check that two neighbouring rows are neighbours in the chain, too."""
    if envelope.entry.header.previous != previous.entry.id:
        raise _damaged(log, sequence, "it does not follow the entry before it")


def check_complete(log: bytes, wanted: int, found: int | None) -> None:
    """Check that the next row is the one that must follow; None means there is no more."""
    if found != wanted:
        raise _damaged(log, wanted, "it is missing")


def _damaged(log: bytes, sequence: int, what: str) -> DamagedLogError:
    return DamagedLogError(f"entry {sequence} of log {log.hex()} is damaged: {what}")


def encode_keys(keys: Keys) -> bytes:
    """Return a key history as it is stored beside a log's head."""
    return canonical.encode([[list(period) for period in keys.periods], keys.next_digest])


def decode_head(
    log: bytes, sequence: int | None, head_id: bytes | None, keys: bytes | None
) -> Head | None:
    """Return the head a row of ``logs`` holds; None before the log's first entry."""
    if sequence is None or head_id is None or keys is None:
        return None
    try:
        value: Any = canonical.decode(keys)
        periods, next_digest = value
        history = Keys(tuple((first, key) for first, key in periods), next_digest)
    except (RemoteError, TypeError, ValueError) as error:
        raise DamagedLogError(f"the key history of log {log.hex()} is damaged") from error
    return Head(log, sequence, head_id, history)
