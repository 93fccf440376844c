"""Putting the branch that ends in a rotation in the place of what contradicts it.

One transaction: what gives way moves to ``superseded_runs``, the branch is appended, the head and
the key history move, the log is no longer frozen, and what pages show is made anew, since it was
derived from entries that are not the log any more. The database then has another epoch, by which
whatever lies beside it (the search index) knows that it does not fit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select, update

from protocol.chain import Head
from protocol.entry import Envelope
from protocol.run import PackedRun, pack_parts
from storage.appending import NewRun, key_event_rows, run_row
from storage.database import Database
from storage.errors import AppendError
from storage.prepared import Prepared, Step, Steps, Upsert
from storage.projection_cursor import clear_steps
from storage.run_rows import LogPlace, find_log, find_places, read_places
from storage.schema import key_events, logs, runs, settings, superseded_runs
from storage.settings_store import EPOCH
from storage.stored_run import (
    StoredRun,
    encode_keys,
    joined_received,
    run_digest,
    stored_envelopes,
    stored_parts,
)

_COLUMNS = tuple(column.name for column in runs.columns)
_SET_ASIDE = Prepared(
    insert(superseded_runs).from_select(
        [*_COLUMNS, "superseded_ms"],
        select(*runs.columns, bindparam("now_ms", type_=BigInteger)).where(
            runs.c.log_no == bindparam("number"), runs.c.first_sequence >= bindparam("first")
        ),
    )
)
_SET_ONE_ASIDE = Prepared(insert(superseded_runs), [*_COLUMNS, "superseded_ms"])
_TAKE_OUT = Prepared(
    delete(runs).where(
        runs.c.log_no == bindparam("number"), runs.c.first_sequence >= bindparam("first")
    )
)
_INSERT_RUN = Prepared(insert(runs))
_INSERT_KEY_EVENT = Prepared(insert(key_events))
_MOVE_HEAD = Prepared(
    update(logs)
    .where(
        logs.c.log_id == bindparam("log"),
        logs.c.head_sequence == bindparam("old_sequence"),
        logs.c.head_id == bindparam("old_id"),
    )
    .values(
        head_sequence=bindparam("new_sequence"),
        head_id=bindparam("new_id"),
        keys=bindparam("new_keys"),
        frozen=bindparam("still_frozen"),
    )
    .returning(logs.c.log_no)
)
_NOTE_EPOCH = Upsert(settings)


class SetAside(NamedTuple):
    """What of a log gave way to rotations: how many entries, and when the last did."""

    log: bytes
    entry_count: int
    newest_ms: int


class SettlingStore:
    """Settles forks, and reads what has given way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(
        self,
        held: Head,
        new: NewRun,
        keep_through: int,
        *,
        frozen: bool,
        epoch: bytes,
        now_ms: int,
    ) -> int:
        """Let ``new`` follow entry ``keep_through`` of a log whose head is ``held``.

        ``frozen`` says that another fork of the log remains. Returns how many entries gave way;
        when any did, ``epoch`` is the database's new one. Durable when this returns. Raises
        :class:`AppendError` when the log has moved meanwhile.
        """
        return await self._database.transact(
            lambda: _settle_steps(held, new, keep_through, frozen, epoch, now_ms)
        )

    async def set_aside(self) -> list[SetAside]:
        """Return the logs of which something has given way."""
        statement = (
            select(
                logs.c.log_id,
                func.sum(superseded_runs.c.entry_count),
                func.max(superseded_runs.c.superseded_ms),
            )
            .join(logs, logs.c.log_no == superseded_runs.c.log_no)
            .group_by(logs.c.log_id)
            .order_by(logs.c.log_id)
        )
        async with self._database.read() as connection:
            rows = await connection.execute(statement)
            return [SetAside(log, int(count), newest_ms) for log, count, newest_ms in rows]

    async def read(self, log: bytes) -> list[Envelope]:
        """Return the entries of a log that have given way, in the order in which they did.

        Raises :class:`storage.errors.DamagedLogError` for what the disk has changed.
        """
        columns = [superseded_runs.c[name] for name in _COLUMNS if name != "log_no"]
        statement = (
            select(superseded_runs.c.log_no, *columns)
            .join(logs, logs.c.log_no == superseded_runs.c.log_no)
            .where(logs.c.log_id == log)
            .order_by(superseded_runs.c.superseded_no)
        )
        async with self._database.read() as connection:
            rows = [StoredRun(log, *row) for row in await connection.execute(statement)]
        return [
            envelope
            for row in rows
            for envelope in stored_envelopes(row, 0, row.first_sequence + row.entry_count)
        ]


def _settle_steps(
    held: Head, new: NewRun, keep_through: int, frozen: bool, epoch: bytes, now_ms: int
) -> Steps[int]:
    place = yield from find_log(held.log)
    if place is None:
        raise AppendError(f"log {held.log.hex()} is not known here")
    given_way = held.sequence - keep_through
    if given_way:
        yield from _set_aside_steps(place, keep_through, now_ms)
        yield from clear_steps()
        yield Step(_NOTE_EPOCH, [{"name": EPOCH, "value": epoch.hex()}])
    if not (yield Step(_MOVE_HEAD, [_move_values(held, new) | {"still_frozen": frozen}])):
        raise AppendError(f"log {held.log.hex()} has moved while its fork was settled")
    rows = [run_row(held.log, run, now_ms) | {"log_no": place.log_no} for run in new.packed]
    for row in rows:
        del row["log"]
    yield Step(_INSERT_RUN, rows)
    yield Step(_INSERT_KEY_EVENT, key_event_rows(new.result, place.log_no))
    return given_way


def _move_values(held: Head, new: NewRun) -> dict[str, Any]:
    head = new.result.head
    assert head is not None, "a branch that was accepted has a head"
    return {
        "log": held.log,
        "old_sequence": held.sequence,
        "old_id": held.id,
        "new_sequence": head.sequence,
        "new_id": head.id,
        "new_keys": encode_keys(head.keys),
    }


def _set_aside_steps(place: LogPlace, keep_through: int, now_ms: int) -> Steps[None]:
    """Move what follows ``keep_through`` out of the log; a run that holds both is cut in two."""
    (cut, *_) = yield from find_places(place, keep_through, keep_through + 1)
    whole_from = {"number": place.log_no, "first": cut.first}
    if cut.first <= keep_through:
        (row,) = yield from read_places(place, [cut])
        kept = _part(row, 0, keep_through)
        gone = _part(row, keep_through, cut.last)
        yield Step(_SET_ONE_ASIDE, [item | {"superseded_ms": now_ms} for item in gone])
        later = {"number": place.log_no, "first": cut.last + 1}
        yield Step(_SET_ASIDE, [later | {"now_ms": now_ms}])
        yield Step(_TAKE_OUT, [whole_from])
        yield Step(_INSERT_RUN, kept)
        return
    yield Step(_SET_ASIDE, [whole_from | {"now_ms": now_ms}])
    yield Step(_TAKE_OUT, [whole_from])


def _part(row: StoredRun, after: int, through: int) -> list[dict[str, Any]]:
    parts = stored_parts(row, after, through)
    packed = pack_parts(max(after + 1, row.first_sequence), parts)
    return [_row_of(row, run) for run in packed]


def _row_of(row: StoredRun, run: PackedRun) -> dict[str, Any]:
    received = joined_received([row], run.first, run.entry_count)
    return {
        "log_no": row.log_no,
        "first_sequence": run.first,
        "entry_count": run.entry_count,
        "size_bytes": run.size_bytes,
        "received": received,
        "digest": run_digest(row.log, run, received),
        "payload": run.payload,
    }
