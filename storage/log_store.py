"""The log itself: append-only, the only truth; everything else can be rebuilt from it.

Durability order: what :func:`protocol.chain.verify_run` accepted is written, with the heads it
leads to, in one transaction that is fsynced when ``append_…`` returns. Only then may it be
acknowledged, shown or passed on. Before writing it is checked once more that the entries continue
what is stored (storage/appending.py); whatever is read is checked again (storage/stored_run.py).

Runs lie as they came, compressed, and are handed on as they lie.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from protocol.chain import RunResult
from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.identity import Keys
from protocol.limits import RUN_BYTES_TARGET, RUN_ENTRIES_MAX
from protocol.packed import Parts
from protocol.run import PackedRun, pack_parts
from storage.appending import NewRun, add_log_steps, append_steps
from storage.damage_store import Gap
from storage.errors import DamagedLogError
from storage.log_registry import LogRegistry
from storage.mending import Torn, mend_steps, read_torn
from storage.packing import pack_rows, read_loose_tail, replace_steps
from storage.prepared import Steps
from storage.run_rows import find_log, find_places, read_places, that_fit, up_to
from storage.schema import key_events, logs
from storage.stored_run import (
    StoredRun,
    check_follows,
    checked_run,
    decode_key_event,
    encode_key_event,
    stored_envelopes,
    stored_parts,
)
from storage.upsert import upsert

_PackedEvents = Mapping[tuple[bytes, int], bytes]
"""Key events as they are kept, by log and number."""


class LogStore(LogRegistry):
    """Entries of all logs; standings, heads and forks come from :class:`LogRegistry`."""

    async def append_run(self, result: RunResult, *, standing: Standing, received_ms: int) -> None:
        """Store one run; a log that is not known yet gets a row with ``standing``."""

        def steps() -> Steps[None]:
            yield from add_log_steps(result.log, standing.value, received_ms)
            yield from append_steps([NewRun.of(result)], received_ms)

        await self._database.transact(steps)

    async def append_batch(
        self,
        new: Sequence[NewRun],
        received_ms: int,
        afterwards: Callable[[], None] | None = None,
    ) -> None:
        """Store many runs, of known logs, in one transaction: all of them or none.

        Several runs of one log must be in order. ``afterwards`` is called in a thread once all is
        committed; it must not raise. Raises :class:`AppendError` when a run does not continue what
        is stored.
        """
        await self._database.transact(lambda: append_steps(new, received_ms), afterwards)

    async def pack(self, log: bytes) -> bool:
        """Put the small runs at the end of a log together; True when that made them fewer."""
        old = await self._database.ask(lambda: read_loose_tail(log))
        if len(old) < 2:
            return False
        new = await asyncio.to_thread(pack_rows, old)
        if len(new) >= len(old):
            return False
        return await self._database.transact(lambda: replace_steps(old, new))

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

        def steps() -> Steps[list[StoredRun]]:
            found = yield from find_log(log)
            if found is None:
                return []
            places = yield from find_places(found, after_sequence, through_sequence)
            wanted = up_to(places, after_sequence, bytes_max=bytes_max)
            return (yield from read_places(found, wanted))

        rows = await self._database.ask(steps)
        found: list[Envelope] = []
        size_bytes = 0
        for row in rows:
            for envelope in stored_envelopes(row, after_sequence, through_sequence):
                size_bytes += _size_bytes(envelope)
                if found:
                    check_follows(found[-1], envelope)
                    if size_bytes > bytes_max or len(found) == RUN_ENTRIES_MAX:
                        return found
                found.append(envelope)
        return found

    async def packed_run(
        self,
        log: bytes,
        after_sequence: int,
        through_sequence: int,
        bytes_max: int = RUN_BYTES_TARGET,
    ) -> PackedRun | None:
        """Return the next run after one number, not beyond another, ready to be sent.

        As it lies when it lies so; else cut, or put together from small ones up to ``bytes_max``
        of unfolded bytes. None when there is nothing. Raises :class:`DamagedLogError` for what the
        disk has changed.
        """

        def steps() -> Steps[list[StoredRun]]:
            found = yield from find_log(log)
            if found is None:
                return []
            places = yield from find_places(found, after_sequence, through_sequence)
            wanted = that_fit(
                places, after_sequence, bytes_max=bytes_max, entries_max=RUN_ENTRIES_MAX
            )
            return (yield from read_places(found, wanted))

        rows = await self._database.ask(steps)
        if not rows:
            return None
        first = rows[0]
        last_sequence = first.first_sequence + first.entry_count - 1
        whole = first.first_sequence > after_sequence and last_sequence <= through_sequence
        if len(rows) == 1 and whole:
            return checked_run(first)
        return await asyncio.to_thread(_joined, rows, after_sequence, through_sequence)

    async def entry(self, log: bytes, sequence: int) -> Envelope | None:
        """Return one entry by its number, or None."""
        found = await self.read_run(log, sequence - 1, sequence)
        return found[0] if found else None

    async def key_events(self, log: bytes) -> tuple[Envelope, ...]:
        """Return the log's first entry and its rotations, in order; empty for an unknown log."""
        known = await self.log(log)
        if known is None or known.head is None:
            return ()
        return (await self._read_key_events({log: known.head.keys}))[log]

    async def all_key_events(self) -> dict[bytes, tuple[Envelope, ...]]:
        """Return the key events of every log that has entries here.

        Those that the disk has changed are read from the log; none of a log where both are damaged.
        """
        keys = {row.log: row.head.keys for row in await self.logs() if row.head is not None}
        packed = await self._packed_key_events(keys)
        found: dict[bytes, tuple[Envelope, ...]] = {}
        for log, history in keys.items():
            try:
                found[log] = _decoded(log, history, packed)
            except DamagedLogError:
                found[log] = await self.restore_key_events(log)
        return found

    async def restore_key_events(self, log: bytes) -> tuple[Envelope, ...]:
        """Write a log's key events anew, as the log has them; empty when that is damaged, too."""
        known = await self.log(log)
        if known is None or known.head is None:
            return ()
        periods = known.head.keys.periods
        try:
            found = [await self.entry(log, sequence) for sequence, _ in periods]
            packed = {
                (log, sequence): encode_key_event(envelope)
                for (sequence, _), envelope in zip(periods, found, strict=True)
                if envelope is not None
            }
            events = _decoded(log, known.head.keys, packed)
        except DamagedLogError:
            return ()
        async with self._database.write() as connection:
            number = select(logs.c.log_no).where(logs.c.log_id == log)
            log_no = await connection.scalar(number)
            statement = upsert(self._database, key_events)
            rows = [
                {"log_no": log_no, "sequence": sequence, "packed": event}
                for (_, sequence), event in packed.items()
            ]
            await connection.execute(statement, rows)
        return events

    async def mend(self, torn: Torn, proven: Sequence[Envelope], now_ms: int) -> bool:
        """Put entries back where the disk has changed them; durable when this returns.

        False, with nothing changed, when the log is not what it was when they were proven.
        """
        return await self._database.transact(lambda: mend_steps(torn, proven, now_ms))

    async def torn(self, log: bytes, within: Gap) -> Torn | None:
        """Return the newest gap among some entries of a log; None when all are whole."""
        return await self._database.ask(lambda: read_torn(log, within))

    async def _read_key_events(self, keys: dict[bytes, Keys]) -> dict[bytes, tuple[Envelope, ...]]:
        packed = await self._packed_key_events(keys)
        return {log: _decoded(log, history, packed) for log, history in keys.items()}

    async def _packed_key_events(self, keys: dict[bytes, Keys]) -> _PackedEvents:
        statement = select(logs.c.log_id, key_events.c.sequence, key_events.c.packed).join(
            logs, logs.c.log_no == key_events.c.log_no
        )
        if len(keys) == 1:
            statement = statement.where(logs.c.log_id.in_(keys))
        async with self._database.read() as connection:
            rows = await connection.execute(statement)
            return {(log, sequence): event for log, sequence, event in rows}


def _decoded(log: bytes, history: Keys, packed: _PackedEvents) -> tuple[Envelope, ...]:
    return tuple(
        decode_key_event(log, sequence, key, packed.get((log, sequence)))
        for sequence, key in history.periods
    )


def _joined(rows: Sequence[StoredRun], after: int, through: int) -> PackedRun:
    """Return one run of what the rows hold between two numbers."""
    parts: list[Parts] = []
    for row in rows:
        parts += stored_parts(row, after, through)
    first = max(after + 1, rows[0].first_sequence)
    return pack_parts(first, parts)[0]


def _size_bytes(envelope: Envelope) -> int:
    return len(envelope.entry.raw) + len(envelope.body.content if envelope.body else b"")
