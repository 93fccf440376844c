"""How far each log is projected, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, case, delete, func, select

from storage.prepared import Prepared, Step, Steps, Upsert
from storage.reachable import reach, read_gaps, within_reach
from storage.run_rows import LogPlace, find_places, read_places, up_to
from storage.schema import PROJECTIONS, logs, projected_logs, projection_state
from storage.stored_run import StoredRun

PROJECTION_VERSION = 5
"""Raise this when the meaning of an entry changes; every node then rebuilds by itself."""

_NAME = "records"
_LOGS_AT_ONCE = 100
_BYTES_AN_ENTRY = 2_048
"""Entries larger than this on average make smaller steps: what is unpacked at once is bounded."""

_APPLIED = func.coalesce(projected_logs.c.sequence, 0)
_LAG = logs.c.head_sequence - _APPLIED
_WITH_CURSORS = logs.outerjoin(projected_logs, projected_logs.c.log_no == logs.c.log_no)
_LAGGING = Prepared(
    select(logs.c.log_id, logs.c.log_no, logs.c.head_sequence, _APPLIED)
    .select_from(_WITH_CURSORS)
    .where(_LAG > 0)
    .order_by(case((logs.c.standing == "own", 0), else_=1), _LAG, logs.c.log_no)
    .limit(bindparam("count"))
)
_TOTAL_LAG = Prepared(select(func.sum(_LAG)).select_from(_WITH_CURSORS).where(_LAG > 0))
_TOTAL = Prepared(select(func.sum(logs.c.head_sequence)))
_VERSION = Prepared(
    select(projection_state.c.version).where(projection_state.c.name == bindparam("state"))
)
_NOTE_VERSION = Upsert(projection_state)
_CURSOR = Prepared(select(projected_logs).where(projected_logs.c.log_no == bindparam("number")))
_REACHED = Prepared(
    select(projected_logs.c.sequence)
    .join(logs, logs.c.log_no == projected_logs.c.log_no)
    .where(logs.c.log_id == bindparam("log"))
)
_LAG_OF = Prepared(
    select(logs.c.head_sequence, _APPLIED)
    .select_from(_WITH_CURSORS)
    .where(logs.c.log_no == bindparam("number"), _LAG > 0)
)
_APPLIED_OF = Prepared(
    select(logs.c.log_no, _APPLIED)
    .select_from(_WITH_CURSORS)
    .where(logs.c.log_id == bindparam("log"))
)
_MOVE = Upsert(projected_logs)
_CLEAR = tuple(Prepared(delete(table)) for table in (*PROJECTIONS, projected_logs))


class Slice(NamedTuple):
    """Entries of one log to apply next: those after ``after`` through ``through``, in ``rows``."""

    log_no: int
    after: int
    through: int
    rows: list[StoredRun]

    @property
    def entry_count(self) -> int:
        """How many entries."""
        return self.through - self.after


def read_version() -> Steps[int]:
    """Return by which version's rules the projections were made; 0 when there are none."""
    rows = yield Step(_VERSION, [{"state": _NAME}])
    return rows[0][0] if rows else 0


def read_lag() -> Steps[int]:
    """Return how many stored entries are not applied yet."""
    current = (yield from read_version()) == PROJECTION_VERSION
    ((lag,),) = yield Step(_TOTAL_LAG if current else _TOTAL)
    return int(lag or 0)


def read_lag_in_reach() -> Steps[int]:
    """Return how many of them can be read now."""
    gaps = yield from read_gaps()
    out_of_reach = 0
    for log_no in gaps:
        for head_sequence, applied in (yield Step(_LAG_OF, [{"number": log_no}])):
            out_of_reach += head_sequence - reach(gaps, log_no, applied, head_sequence)
    return (yield from read_lag()) - out_of_reach


def read_obstacle(log: bytes, sequence: int) -> Steps[int]:
    """Return the number of the first entry that keeps a log from being applied up to a number; 0
    when nothing does."""
    gaps = yield from read_gaps()
    for log_no, applied in (yield Step(_APPLIED_OF, [{"log": log}])) if gaps else []:
        reached = reach(gaps, log_no, applied, sequence)
        if applied < sequence and reached < sequence:
            return reached + 1
    return 0


def read_reached(log: bytes) -> Steps[int]:
    """Return the number of a log's newest entry that is applied; 0 when none is."""
    if (yield from read_version()) != PROJECTION_VERSION:
        return 0
    rows = yield Step(_REACHED, [{"log": log}])
    return rows[0][0] if rows else 0


def read_slices(limit: int) -> Steps[list[Slice]]:
    """Read about ``limit`` entries that are not applied yet: first our own, then the logs that
    lack the fewest."""
    gaps = yield from read_gaps()
    rows = yield Step(_LAGGING, [{"count": _LOGS_AT_ONCE + len(gaps)}])
    lagging = within_reach([(LogPlace(*row[:3]), row[3]) for row in rows], gaps)
    return (yield from read_slices_of(lagging, limit))


def read_slices_of(behind: Sequence[tuple[LogPlace, int]], limit: int) -> Steps[list[Slice]]:
    """Read about ``limit`` entries of these logs, in this order, each from after a number on."""
    slices: list[Slice] = []
    wanted, bytes_left = limit, limit * _BYTES_AN_ENTRY
    for place, after in behind:
        if wanted <= 0 or bytes_left < 0:
            break
        places = yield from find_places(place, after, after + wanted)
        rows = yield from read_places(place, up_to(places, after, bytes_max=bytes_left))
        last = rows[-1].first_sequence + rows[-1].entry_count - 1
        through = min(last, after + wanted, place.head_sequence)
        slices.append(Slice(place.log_no, after, through, rows))
        wanted -= through - after
        bytes_left -= sum(row.size_bytes for row in rows)
    return slices


def move_steps(slices: Sequence[Slice]) -> Steps[bool]:
    """Move the cursors over these slices; False, with nothing changed, when one of them is no
    longer where it was read."""
    if (yield from read_version()) != PROJECTION_VERSION:
        return False
    found = yield Step(_CURSOR, [{"number": part.log_no} for part in slices])
    cursors: dict[int, int] = dict(found)
    if any(cursors.get(part.log_no, 0) != part.after for part in slices):
        return False
    yield Step(_MOVE, [{"log_no": part.log_no, "sequence": part.through} for part in slices])
    return True


def clear_steps() -> Steps[None]:
    """Drop all projections; they are derived anew from the first entries on."""
    for statement in _CLEAR:
        yield Step(statement)
    yield Step(_NOTE_VERSION, [{"name": _NAME, "version": PROJECTION_VERSION}])
