"""Quotas: how much of each foreign log is kept, and how much a neighbour may bring in a day.

The directory shows what they come to (protocol/directory.py), and sessions look there alone: a log
has a number of entries through which it is taken in, and neighbours that have brought their share
are named. Bytes are counted here as entries are stored. A log that has reached its bytes ends
where it stands; what was under way then is refused and asked for again when there is room.

A neighbour's day begins with the first entry it brings and lasts 24 hours. What it brings of our
own log counts for nothing, and neither does what others were first with. The count is kept over
restarts, now and then: a crash costs the last minute of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from node.ground.chores import Chores
from node.ground.ground import Ground
from node.intake.step import Committed
from storage.quota_store import Change, Day, EntryQuota, QuotaKind

SAVE_MS = 60_000


class Quotas:
    """All quotas of one node. `log_listeners` and `neighbour_listeners` hear of each log and each
    neighbour whose room has ended or begun anew."""

    def __init__(self, ground: Ground, chores: Chores) -> None:
        self._own_log = ground.own_log
        self._store = ground.quota_store
        self._directory = ground.directory
        self._clock = ground.clock
        self._chores = chores
        self._defaults = {
            QuotaKind.LOG: ground.settings.log_quota,
            QuotaKind.NEIGHBOUR: ground.settings.neighbour_quota,
        }
        self._changed: dict[tuple[QuotaKind, bytes], EntryQuota] = {}
        self._sizes: dict[bytes, int] = {}
        self._days: dict[bytes, Day] = {}
        self._unsaved: set[bytes] = set()
        self._saved_ms = 0
        self.log_listeners: list[Callable[[bytes], None]] = []
        self.neighbour_listeners: list[Callable[[bytes], None]] = []

    async def load(self) -> None:
        """Read what is kept, and show the directory what it comes to."""
        self._changed = await self._store.changed()
        self._sizes = await self._store.sizes()
        self._days = await self._store.days()
        self._directory.ceiling = self._defaults[QuotaKind.LOG].entries
        changed = {log for kind, log in self._changed if kind is QuotaKind.LOG}
        for log in changed | self._sizes.keys():
            self._judge_log(log)
        for neighbour in self._days:
            self._judge_neighbour(neighbour)

    # --- what they are ------------------------------------------------------------------------

    def of(self, kind: QuotaKind, log: bytes) -> EntryQuota:
        """The quota of a log, or of the neighbour with that log."""
        return self._changed.get((kind, log), self._defaults[kind])

    def default(self, kind: QuotaKind) -> EntryQuota:
        """The quota that the settings give."""
        return self._defaults[kind]

    def is_changed(self, kind: QuotaKind, log: bytes) -> bool:
        """Whether a person has decided about this one."""
        return (kind, log) in self._changed

    def held(self, log: bytes) -> EntryQuota:
        """How much is kept of a log."""
        return EntryQuota(self._directory.sequence(log), self._sizes.get(log, 0))

    def day(self, neighbour: bytes) -> Day:
        """What a neighbour has brought in its day of now; an empty day begins now."""
        now_ms = self._clock.time_ms()
        day = self._days.get(neighbour)
        return day if day is not None and day.lasts(now_ms) else Day(now_ms, 0, 0)

    def full_logs(self) -> list[bytes]:
        """The accepted logs that have reached their quota."""
        return [view.log for view in self._directory.views()
                if view.accepted and self._directory.is_full(view.log)]  # fmt: skip

    def spent_neighbours(self) -> list[bytes]:
        """The neighbours that have brought their share of the day."""
        present = self._directory.neighbours | self._directory.paused
        return sorted(self._directory.spent & present)

    # --- what happens -------------------------------------------------------------------------

    def on_committed(self, committed: Committed, neighbour: bytes | None) -> None:
        """Entries were stored that `neighbour` was the first to bring; None for our own doing."""
        log = committed.head.log
        if log == self._own_log:
            return
        if committed.settled:  # what was there before may have given way
            self._chores.add(partial(self._measure, log))
        else:
            self._sizes[log] = self._sizes.get(log, 0) + committed.size_bytes
            self._judge_log(log)
            if self._directory.is_full(log):
                self._tell(self.log_listeners, log)
        if neighbour is not None:
            day = self.day(neighbour)
            self._days[neighbour] = Day(
                day.began_ms,
                day.entries + len(committed.envelopes),
                day.size_bytes + committed.size_bytes,
            )
            self._unsaved.add(neighbour)
            was_spent = neighbour in self._directory.spent
            if self._judge_neighbour(neighbour) and not was_spent:
                self._tell(self.neighbour_listeners, neighbour)

    def look(self) -> None:
        """Let neighbours bring more whose day is over; called twice a second."""
        for neighbour in list(self._directory.spent):
            if not self._judge_neighbour(neighbour):
                self._tell(self.neighbour_listeners, neighbour)
        now_ms = self._clock.monotonic_ms()
        if self._unsaved and now_ms - self._saved_ms >= SAVE_MS:
            self._saved_ms = now_ms
            self.save()

    def save(self) -> None:
        """Keep what neighbours have brought since it was last kept."""
        self._unsaved = {
            neighbour
            for neighbour in self._unsaved
            if not self._chores.add(partial(self._store.save_day, neighbour, self._days[neighbour]))
        }

    async def change(self, change: Change) -> None:
        """Let another quota hold from now on; one of None is that of the settings."""
        await self._store.change(change, self._clock.time_ms())
        key = (change.kind, change.log)
        if change.quota is None:
            self._changed.pop(key, None)
        else:
            self._changed[key] = change.quota
        if change.kind is QuotaKind.LOG:
            self._judge_log(change.log)
            self._tell(self.log_listeners, change.log)
            return
        was_spent = change.log in self._directory.spent
        if self._judge_neighbour(change.log) != was_spent:
            self._tell(self.neighbour_listeners, change.log)

    async def _measure(self, log: bytes) -> None:
        self._sizes[log] = await self._store.size(log)
        self._judge_log(log)
        self._tell(self.log_listeners, log)

    def _judge_log(self, log: bytes) -> None:
        """A log that has reached its bytes is taken in through the entry where it stands."""
        quota, held = self.of(QuotaKind.LOG, log), self.held(log)
        ceiling = quota.entries
        if held.size_bytes >= quota.size_bytes:
            ceiling = min(ceiling, held.entries)
        self._directory.ceilings.pop(log, None)
        if ceiling != self._directory.ceiling:
            self._directory.ceilings[log] = ceiling

    def _judge_neighbour(self, neighbour: bytes) -> bool:
        """Whether a neighbour has brought its share; the directory shows it."""
        quota, day = self.of(QuotaKind.NEIGHBOUR, neighbour), self.day(neighbour)
        is_spent = day.entries >= quota.entries or day.size_bytes >= quota.size_bytes
        (self._directory.spent.add if is_spent else self._directory.spent.discard)(neighbour)
        return is_spent

    @staticmethod
    def _tell(listeners: list[Callable[[bytes], None]], log: bytes) -> None:
        for listener in listeners:
            listener(log)
