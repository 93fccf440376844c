"""From stored runs to what the index is told: read, checked, folded and taken apart into terms.

That is most of the work of indexing, and touches nothing shared, so it is done elsewhere: in a
thread, or, when there is a lot of it, in processes of its own (analysts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from protocol.fold import Change, RecordPublished, RecordReplaced, Withdrawn
from storage.projection_cursor import Slice
from storage.projection_fold import fold_slices
from storage.search.said import Said, said_by


class Told(NamedTuple):
    """One entry that publishes or replaces a record: what it says; or that takes one out: None."""

    record: bytes
    entry: bytes
    said: Said | None


def analyse(slices: Sequence[Slice]) -> list[Told]:
    """Return what some entries tell, in order; raises `DamagedLogError` for what the disk has
    changed."""
    changes = (_told(arrived.change) for arrived in fold_slices(slices))
    return [told for told in changes if told is not None]


def _told(change: Change) -> Told | None:
    match change:
        case RecordPublished():
            return Told(change.entry_id, change.entry_id, said_by(change.experience))
        case RecordReplaced():
            return Told(change.record, change.entry_id, said_by(change.experience))
        case Withdrawn():
            return Told(change.target, change.entry_id, None)
    return None
