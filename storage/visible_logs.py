"""Which logs may be shown, and whose they are.

Only own and member logs are shown: what has been blocked or ignored disappears from every page at
once, without touching the projections, and comes back when the decision is lifted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.directory import ACCEPTED_STANDINGS
from storage.database import Database, fetch
from storage.lifecycle_schema import continuations, departures
from storage.prepared import Prepared, Step, Steps
from storage.schema import logs, projected_logs, settings
from storage.settings_store import EPOCH

_SHOWN = frozenset(standing.value for standing in ACCEPTED_STANDINGS)


class VisibleLog(NamedTuple):
    """One log that may be shown; ``applied`` is the number of its last projected entry.

    ``left_ms`` is there when its municipality has left. ``successor`` is the log that goes on for
    it, when both say so and that one may be shown too. ``first_name`` is there when it goes by
    another name since ``renamed_ms``.
    """

    log_no: int
    log: bytes
    code: str
    name: str
    frozen: bool
    applied: int
    left_ms: int | None = None
    successor: bytes | None = None
    first_name: str | None = None
    renamed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class VisibleLogs:
    """All logs that may be shown, by number, and the numbers of those that may not.

    ``epoch`` is another when entries have given way to others: void is what was counted before.
    """

    by_number: dict[int, VisibleLog] = field(default_factory=dict)
    hidden: tuple[int, ...] = ()
    epoch: str = ""

    def shows(self, table: FromClause) -> list[ColumnElement[bool]]:
        """Return the condition under which a row of ``table`` may be shown.

        What is hidden is named, not what is shown: almost always that is nothing, and a list of
        all logs would keep the database from reading its indexes in order.
        """
        return [table.c.log_no.not_in(self.hidden)] if self.hidden else []

    def of_municipality(self, code: str) -> list[VisibleLog]:
        """Return the logs with this kommunkod, the oldest first."""
        return [log for log in self.by_number.values() if log.code == code]

    def heir_of(self, log: VisibleLog) -> VisibleLog | None:
        """Return the log that goes on for one that has left, or None when there is none here.

        Where successors have left in their turn, it is the last of them.
        """
        by_log = {one.log: one for one in self.by_number.values()}
        last, seen = log, {log.log}
        while (named := last.successor) is not None and named in by_log and named not in seen:
            last = by_log[named]
            seen.add(named)
        return None if last is log else last

    def continued_by(self, log: VisibleLog) -> list[VisibleLog]:
        """Return the logs that one goes on for, the oldest first."""
        left = [one for one in self.by_number.values() if one.successor is not None]
        return [one for one in left if one.successor == log.log or self.heir_of(one) == log]


_APPLIED = func.coalesce(projected_logs.c.sequence, 0)
_EPOCH = select(settings.c.value).where(settings.c.name == EPOCH).scalar_subquery()
_HEIRS = logs.alias("heirs")
_SUCCESSOR = case((continuations.c.sequence.is_not(None), departures.c.successor))
_ALL = Prepared(
    select(
        *(logs.c.log_no, logs.c.log_id, logs.c.code, logs.c.name, logs.c.frozen),
        _APPLIED,
        *(logs.c.standing, _EPOCH, departures.c.shown_ms, _SUCCESSOR.label("successor")),
        *(logs.c.first_name, logs.c.renamed_ms),
    )
    .outerjoin(projected_logs, projected_logs.c.log_no == logs.c.log_no)
    .outerjoin(departures, departures.c.log_no == logs.c.log_no)
    .outerjoin(_HEIRS, _HEIRS.c.log_id == departures.c.successor)
    .outerjoin(
        continuations,
        and_(
            continuations.c.predecessor == logs.c.log_id,
            continuations.c.log_no == _HEIRS.c.log_no,
        ),
    )
    .order_by(logs.c.log_no)
)


async def read_visible_logs(connection: AsyncConnection) -> VisibleLogs:
    """Return the state at this moment."""
    return _visible(await fetch(connection, _ALL))


async def ask_visible_logs(database: Database) -> VisibleLogs:
    """Return the same where nothing else is read in the same state."""
    return _visible(await database.rows(_ALL))


def visible_logs_steps() -> Steps[VisibleLogs]:
    """Return the same as steps of a transaction."""
    return _visible((yield Step(_ALL)))


def _visible(rows: Iterable[Any]) -> VisibleLogs:
    shown: dict[int, VisibleLog] = {}
    hidden: list[int] = []
    epoch = ""
    for number, log, code, name, frozen, applied, standing, noted, *rest in rows:
        epoch = noted or ""
        if standing in _SHOWN:
            shown[number] = VisibleLog(number, log, code, name, bool(frozen), applied, *rest)
        else:
            hidden.append(number)
    return VisibleLogs(shown, tuple(hidden), epoch)
