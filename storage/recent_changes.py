"""What the entries that were projected last are about, so that counts move on by that.

Kept in memory and bounded. Whoever has counted a log as of one entry asks what has come since; what
is not known any more, or would not be found out by looking at so little, is None, and all of the
log is then counted anew. So nothing depends on it but how long counting takes.

A step is noted before it is committed, by the thread that writes it: nobody sees what it did and
does not find it here, and to a reader who does not see it yet it says nothing. One that fails after
all does no harm: the later one that leads its log on is found first.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from protocol.fold import Commented, RecordPublished, RecordReplaced, Withdrawn
from storage.listed_changes import ListedChanges
from storage.projected_rows import Arrived
from storage.projection_cursor import Slice

_STEPS_KEPT = 200
_RECORDS_MAX = 100
"""What touches more is not worth looking at one by one."""
_LISTINGS_KEPT = 10_000
"""Of all steps together: a step of many kinds may have thousands."""


class _Moved(NamedTuple):
    """A log was projected from one entry to another; ``asked`` are its records that are questions
    or may have become some, or that it commented on, and ``listed`` what changed in its lists."""

    log_no: int
    after: int
    through: int
    asked: frozenset[bytes] | None
    listed: ListedChanges


class RecentChanges:
    """The last steps of the projections, in their order."""

    def __init__(self) -> None:
        self._moves: deque[_Moved] = deque()
        self._listings = 0
        self._changing = Lock()

    def note(
        self,
        slices: Sequence[Slice],
        batch: Iterable[Arrived],
        question: str,
        listed: Mapping[int, ListedChanges],
    ) -> None:
        """Remember a step to be committed; records of the type ``question`` are questions."""
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
        with self._changing:
            for part in slices:
                of_log = asked[part.log_no]
                kept = None if of_log is None else frozenset(of_log)
                changes = listed.get(part.log_no, ListedChanges())
                self._keep(_Moved(part.log_no, part.after, part.through, kept, changes))

    def _keep(self, move: _Moved) -> None:
        self._moves.append(move)
        self._listings += len(move.listed.more)
        while len(self._moves) > _STEPS_KEPT or self._listings > _LISTINGS_KEPT:
            self._listings -= len(self._moves.popleft().listed.more)

    def forget(self) -> None:
        """Entries have given way to others with the same numbers."""
        with self._changing:
            self._moves.clear()
            self._listings = 0

    def asked_between(self, log_no: int, after: int, through: int) -> frozenset[bytes] | None:
        """Return the records whose being a question, or having answers, entries of a log with these
        numbers (after the first of them) may have changed; None when that is not known."""
        moves = self._between(log_no, after, through)
        if moves is None:
            return None
        found: frozenset[bytes] = frozenset()
        for move in moves:
            if move.asked is None:
                return None
            found |= move.asked
        return found

    def listed_between(self, log_no: int, after: int, through: int) -> list[ListedChanges] | None:
        """Return what these entries changed in the lists of their log, step by step; None when that
        is not known."""
        moves = self._between(log_no, after, through)
        return None if moves is None else [move.listed for move in moves]

    def _between(self, log_no: int, after: int, through: int) -> list[_Moved] | None:
        """The steps that led from one entry of a log to another, the oldest first."""
        with self._changing:
            moves = [move for move in self._moves if move.log_no == log_no]
        found: list[_Moved] = []
        for move in reversed(moves):
            if through <= after:
                break
            if move.after < through:
                if move.through != through or move.after < after:
                    return None
                found.append(move)
                through = move.after
        return found[::-1] if through == after else None


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
