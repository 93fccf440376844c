"""From stored runs to what the index is told: read, checked, folded and taken apart into terms.

That is most of the work of indexing, and touches nothing shared, so it is done elsewhere: in a
thread, or, when there is a lot of it, in processes of its own (analysts.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from protocol.entry import Envelope
from protocol.fold import LoggedContent, Withdrawn, fold
from storage.projection_cursor import Slice
from storage.search.reread import Reread
from storage.search.said import Said, said_by
from storage.stored_run import stored_envelopes

_EXPERIENCE, _WITHDRAW = "experience", "withdraw"


class Told(NamedTuple):
    """One entry that publishes or replaces a record: what it says; or that takes one out: None."""

    record: bytes
    entry: bytes
    said: Said | None


def analyse(slices: Sequence[Slice]) -> list[Told]:
    """Return what some entries tell, in order; raises `DamagedLogError` for what the disk has
    changed."""
    return [told for part in slices for told in _told_in(part)]


def _told_in(part: Slice) -> Iterator[Told]:
    for row in part.rows:
        for envelope in stored_envelopes(row, part.after, part.through):
            told = _told(envelope)
            if told is not None:
                yield told


def _told(envelope: Envelope) -> Told | None:
    kind = envelope.entry.header.kind
    if envelope.body is None:
        return None
    if kind == _EXPERIENCE:
        return _said_in(envelope.entry.id, envelope.body.content)
    return _taken_out_by(envelope) if kind == _WITHDRAW else None


def _said_in(entry: bytes, content: bytes) -> Told | None:
    """What an experience says; None for what cannot be read, which is no record either."""
    try:
        again = Reread.model_validate_json(content)
        record = bytes.fromhex(again.replaces) if again.replaces else entry
    except ValueError:
        return None
    return Told(record, entry, said_by(again))


def _taken_out_by(envelope: Envelope) -> Told | None:
    entry, body = envelope
    assert body is not None, "only entries with content come here"
    header = entry.header
    logged = LoggedContent(
        entry.log, header.sequence, entry.id, header.time_ms, header.kind, body.content
    )
    for change in fold(logged):
        if isinstance(change, Withdrawn):
            return Told(change.target, change.entry_id, None)
    return None
