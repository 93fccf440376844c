"""How much of what is shared others use or were helped by, counted over all of it.

It is counted anew at most once a minute, because all that was ever said to be used is gone through;
what a hidden log says is left out at once.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.record_lists import listed
from storage.schema import helped, records, uses
from storage.tally import whole_area
from storage.visible_logs import VisibleLogs

MOST_USED = 10
KEPT_MS = 60_000
_LOGS_AT_ONCE = 20
"""Counted by one statement; between two of them others get their turn."""


@dataclass(frozen=True, slots=True)
class AreaReuse:
    """Of one area: records that others use or were helped by, and how often they said so."""

    records: int = 0
    uses: int = 0
    helped: int = 0


@dataclass(frozen=True, slots=True)
class Reuse:
    """By area as such and by subarea, in all, and the records that most municipalities use."""

    areas: Mapping[str, AreaReuse] = field(default_factory=dict)
    total: AreaReuse = AreaReuse()
    most_used: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class _Counted:
    reuse: Reuse
    logs: VisibleLogs
    counted_ms: int


class ReuseCounts:
    """Reuse as readers who may see certain visibilities are told of it."""

    def __init__(self, visible: Sequence[str]) -> None:
        self._visible = tuple(visible)
        self._last: _Counted | None = None
        self._busy = asyncio.Lock()

    async def read(self, connection: AsyncConnection, logs: VisibleLogs, now_ms: int) -> Reuse:
        """Return what ``connection`` sees, or what it saw less than a minute ago."""
        async with self._busy:
            if self._last is None or not _holds(self._last, logs, now_ms):
                reuse = await _count(connection, logs, self._visible)
                self._last = _Counted(reuse, logs, now_ms)
            return self._last.reuse


def _holds(last: _Counted, logs: VisibleLogs, now_ms: int) -> bool:
    if last.logs.by_number == logs.by_number:
        return True
    is_hidden_alike = last.logs.hidden == logs.hidden
    return is_hidden_alike and 0 <= now_ms - last.counted_ms < KEPT_MS


async def _count(connection: AsyncConnection, logs: VisibleLogs, visible: Sequence[str]) -> Reuse:
    area_of: dict[bytes, str] = {}
    counts: dict[str, Counter[bytes]] = {"uses": Counter(), "helped": Counter()}
    numbers = sorted(logs.by_number)
    for start in range(0, len(numbers), _LOGS_AT_ONCE):
        some = numbers[start : start + _LOGS_AT_ONCE]
        for table in (uses, helped):
            statement = (
                select(records.c.record_id, records.c.area, func.count())
                .join(table, table.c.record_id == records.c.record_id)
                .where(*listed(logs, visible), table.c.log_no.in_(some))
                .group_by(records.c.record_id, records.c.area)
            )
            for record, area, count in await connection.execute(statement):
                area_of[record] = area
                counts[table.name][record] += count
    return _summed(area_of, counts["uses"], counts["helped"])


def _summed(area_of: Mapping[bytes, str], used: Counter[bytes], of_help: Counter[bytes]) -> Reuse:
    by_area: dict[str, list[bytes]] = defaultdict(list)
    for record, area in area_of.items():
        for one in {area, whole_area(area)}:
            by_area[one].append(record)
    areas = {
        area: AreaReuse(
            len(found), sum(used[one] for one in found), sum(of_help[one] for one in found)
        )
        for area, found in by_area.items()
    }
    total = AreaReuse(len(area_of), used.total(), of_help.total())
    most = nlargest(MOST_USED, area_of, key=lambda one: (used[one], of_help[one], one))
    return Reuse(areas, total, tuple(most))
