"""What the entries that were projected last are about, so that counts move on by that.

Kept in memory and bounded. Whoever has counted a log as of one entry asks what has come since; what
is not known any more, or would not be found out by looking at so little, is None, and all of the
log is then counted anew. So nothing depends on it but how long counting takes.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from protocol.fold import Commented, RecordPublished, RecordReplaced, Withdrawn
from storage.projected_rows import Arrived
from storage.projection_cursor import Slice

_STEPS_KEPT = 200
_RECORDS_MAX = 100
"""What touches more is not worth looking at one by one."""


class _Moved(NamedTuple):
    """A log was projected from one entry to another; ``asked`` are its records that are questions
    or may have become some, or that it commented on."""

    log_no: int
    after: int
    through: int
    asked: frozenset[bytes] | None


class RecentChanges:
    """The last steps of the projections, in their order."""

    def __init__(self) -> None:
        self._moves: deque[_Moved] = deque(maxlen=_STEPS_KEPT)

    def note(self, slices: Sequence[Slice], batch: Iterable[Arrived], question: str) -> None:
        """Remember a step that was committed; records of the type ``question`` are questions."""
        asked: dict[int, set[bytes] | None] = defaultdict(set)
        for arrived in batch:
            found = asked[arrived.log_no]
            if found is None:
                continue
            touched = _asked_by(arrived, question)
            if touched is None or len(found) >= _RECORDS_MAX:
                asked[arrived.log_no] = None
            else:
                found |= touched
        for part in slices:
            of_log = asked[part.log_no]
            kept = None if of_log is None else frozenset(of_log)
            self._moves.append(_Moved(part.log_no, part.after, part.through, kept))

    def forget(self) -> None:
        """Entries have given way to others with the same numbers."""
        self._moves.clear()

    def asked_between(self, log_no: int, after: int, through: int) -> frozenset[bytes] | None:
        """Return the records whose being a question, or having answers, entries of a log with these
        numbers (after the first of them) may have changed; None when that is not known."""
        found: frozenset[bytes] = frozenset()
        for move in reversed(self._moves):
            if through <= after:
                break
            if move.log_no == log_no:
                if move.through != through or move.after < after or move.asked is None:
                    return None
                found |= move.asked
                through = move.after
        return found if through == after else None


def _asked_by(arrived: Arrived, question: str) -> set[bytes] | None:
    """The records that one change concerns as questions; None when it does not say."""
    change = arrived.change
    match change:
        case RecordPublished():
            return {change.entry_id} if change.experience.type == question else set()
        case RecordReplaced() | Commented():
            return {change.record}
        case Withdrawn():
            return None  # its target may be a record, a comment or anything else
    return set()
