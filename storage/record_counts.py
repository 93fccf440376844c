"""What may be shown to one kind of reader, counted, and kept up without counting all of it again.

A log's records change only by entries of the same log, so how far a log is projected says whether
what was counted in it still holds. What the last steps of the projections changed is known, and
added; where it is not known any more, that log is counted anew, from an index. The first time it is
all of them, and again when entries have given way to others.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.recent_changes import RecentChanges
from storage.record_lists import listed
from storage.schema import records, unreadable
from storage.tally import Kind, Kinds, Tally
from storage.visible_logs import VisibleLog, VisibleLogs, read_visible_logs

_LOGS_AT_ONCE = 20
"""Counted by one statement; between two of them others get their turn."""


class LogCount(NamedTuple):
    """What one log holds beside the tally, as of the entry it was projected through."""

    applied: int
    records: int
    latest_ms: int | None
    unreadable: int
    code: str


_NOTHING = LogCount(0, 0, None, 0, "")


class RecordCounts:
    """Counts of all logs that are shown, for readers who may see certain visibilities."""

    def __init__(self, visible: Sequence[str], recent: RecentChanges) -> None:
        self.tally = Tally()
        self._visible = tuple(visible)
        self._recent = recent
        self._by_log: dict[int, LogCount] = {}
        self._epoch = ""
        self._kinds: dict[Kind, Kind] = {}  # each held once, however many logs have it
        self._busy = asyncio.Lock()

    def of_log(self, log_no: int) -> LogCount:
        """Return what a log that is shown holds."""
        return self._by_log.get(log_no, _NOTHING)

    async def refresh(self, connection: AsyncConnection) -> VisibleLogs:
        """Bring the counts to what ``connection`` sees, which must not have read before.

        They hold until the caller waits for anything: later readers move them on. States are
        entered one after another, so they never go back.
        """
        async with self._busy:
            logs = await read_visible_logs(connection)
            kept = logs.by_number.keys() if logs.epoch == self._epoch else set()
            self._epoch = logs.epoch
            for log_no in self._by_log.keys() - kept:
                self.tally.put(log_no, self._by_log.pop(log_no).code, {})
            changed = [
                log.log_no
                for log in logs.by_number.values()
                if not _is_of(self.of_log(log.log_no), log)
                and not await self._move_on(connection, logs, log)
            ]
            for start in range(0, len(changed), _LOGS_AT_ONCE):
                await self._count(connection, logs, changed[start : start + _LOGS_AT_ONCE])
            return logs

    async def _move_on(
        self, connection: AsyncConnection, logs: VisibleLogs, log: VisibleLog
    ) -> bool:
        """Add what has come to a log since it was counted; False when that is not known."""
        counted = self._by_log.get(log.log_no)
        if counted is None or counted.code != log.code:
            return False
        moves = self._recent.listed_between(log.log_no, counted.applied, log.applied)
        if moves is None:
            return False
        kinds = Counter(self.tally.of_log(log.log_no))
        latest_ms, lost, is_dated = counted.latest_ms, counted.unreadable, True
        for move in moves:
            try:
                latest_ms = move.latest_ms(latest_ms, self._visible)
            except LookupError:
                is_dated = False
            lost += move.unreadable
            for (visibility, kind), more in move.more.items():
                if visibility in self._visible:
                    kinds[self._kinds.setdefault(kind, kind)] += more
        if not is_dated:
            latest_ms = await _read_latest(connection, logs, self._visible, log.log_no)
        self._put(log, +kinds, latest_ms, lost)
        return True

    async def _count(
        self, connection: AsyncConnection, logs: VisibleLogs, numbers: Sequence[int]
    ) -> None:
        groups = (records.c.log_no, records.c.type, records.c.area, records.c.status)
        counted = (
            select(*groups, func.count(), func.max(records.c.published_ms))
            .where(*listed(logs, self._visible), records.c.log_no.in_(numbers))
            .group_by(*groups)
        )
        kinds: dict[int, dict[Kind, int]] = defaultdict(dict)
        latest: dict[int, int] = {}
        for log_no, type_, area, status, count, latest_ms in await connection.execute(counted):
            kind = Kind(type_, area, status)
            kinds[log_no][self._kinds.setdefault(kind, kind)] = count
            latest[log_no] = max(latest_ms, latest.get(log_no, latest_ms))
        lost = await _count_unreadable(connection, numbers)
        for log_no in numbers:
            log = logs.by_number[log_no]
            self._put(log, kinds[log_no], latest.get(log_no), lost.get(log_no, 0))

    def _put(self, log: VisibleLog, kinds: Kinds, latest_ms: int | None, lost: int) -> None:
        self.tally.put(log.log_no, log.code, kinds)
        records = sum(kinds.values())
        self._by_log[log.log_no] = LogCount(log.applied, records, latest_ms, lost, log.code)


def _is_of(counted: LogCount, log: VisibleLog) -> bool:
    """Whether a count is of the log as it is."""
    return counted.applied == log.applied and counted.code == log.code


async def _read_latest(
    connection: AsyncConnection, logs: VisibleLogs, visible: Sequence[str], log_no: int
) -> int | None:
    """When the newest record of a log was published."""
    latest = (
        select(records.c.published_ms)
        .where(*listed(logs, visible), records.c.log_no == log_no)
        .order_by(records.c.published_ms.desc())
        .limit(1)
    )
    found: int | None = await connection.scalar(latest)
    return found


async def _count_unreadable(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, int]:
    statement = (
        select(unreadable.c.log_no, func.count())
        .where(unreadable.c.log_no.in_(numbers))
        .group_by(unreadable.c.log_no)
    )
    return {row[0]: row[1] for row in await connection.execute(statement)}
