"""Finding the rows of a log's runs: first where they lie, then only those that are needed.

A row holds up to a megabyte, so what to read is chosen from places alone; the columns that say them
come before the payload, which is then not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from protocol.limits import RUN_ENTRIES_MAX
from storage.prepared import Prepared, Step, Steps
from storage.schema import logs, runs
from storage.stored_run import StoredRun, damaged

_LOG = Prepared(
    select(logs.c.log_no, logs.c.head_sequence).where(logs.c.log_id == bindparam("log"))
)
_BEGINNING = (
    select(func.max(runs.c.first_sequence))
    .where(runs.c.log_no == bindparam("log_no"), runs.c.first_sequence <= bindparam("first"))
    .scalar_subquery()
)
_PLACES = Prepared(
    select(runs.c.first_sequence, runs.c.entry_count, runs.c.size_bytes)
    .where(
        runs.c.log_no == bindparam("log_no"),
        runs.c.first_sequence >= _BEGINNING,
        runs.c.first_sequence <= bindparam("last"),
    )
    .order_by(runs.c.first_sequence)
    .limit(RUN_ENTRIES_MAX)
)
_NEWEST_PLACES = Prepared(
    select(runs.c.first_sequence, runs.c.entry_count, runs.c.size_bytes)
    .where(runs.c.log_no == bindparam("log_no"))
    .order_by(runs.c.first_sequence.desc())
    .limit(RUN_ENTRIES_MAX)
)
_ROWS = Prepared(
    select(
        runs.c.first_sequence,
        runs.c.entry_count,
        runs.c.size_bytes,
        runs.c.received,
        runs.c.digest,
        runs.c.payload,
    )
    .where(
        runs.c.log_no == bindparam("log_no"),
        runs.c.first_sequence >= bindparam("first"),
        runs.c.first_sequence <= bindparam("last"),
    )
    .order_by(runs.c.first_sequence)
)


class LogPlace(NamedTuple):
    """A log as its rows know it, and its newest sequence number (0 for none)."""

    log: bytes
    log_no: int
    head_sequence: int


class Place(NamedTuple):
    """Where a run lies, without its entries; ``size_bytes`` is unfolded."""

    first: int
    entry_count: int
    size_bytes: int

    @property
    def last(self) -> int:
        """The sequence number of the run's last entry."""
        return self.first + self.entry_count - 1


def find_log(log: bytes) -> Steps[LogPlace | None]:
    """Find a log by its id."""
    rows = yield Step(_LOG, [{"log": log}])
    return LogPlace(log, rows[0][0], rows[0][1] or 0) if rows else None


def find_places(log: LogPlace, after: int, through: int) -> Steps[list[Place]]:
    """Find the runs that hold entries after one number through another, as many as one answer
    may need; raises :class:`storage.errors.DamagedLogError` when one is missing."""
    last = min(through, log.head_sequence)
    if after >= last:
        return []
    rows = yield Step(_PLACES, [{"log_no": log.log_no, "first": after + 1, "last": last}])
    places = [Place(*row) for row in rows]
    wanted = min(after + 1, places[0].first) if places else after + 1
    for place in places:
        if place.first != wanted:
            raise damaged(log.log, wanted, "it is missing")
        wanted = place.last + 1
    if wanted <= after + 1 or (wanted <= last and len(places) < RUN_ENTRIES_MAX):
        raise damaged(log.log, max(wanted, after + 1), "it is missing")
    return places


def find_newest_places(log: LogPlace) -> Steps[list[Place]]:
    """Find the last runs of a log, the newest first."""
    rows = yield Step(_NEWEST_PLACES, [{"log_no": log.log_no}])
    return [Place(*row) for row in rows]


def read_places(log: LogPlace, places: Sequence[Place]) -> Steps[list[StoredRun]]:
    """Read the runs at consecutive places."""
    if not places:
        return []
    stretch = {"log_no": log.log_no, "first": places[0].first, "last": places[-1].first}
    rows = yield Step(_ROWS, [stretch])
    return [StoredRun(log.log, log.log_no, *row) for row in rows]


def that_fit(
    places: Iterable[Place], after: int, *, bytes_max: int, entries_max: int
) -> list[Place]:
    """Return the first places that stay within both bounds together; at least one, if any."""
    chosen: list[Place] = []
    size_bytes = 0
    for place in places:
        size_bytes += place.size_bytes
        if chosen and (size_bytes > bytes_max or place.last - after > entries_max):
            break
        chosen.append(place)
    return chosen


def up_to(places: Iterable[Place], after: int, *, bytes_max: int) -> list[Place]:
    """Return the first places that hold ``bytes_max`` after one number, or all there are."""
    chosen: list[Place] = []
    size_bytes = 0
    for place in places:
        chosen.append(place)
        size_bytes += place.size_bytes if place.first > after else 0
        if size_bytes > bytes_max:
            break
    return chosen
