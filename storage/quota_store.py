"""How much of each log is kept, and how much each neighbour may bring in a day.

Sizes are of entries and contents before compression: packing them anew, as the node does now and
then, changes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import delete, func, select

from storage.audit_store import note
from storage.database import Database
from storage.quota_schema import neighbour_days, quotas
from storage.schema import logs, runs
from storage.upsert import upsert

DAY_MS = 24 * 60 * 60 * 1000


class QuotaKind(StrEnum):
    """Of what there are quotas: a log as a whole, a neighbour in a day."""

    LOG = "log"
    NEIGHBOUR = "neighbour"


class EntryQuota(NamedTuple):
    """How many entries at most, and how many bytes."""

    entries: int
    size_bytes: int


class Day(NamedTuple):
    """What a neighbour has brought in the 24 hours from ``began_ms``."""

    began_ms: int
    entries: int
    size_bytes: int

    @property
    def ends_ms(self) -> int:
        """When the next one may begin."""
        return self.began_ms + DAY_MS

    def lasts(self, now_ms: int) -> bool:
        """Whether it has begun and is not over; a clock that was set back ends it."""
        return self.began_ms <= now_ms < self.ends_ms


class Change(NamedTuple):
    """A quota that a person has changed; ``quota`` is None for the one that the settings give."""

    kind: QuotaKind
    log: bytes
    quota: EntryQuota | None
    actor: str
    action: str
    detail: str


class QuotaStore:
    """Reads and writes the tables of storage/quota_schema.py, and reads how large logs are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def changed(self) -> dict[tuple[QuotaKind, bytes], EntryQuota]:
        """Return the quotas that differ from those of the settings."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(quotas))
            return {
                (QuotaKind(row.kind), row.log_id): EntryQuota(row.entries, row.size_bytes)
                for row in rows
            }

    async def change(self, change: Change, now_ms: int) -> None:
        """Keep a changed quota, or forget it; the decision is audited in the same transaction."""
        kind, log, quota, *said = change
        key = (quotas.c.log_id == log, quotas.c.kind == kind.value)
        async with self._database.write() as connection:
            if quota is None:
                await connection.execute(delete(quotas).where(*key))
            else:
                row = {"log_id": log, "kind": kind.value, **quota._asdict()}
                await connection.execute(upsert(self._database, quotas), [row])
            await note(connection, said[0], said[1], log.hex(), said[2], now_ms)

    async def sizes(self) -> dict[bytes, int]:
        """Return how many bytes are kept of each log that has entries; looks at every run."""
        sums = select(runs.c.log_no, func.sum(runs.c.size_bytes)).group_by(runs.c.log_no)
        async with self._database.read() as connection:
            names = dict((await connection.execute(select(logs.c.log_no, logs.c.log_id))).all())
            return {names[number]: int(size) for number, size in await connection.execute(sums)}

    async def size(self, log: bytes) -> int:
        """Return how many bytes are kept of one log."""
        number = select(logs.c.log_no).where(logs.c.log_id == log).scalar_subquery()
        statement = select(func.sum(runs.c.size_bytes)).where(runs.c.log_no == number)
        async with self._database.read() as connection:
            return int((await connection.execute(statement)).scalar() or 0)

    async def days(self) -> dict[bytes, Day]:
        """Return what each neighbour has brought in its last day."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(neighbour_days))
            return {row.neighbour_id: Day(*row[1:]) for row in rows}

    async def save_day(self, neighbour: bytes, day: Day) -> None:
        """Keep what a neighbour has brought."""
        row = {"neighbour_id": neighbour, **day._asdict()}
        async with self._database.write() as connection:
            await connection.execute(upsert(self._database, neighbour_days), [row])
