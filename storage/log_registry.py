"""The table ``logs``: which logs this node knows, what was decided about each, and its head.

A log gets its row when it is decided about or introduced, before its first entry, and keeps it for
good: ``log_no`` stands for the log in every other table. A block needs a reason, and only a
person's decision lifts it; introductions never change a decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from protocol.chain import Head
from protocol.directory import ACCEPTED_STANDINGS, Directory, LogView, Standing
from storage.database import Database, fetch
from storage.errors import StandingError
from storage.prepared import Prepared
from storage.schema import forks, logs, neighbours
from storage.stored_run import decode_head

REASON_CHARS_MAX = 1_000
_NAMED = (
    "log_id", "standing", "reason", "standing_ms", "head_sequence", "head_id", "keys", "code",
    "name", "introduced_by", "introduced_ms", "frozen", "public_note", "first_name", "renamed_ms",
)  # fmt: skip
_COLUMNS = [logs.c[name] for name in _NAMED]
_ALL = Prepared(select(*_COLUMNS).order_by(logs.c.log_no))
_ONE = Prepared(select(*_COLUMNS).where(logs.c.log_id == bindparam("log")))
_NOTED = Prepared(
    select(logs.c.code, logs.c.name, logs.c.public_note).where(
        logs.c.standing == Standing.BLOCKED.value, logs.c.public_note != "", logs.c.name != ""
    )
)
_NAMES = Prepared(select(logs.c.log_id, logs.c.name))


class StoredHead(NamedTuple):
    """A log's head as its row has it; most who read the row need no more than the number."""

    sequence: int
    id: bytes
    keys: bytes


class LogRow(NamedTuple):
    """One log as this node knows it; ``stored_head`` is None before its first entry.

    ``code`` and ``name`` are from its first entry, unless it has taken another name since, or the
    introducer's words until that is here.
    ``introduced_by`` is the log that introduced it first. ``reason`` stays within the municipality;
    ``public_note`` is for everybody. ``first_name`` is there when the log goes by another name
    since ``renamed_ms``.
    """

    log: bytes
    standing: Standing
    reason: str
    standing_ms: int
    stored_head: StoredHead | None
    code: str
    name: str
    introduced_by: bytes | None
    introduced_ms: int | None
    frozen: bool
    public_note: str
    first_name: str | None = None
    renamed_ms: int | None = None

    @property
    def sequence(self) -> int:
        """The number of its newest entry; 0 before the first."""
        return self.stored_head.sequence if self.stored_head else 0

    @property
    def head(self) -> Head | None:
        """Its head, read now; raises :class:`DamagedLogError` when the key history is no such."""
        return decode_head(self.log, *self.stored_head) if self.stored_head else None

    def claims(self, codes: Container[str]) -> bool:
        """Whether this log is accepted here as one of these municipalities."""
        return self.standing in ACCEPTED_STANDINGS and self.code in codes


@dataclass(frozen=True, slots=True)
class StoredFork:
    """Proof that a log holds two entries at one number (protocol/fork.py decodes it)."""

    log: bytes
    proof: bytes
    found_ms: int


class LogRegistry:
    """Standings, heads and fork proofs of all logs; :class:`LogStore` adds their entries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load_directory(self) -> Directory:
        """Return the picture that sessions share; reads no entries, so it is instant.

        A neighbour whose log is blocked is none until the block is lifted.
        """
        directory = Directory()
        present = select(neighbours.c.log_id, neighbours.c.paused).where(
            neighbours.c.removed_ms.is_(None)
        )
        async with self._database.read() as connection:
            for known in map(_log_row, await fetch(connection, _ALL)):
                directory.put(LogView(known.log, known.standing, known.head, known.frozen))
            for log, paused in await connection.execute(present):
                view = directory.get(log)
                if view is None or view.standing is not Standing.BLOCKED:
                    (directory.paused if paused else directory.neighbours).add(log)
        return directory

    async def logs(self) -> list[LogRow]:
        """Return all logs known, the oldest first."""
        return [_log_row(row) for row in await self._database.rows(_ALL)]

    async def names(self) -> dict[bytes, str]:
        """Return the names of all logs known, by id."""
        return dict(await self._database.rows(_NAMES))

    async def noted_blocks(self) -> list[tuple[str, str, str]]:
        """Return kommunkod, name and note of each blocked log with a note for everybody."""
        return [(code, name, note) for code, name, note in await self._database.rows(_NOTED)]

    async def log(self, log: bytes) -> LogRow | None:
        """Return one log, or None when it is unknown."""
        rows = await self._database.rows(_ONE, {"log": log})
        return _log_row(rows[0]) if rows else None

    async def set_standing(
        self,
        log: bytes,
        standing: Standing,
        reason: str = "",
        *,
        now_ms: int,
        code: str = "",
        name: str = "",
        public_note: str = "",
    ) -> None:
        """Decide about a log, known or not; a decision takes the place of all of the one before.

        ``code`` and ``name`` are used for a log that is not known yet. Raises
        :class:`StandingError` for a block without a reason, and for any change of our own log.
        """
        reason = reason.strip()[:REASON_CHARS_MAX]
        if standing is Standing.BLOCKED and not reason:
            raise StandingError("a block needs a reason")
        decision = {
            "standing": standing.value,
            "reason": reason,
            "standing_ms": now_ms,
            "public_note": public_note.strip()[:REASON_CHARS_MAX],
        }
        async with self._database.write() as connection:
            known = logs.c.log_id == log
            row = (await connection.execute(select(logs.c.standing).where(known))).first()
            if row is None:
                values = {"log_id": log, "code": code, "name": name, **decision}
                await connection.execute(insert(logs).values(**values))
                return
            if Standing.OWN in (row.standing, standing) and row.standing != standing:
                raise StandingError("the own log is always the own log")
            await connection.execute(update(logs).where(known).values(**decision))

    async def introduce(
        self, log: bytes, code: str, name: str, *, introduced_by: bytes, now_ms: int
    ) -> bool:
        """Note that a log was introduced; it waits for a decision. False when it was known."""
        async with self._database.write() as connection:
            known = select(logs.c.log_no).where(logs.c.log_id == log)
            if (await connection.execute(known)).first() is not None:
                return False
            values = {
                "log_id": log,
                "standing": Standing.INTRODUCED.value,
                "standing_ms": now_ms,
                "code": code,
                "name": name,
                "introduced_by": introduced_by,
                "introduced_ms": now_ms,
            }
            await connection.execute(insert(logs).values(**values))
        return True

    async def freeze(self, log: bytes, proof: bytes, now_ms: int) -> bool:
        """Keep a verified fork proof and take no more of the log; False when it is known already.

        Raises :class:`StandingError` when the log is unknown.
        """
        digest = hashlib.sha256(proof).digest()
        async with self._database.write() as connection:
            known = select(logs.c.log_no).where(logs.c.log_id == log)
            log_no = (await connection.execute(known)).scalar()
            if log_no is None:
                raise StandingError(f"log {log.hex()} is not known here")
            seen = select(forks.c.fork_no).where(forks.c.digest == digest)
            if (await connection.execute(seen)).first() is not None:
                return False
            values = {"log_no": log_no, "proof": proof, "digest": digest, "found_ms": now_ms}
            await connection.execute(insert(forks).values(**values))
            await connection.execute(
                update(logs).where(logs.c.log_no == log_no).values(frozen=True)
            )
        return True

    async def forks(self, log: bytes | None = None) -> list[StoredFork]:
        """Return all fork proofs, or those about one log, the oldest first."""
        statement = (
            select(logs.c.log_id, forks.c.proof, forks.c.found_ms)
            .join(logs, logs.c.log_no == forks.c.log_no)
            .order_by(forks.c.fork_no)
        )
        if log is not None:
            statement = statement.where(logs.c.log_id == log)
        async with self._database.read() as connection:
            return [StoredFork(*row) for row in await connection.execute(statement)]


def _log_row(row: Sequence[Any]) -> LogRow:
    log, standing, reason, standing_ms, sequence, head_id, keys, *rest = row
    code, name, introduced_by, introduced_ms, frozen, public_note, first_name, renamed_ms = rest
    has_head = None not in (sequence, head_id, keys)
    return LogRow(
        log=log,
        standing=Standing(standing),
        reason=reason,
        standing_ms=standing_ms,
        stored_head=StoredHead(sequence, head_id, keys) if has_head else None,
        code=code,
        name=name,
        introduced_by=introduced_by,
        introduced_ms=introduced_ms,
        frozen=bool(frozen),
        public_note=public_note or "",
        first_name=first_name,
        renamed_ms=renamed_ms,
    )
