"""Reading stored runs to judge them: one after another in order of their keys, whole or not.

Unlike storage/run_rows.py nothing here trusts what a row says of itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, select

from protocol.entry import Envelope
from protocol.errors import RemoteError
from protocol.packed import read_parts
from protocol.run import unfold_run
from storage.damage_store import Gap
from storage.errors import DamagedLogError
from storage.prepared import Prepared, Step, Steps
from storage.schema import logs, runs
from storage.stored_run import StoredRun, checked_run, stored_envelopes

BEFORE_ALL = -(2**63)
"""No key is smaller: a changed one may be anything."""

_RUN_COLUMNS = [column for column in runs.columns if column.name != "log_no"]
_LOGS = Prepared(
    select(logs.c.log_id, logs.c.log_no, logs.c.head_sequence, logs.c.head_id)
    .where(logs.c.head_sequence.is_not(None), logs.c.log_no >= bindparam("number"))
    .order_by(logs.c.log_no)
    .limit(1)
)
_LOG = Prepared(
    select(logs.c.log_id, logs.c.log_no, logs.c.head_sequence, logs.c.head_id).where(
        logs.c.log_id == bindparam("log"), logs.c.head_sequence.is_not(None)
    )
)
_NEXT = Prepared(
    select(*_RUN_COLUMNS)
    .where(runs.c.log_no == bindparam("log_no"), runs.c.first_sequence > bindparam("key"))
    .order_by(runs.c.first_sequence)
    .limit(1)
)
_AT_OR_BEFORE = Prepared(
    select(func.max(runs.c.first_sequence)).where(
        runs.c.log_no == bindparam("log_no"), runs.c.first_sequence <= bindparam("first")
    )
)

_REMOVE = Prepared(
    delete(runs).where(
        runs.c.log_no == bindparam("number"), runs.c.first_sequence == bindparam("key")
    )
)


class LogEnd(NamedTuple):
    """A log, and where it ends as its row says."""

    log: bytes
    log_no: int
    head_sequence: int
    head_id: bytes


class Stretch(NamedTuple):
    """Part of a log looked at in one state of the database: which rows of it are damaged, and what
    no good row holds."""

    end: LogEnd
    bad: list[StoredRun]
    gaps: list[Gap]


def next_log(log_no: int) -> Steps[LogEnd | None]:
    """Find the log with this number, or the next one that has entries."""
    rows = yield Step(_LOGS, [{"number": log_no}])
    return LogEnd(*rows[0]) if rows else None


def find_end(log: bytes) -> Steps[LogEnd | None]:
    """Find one log that has entries."""
    rows = yield Step(_LOG, [{"log": log}])
    return LogEnd(*rows[0]) if rows else None


def next_run(end: LogEnd, key: int) -> Steps[StoredRun | None]:
    """Read the run whose key comes after one."""
    rows = yield Step(_NEXT, [{"log_no": end.log_no, "key": key}])
    return StoredRun(end.log, end.log_no, *rows[0]) if rows else None


def next_unchecked(
    end: LogEnd, key: int, expected: int, bad_keys: Collection[int]
) -> Steps[StoredRun | None]:
    """Read the run after a key; when it does not hold the entry that is expected, the one that does
    by now: runs are joined into an earlier one while somebody walks."""
    row = yield from next_run(end, key)
    if row is not None and row.first_sequence <= expected:
        return row
    rows = yield Step(_AT_OR_BEFORE, [{"log_no": end.log_no, "first": expected}])
    if rows[0][0] is None or rows[0][0] in bad_keys:
        return row
    holder = yield from next_run(end, rows[0][0] - 1)
    return holder if holder is not None and holder.last_sequence >= expected else row


def look_at(log: bytes, first: int, last: int) -> Steps[Stretch | None]:
    """Look which of some entries a good row holds; one row at a time is in memory, but for those
    that are damaged."""
    end = yield from find_end(log)
    if end is None:
        return None
    last = min(last, end.head_sequence)
    bad: list[StoredRun] = []
    gaps: list[Gap] = []
    key, expected = (yield from _good_key_before(end, first)), first
    while expected <= last:
        row = yield from next_run(end, key)
        if row is None or row.first_sequence > last:
            break
        key = row.first_sequence
        if not is_unchanged(row):
            bad.append(row)
        elif row.last_sequence >= expected:
            if row.first_sequence > expected:
                gaps.append(Gap(expected, row.first_sequence - 1))
            expected = row.last_sequence + 1
    if expected <= last:
        gaps.append(Gap(expected, last))
    return Stretch(end, bad, gaps)


def _good_key_before(end: LogEnd, first: int) -> Steps[int]:
    """Find where to begin so that no good row which holds an entry is passed over."""
    while True:
        rows = yield Step(_AT_OR_BEFORE, [{"log_no": end.log_no, "first": first}])
        if rows[0][0] is None:
            return BEFORE_ALL
        row = yield from next_run(end, rows[0][0] - 1)
        if row is None or is_unchanged(row):
            return int(rows[0][0]) - 1
        first = row.first_sequence - 1


def is_unchanged(row: StoredRun) -> bool:
    """Whether the disk returns a row as it was stored."""
    try:
        checked_run(row)
    except DamagedLogError:
        return False
    return True


def remove_bad(end: LogEnd, keys: Sequence[int]) -> Steps[None]:
    """Remove the rows with these keys, as far as they are damaged."""
    for key in keys:
        row = yield from next_run(end, key - 1)
        if row is not None and row.first_sequence == key and not is_unchanged(row):
            yield Step(_REMOVE, [{"number": end.log_no, "key": key}])


def known_id_at(end: LogEnd, last: int) -> Steps[bytes | None]:
    """Return the id of an entry, known without it: the one after names it, or it is the head.

    None when the one after cannot be read either.
    """
    if last == end.head_sequence:
        return end.head_id
    row = yield from next_run(end, last)
    if row is None or row.first_sequence != last + 1:
        return None
    try:
        (after,) = stored_envelopes(row, last, last + 1)
    except DamagedLogError:
        return None
    return after.entry.header.previous


def readable(rows: Sequence[StoredRun]) -> list[Envelope]:
    """Return the entries of damaged rows that can be decoded all the same, nothing verified."""
    found: list[Envelope] = []
    for row in rows:
        found += _decoded(row)
    return found


def _decoded(row: StoredRun) -> list[Envelope]:
    try:
        parts = unfold_run(row.payload)
    except RemoteError:
        return []
    found = []
    for part in parts:
        try:
            found.append(read_parts(part))
        except RemoteError:
            continue
    return found
