"""A walk along the stored runs of one log, a run at a time: whoever drives it sets the pace.

What looks damaged is looked at once more in one state of the database before it is believed: runs
are joined and forks are settled while somebody walks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial

from protocol.entry import Envelope
from storage.damage_store import DamageStore, Gap
from storage.database import Database
from storage.errors import DamagedLogError
from storage.log_store import LogStore
from storage.run_check import LogCheck
from storage.run_scan import (
    BEFORE_ALL,
    LogEnd,
    find_end,
    look_at,
    next_log,
    next_unchecked,
    remove_bad,
)
from storage.stored_run import StoredRun


class LogWalk:
    """One walk; `step` until it says that there is nothing more, then `found`."""

    def __init__(
        self, walker: Walker, end: LogEnd, check: LogCheck, key: int, *, again: bool
    ) -> None:
        """`again`: the next run was counted before the walk was broken off."""
        self.end = end
        self._again = again
        self.key = key
        """The key of the newest run looked at: a walk may be taken up again from it."""
        self._walker = walker
        self._check = check
        self._bad_keys: list[int] = []
        self.contradicts = False
        """Whether runs are as they were stored and yet do not add up to the log, by signature or
        link: no disk does that by itself. Known once `found` was called."""

    @property
    def entry_count(self) -> int:
        """How many entries were found whole so far."""
        return self._check.entry_count

    async def step(self) -> int:
        """Check the next run; returns how many bytes it lay in, 0 at the end of the log."""
        row = await self._walker.read(self.end, self.key, self._check.expected, self._bad_keys)
        if row is None:
            return 0
        self.key = max(self.key, row.first_sequence)
        if not await asyncio.to_thread(self._check.take, row):
            self._bad_keys.append(row.first_sequence)
        if self._again:
            self._again, self._check.entry_count = False, 0
        return len(row.payload) + 1

    async def found(self, now_ms: int) -> list[Gap]:
        """What of the log is damaged, noted in the database; called at the end of the log."""
        end = await self._walker.find(self.end.log)
        if end is None:
            return []
        while self._check.expected <= end.head_sequence and await self.step():
            pass  # it has grown since the last step
        self._check.end(end.head_sequence, end.head_id)
        whole = Gap(1, end.head_sequence)
        if not self._check.gaps and not self._bad_keys:
            await self._walker.damage.note(end.log, whole, [], now_ms)
            return []
        gaps = await self._walker.look(end.log, whole, now_ms)
        if not gaps:
            self.contradicts = bool(self._check.gaps)
            await self._walker.remove(end, self._bad_keys)
        return gaps


class Walker:
    """Begins walks, and looks closer at what may be damaged."""

    def __init__(self, database: Database, log_store: LogStore) -> None:
        self._database = database
        self._log_store = log_store
        self.damage = DamageStore(database)

    async def begin(self, log_no: int, key: int = BEFORE_ALL) -> LogWalk | None:
        """Begin with this log, or the next that has entries; None when there is none.

        A ``key`` takes up a walk of this log that was broken off.
        """
        end = await self._database.ask(partial(next_log, log_no))
        if end is None:
            return None
        key = key if end.log_no == log_no else BEFORE_ALL
        check = LogCheck(end.log, await self._key_events(end.log), max(1, key))
        again = key != BEFORE_ALL
        return LogWalk(self, end, check, key - 1 if again else key, again=again)

    async def look(self, log: bytes, within: Gap, now_ms: int) -> list[Gap]:
        """Note which of some entries are damaged, as their digests say; returns them."""
        stretch = await self._database.ask(partial(look_at, log, within.first, within.last))
        gaps = stretch.gaps if stretch else []
        await self.damage.note(log, within, gaps, now_ms)
        return gaps

    async def remove(self, end: LogEnd, keys: Sequence[int]) -> None:
        """Remove damaged rows that stand where no entry is missing: their keys were changed."""
        await self._database.transact(lambda: remove_bad(end, keys))

    async def read(
        self, end: LogEnd, key: int, expected: int, bad_keys: Collection[int]
    ) -> StoredRun | None:
        """Read the run whose key comes after one, or that holds the entry which is expected."""
        return await self._database.ask(partial(next_unchecked, end, key, expected, bad_keys))

    async def find(self, log: bytes) -> LogEnd | None:
        """Find where a log ends now."""
        return await self._database.ask(partial(find_end, log))

    async def _key_events(self, log: bytes) -> Sequence[Envelope]:
        try:
            return await self._log_store.key_events(log)
        except DamagedLogError:
            return await self._log_store.restore_key_events(log)
