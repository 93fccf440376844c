"""Evidence: one entry that anybody can check offline, without the log it stands in (§8.3).

It is the log's key events up to the entry, and the entry itself. The entry verifies on its own
signature, under the key that was in force at its number; the key events tell which that was. What
evidence cannot tell is what came later: an edit, a withdrawal or a fork.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from protocol.chain import PERMANENT_KINDS, read_keys
from protocol.entry import Envelope, check_body, verify_entry
from protocol.errors import LinkError, WrongLogError
from protocol.identity import Keys


class Evidence(NamedTuple):
    """An entry that was found good, and the key history it was found good under."""

    envelope: Envelope
    keys: Keys


def make_evidence(key_events: Sequence[Envelope], envelope: Envelope) -> list[Envelope]:
    """Return what proves an entry, of all key events of its log."""
    sequence = envelope.entry.header.sequence
    return [event for event in key_events if event.entry.header.sequence < sequence] + [envelope]


def is_evidence(envelopes: Sequence[Envelope]) -> bool:
    """Whether these are key events and one more entry with others left out between them.

    Without a gap they are the beginning of a log, which says the same and more.
    """
    numbers = [envelope.entry.header.sequence for envelope in envelopes]
    has_gap = numbers != list(range(1, len(numbers) + 1))
    return has_gap and all(one.entry.is_key_event for one in envelopes[:-1])


def check_evidence(envelopes: Sequence[Envelope]) -> Evidence:
    """Check the key events and the entry's own signature; raises a RemoteError for what is wrong.

    Only the content of an entry that may be erased may be missing.
    """
    *events, envelope = envelopes
    entry = envelope.entry
    log = envelopes[0].entry.log
    if entry.log != log:
        raise WrongLogError(f"entry {entry.header.sequence} belongs to another log")
    keys = read_keys(log, [*events, envelope] if entry.is_key_event else events)
    if entry.header.sequence < keys.since:
        raise LinkError("a key event is later than the entry")
    if envelope.body is not None or entry.header.kind in PERMANENT_KINDS:
        check_body(envelope)
    verify_entry(entry, keys.at(entry.header.sequence))
    return Evidence(envelope, keys)
