"""Following one log through its stored runs, as strictly as when they arrived.

Each run's digest says whether the disk returns what was stored; besides, links, commitments and the
signature that covers each run are checked again, so that nothing has to be taken on the digest's
word. What no good run holds is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocol.chain import Head, read_keys, verify_run
from protocol.entry import Envelope
from protocol.errors import RemoteError
from storage.damage_store import Gap
from storage.errors import DamagedLogError
from storage.stored_run import StoredRun, stored_envelopes


class LogCheck:
    """One walk along a log, from ``first`` on; runs are given in the order of their keys."""

    def __init__(self, log: bytes, key_events: Sequence[Envelope], first: int = 1) -> None:
        """``key_events``: those of the log that can be read, in order."""
        self.gaps: list[Gap] = []
        self.entry_count = 0
        self.expected = first
        """The number of the entry that comes next."""
        self._log = log
        self._key_events = key_events
        self._head: Head | None = None
        self._waiting: list[Envelope] = []

    def take(self, row: StoredRun) -> bool:
        """Check a run; False when it is damaged, and then it counts as not there."""
        try:
            found = stored_envelopes(row, self.expected - 1, row.last_sequence)
        except DamagedLogError:
            return False
        if not found:
            return True  # what is here was joined meanwhile, and has been checked
        if row.first_sequence > self.expected:
            self._leave_out(row.first_sequence - 1)
        if not self._holds(found):
            return False
        self.entry_count += len(found)
        self.expected = row.last_sequence + 1
        return True

    def end(self, head_sequence: int, head_id: bytes) -> None:
        """All runs were given; the log's row says where they end."""
        if self.expected <= head_sequence:
            self._leave_out(head_sequence)
        elif self._head is not None and self._head[1:3] == (head_sequence, head_id):
            return
        elif self._head is not None and self._head.sequence <= head_sequence:
            # Another head than the one that is known, or entries that no signature covers.
            uncovered = min(self._head.sequence + 1, head_sequence)
            self.gaps.append(Gap(uncovered, head_sequence))

    def _leave_out(self, last: int) -> None:
        self.gaps.append(Gap(self.expected, last))
        self._head, self._waiting = None, []
        self.expected = last + 1

    def _holds(self, found: list[Envelope]) -> bool:
        """Whether entries continue what was checked, by the run rule."""
        head = self._head or self._anchor(found[0])
        if head is None and found[0].entry.header.sequence > 1:
            return True  # without the keys of its time no signature can be judged
        run = [*self._waiting, *found]
        result = verify_run(head, self._log, run, missing_content_allowed=True)
        if result.error is not None:
            return False
        self._head, self._waiting = result.head, list(result.pending)
        return True

    def _anchor(self, first: Envelope) -> Head | None:
        """The place before an entry, when what comes before it was not looked at."""
        header = first.entry.header
        before = [one for one in self._key_events if one.entry.header.sequence < header.sequence]
        if header.previous is None:
            return None
        try:
            keys = read_keys(self._log, before)
        except RemoteError:
            return None
        return Head(self._log, header.sequence - 1, header.previous, keys)
