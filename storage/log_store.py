"""The log itself: append-only, the only truth; everything else can be rebuilt from it.

Durability order: what :func:`protocol.chain.verify_run` accepted is written, with the heads it
leads to, in one transaction that is fsynced when ``append_…`` returns. Only then may it be
acknowledged, shown or passed on. Before writing it is checked once more that the entries continue
what is stored; whatever is read is checked again (storage/stored_entry.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.chain import Head, RunResult
from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.identity import INCEPTION_KIND, read_key_event
from protocol.limits import RUN_BYTES_TARGET, RUN_ENTRIES_MAX
from storage.errors import AppendError
from storage.log_registry import LogRegistry
from storage.schema import entries, logs
from storage.stored_entry import check_complete, check_order, encode_keys, stored_envelope

_COLUMNS = ("log_no", "sequence", "id", "raw", "salt", "content", "received_ms")
_STORED = (
    logs.c.log_id,
    entries.c.sequence,
    entries.c.id,
    entries.c.raw,
    entries.c.salt,
    entries.c.content,
)
_SLICE_ROWS = 100


class _Place(NamedTuple):
    """Where a log's next entry goes: its row, and the newest entry stored."""

    log_no: int
    sequence: int
    id: bytes | None


class LogStore(LogRegistry):
    """Entries of all logs; standings, heads and forks come from :class:`LogRegistry`."""

    async def append_run(self, result: RunResult, *, standing: Standing, received_ms: int) -> None:
        """Store one run; a log that is not known yet gets a row with ``standing``."""
        async with self._database.write() as connection:
            known = select(logs.c.log_no).where(logs.c.log_id == result.log)
            if (await connection.execute(known)).first() is None:
                values = {"log_id": result.log, "standing": standing.value}
                await connection.execute(insert(logs).values(standing_ms=received_ms, **values))
            await self._append(connection, [result], received_ms)

    async def append_batch(self, runs: Sequence[RunResult], received_ms: int) -> None:
        """Store many runs, of known logs, in one transaction: all of them or none.

        Several runs of one log must be in order. Raises :class:`AppendError` when a run does not
        continue what is stored.
        """
        async with self._database.write() as connection:
            await self._append(connection, runs, received_ms)

    async def _append(
        self, connection: AsyncConnection, runs: Sequence[RunResult], received_ms: int
    ) -> None:
        runs = [run for run in runs if run.accepted]
        places = await _places(connection, {run.log for run in runs})
        rows: list[tuple[Any, ...]] = []
        heads: dict[int, Head] = {}
        for run in runs:
            place = places.get(run.log)
            if place is None:
                raise AppendError(f"log {run.log.hex()} is not known here")
            head = _check_continues(place, run)
            rows.extend(_row(place.log_no, item, received_ms) for item in run.accepted)
            heads[place.log_no] = head
            places[run.log] = _Place(place.log_no, head.sequence, head.id)
        await self._database.insert_tuples(connection, entries, _COLUMNS, rows)
        await _move_heads(connection, heads)
        await _name_new_logs(connection, runs)

    async def read_run(
        self,
        log: bytes,
        after_sequence: int,
        through_sequence: int,
        bytes_max: int = RUN_BYTES_TARGET,
    ) -> list[Envelope]:
        """Return consecutive entries after one number through another, checked.

        Stops after ``bytes_max`` bytes of entries and content (at least one entry is returned
        when there is any) and after ``RUN_ENTRIES_MAX`` entries. Raises
        :class:`DamagedLogError` for a changed or missing entry.
        """
        found: list[Envelope] = []
        size_bytes = 0
        async with self._database.read() as connection:
            while size_bytes < bytes_max and len(found) < RUN_ENTRIES_MAX:
                rows = await _slice(connection, log, after_sequence + len(found), through_sequence)
                for row in rows[: RUN_ENTRIES_MAX - len(found)]:
                    size_bytes += len(row.raw) + len(row.content or b"")
                    if found and size_bytes > bytes_max:
                        return found
                    _take(found, row, after_sequence)
                if len(rows) < _SLICE_ROWS:
                    break
        return found

    async def entry(self, log: bytes, sequence: int) -> Envelope | None:
        """Return one entry by its number, or None."""
        return await self._one(
            _stored().where(logs.c.log_id == log, entries.c.sequence == sequence)
        )

    async def entry_by_id(self, entry_id: bytes) -> Envelope | None:
        """Return one entry by its id, or None."""
        start = text("substr(entries.id, 1, 8) = :start").bindparams(
            bindparam("start", entry_id[:8], type_=entries.c.id.type)
        )
        return await self._one(_stored().where(start, entries.c.id == entry_id))

    async def key_events(self, log: bytes) -> tuple[Envelope, ...]:
        """Return the log's first entry and its rotations, in order; empty for an unknown log."""
        known = await self.log(log)
        if known is None or known.head is None:
            return ()
        numbers = [first for first, _ in known.head.keys.periods]
        statement = _stored().where(logs.c.log_id == log, entries.c.sequence.in_(numbers))
        async with self._database.read() as connection:
            rows = (await connection.execute(statement.order_by(entries.c.sequence))).all()
        found = {row.sequence: row for row in rows}
        for number in numbers:
            check_complete(log, number, number if number in found else None)
        return tuple(stored_envelope(found[number]) for number in numbers)

    async def _one(self, statement: Select[Any]) -> Envelope | None:
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).first()
        return stored_envelope(row) if row else None


def _stored() -> Select[Any]:
    return select(*_STORED).join(logs, logs.c.log_no == entries.c.log_no)


async def _slice(
    connection: AsyncConnection, log: bytes, after: int, through: int
) -> Sequence[Row[Any]]:
    statement = (
        _stored()
        .where(logs.c.log_id == log, entries.c.sequence > after, entries.c.sequence <= through)
        .order_by(entries.c.sequence)
        .limit(_SLICE_ROWS)
    )
    rows: Sequence[Row[Any]] = (await connection.execute(statement)).all()
    return rows


def _take(found: list[Envelope], row: Row[Any], after: int) -> None:
    """Check a row and add it to what was read before it."""
    check_complete(row.log_id, after + len(found) + 1, row.sequence)
    envelope = stored_envelope(row)
    if found:
        check_order(row.log_id, row.sequence, found[-1], envelope)
    found.append(envelope)


async def _places(connection: AsyncConnection, wanted: set[bytes]) -> dict[bytes, _Place]:
    columns = (logs.c.log_id, logs.c.log_no, logs.c.head_sequence, logs.c.head_id)
    rows = await connection.execute(select(*columns).where(logs.c.log_id.in_(wanted)))
    return {log_id: _Place(number, sequence or 0, head) for log_id, number, sequence, head in rows}


def _check_continues(place: _Place, run: RunResult) -> Head:
    """Check, next to the disk, that a run continues what is stored; returns the new head."""
    first, last = run.accepted[0].entry, run.accepted[-1].entry
    if (first.header.sequence, first.header.previous) != (place.sequence + 1, place.id):
        raise AppendError(
            f"entry {first.header.sequence} of log {run.log.hex()} does not continue "
            f"entry {place.sequence}, the newest stored"
        )
    if run.head is None or run.head.id != last.id or run.head.log != run.log:
        raise AppendError(f"the head of log {run.log.hex()} is not its newest entry")
    return run.head


def _row(log_no: int, envelope: Envelope, received_ms: int) -> tuple[Any, ...]:
    entry, body = envelope
    salt, content = body if body is not None else (None, None)
    return (log_no, entry.header.sequence, entry.id, entry.raw, salt, content, received_ms)


async def _move_heads(connection: AsyncConnection, heads: dict[int, Head]) -> None:
    statement = (
        update(logs)
        .where(logs.c.log_no == bindparam("row_no"))
        .values(
            head_sequence=bindparam("new_sequence"),
            head_id=bindparam("new_id"),
            keys=bindparam("new_keys"),
        )
    )
    values = [
        {
            "row_no": log_no,
            "new_sequence": head.sequence,
            "new_id": head.id,
            "new_keys": encode_keys(head.keys),
        }
        for log_no, head in heads.items()
    ]
    if values:
        await connection.execute(statement, values)


async def _name_new_logs(connection: AsyncConnection, runs: Sequence[RunResult]) -> None:
    """Take kommunkod and name from first entries; they were read when they were accepted."""
    for run in runs:
        entry, body = run.accepted[0]
        if entry.header.kind == INCEPTION_KIND and body is not None:
            event = read_key_event(INCEPTION_KIND, body.content)
            named = update(logs).where(logs.c.log_id == run.log)
            await connection.execute(named.values(code=event.code, name=event.name))
