"""Which entries and files the disk has changed, from when it was found until they are back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import delete, exists, insert, select

from protocol.blob_messages import Blob
from storage.blob_schema import blobs
from storage.damage_schema import damaged_files, damaged_runs
from storage.database import Database
from storage.schema import logs
from storage.upsert import upsert


class Gap(NamedTuple):
    """Entries of one log, both ends included, that are not whole here."""

    first: int
    last: int

    @property
    def entry_count(self) -> int:
        """How many entries."""
        return self.last - self.first + 1


class Damage(NamedTuple):
    """A gap, whose log it is in, and when it was found."""

    log: bytes
    gap: Gap
    found_ms: int


class DamageStore:
    """Reads and writes the tables ``damaged_runs`` and ``damaged_files``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, log: bytes, within: Gap, found: Sequence[Gap], now_ms: int) -> None:
        """Keep what was found ``within`` a stretch of a log, in the place of what was known of it.

        What was known before keeps its time, unless that was 0.
        """
        number = select(logs.c.log_no).where(logs.c.log_id == log)
        async with self._database.write() as connection:
            log_no = await connection.scalar(number)
            touching = (
                damaged_runs.c.log_no == log_no,
                damaged_runs.c.first_sequence <= within.last,
                damaged_runs.c.last_sequence >= within.first,
            )
            before = (await connection.execute(select(damaged_runs).where(*touching))).all()
            await connection.execute(delete(damaged_runs).where(*touching))
            since_ms = min([row.found_ms for row in before if row.found_ms], default=now_ms)
            kept = [Gap(row.first_sequence, row.last_sequence) for row in before]
            rows = [
                {"log_no": log_no, "first_sequence": gap.first, "last_sequence": gap.last}
                | {"found_ms": since_ms}
                for gap in _merged([*_outside(kept, within), *found])
            ]
            if rows:
                await connection.execute(insert(damaged_runs), rows)

    async def open(self) -> list[Damage]:
        """Return what is not back yet, those found first in front."""
        statement = (
            select(logs.c.log_id, damaged_runs)
            .join(logs, logs.c.log_no == damaged_runs.c.log_no)
            .order_by(damaged_runs.c.found_ms, damaged_runs.c.log_no)
            .order_by(damaged_runs.c.first_sequence)
        )
        async with self._database.read() as connection:
            return [
                Damage(row.log_id, Gap(row.first_sequence, row.last_sequence), row.found_ms)
                for row in await connection.execute(statement)
            ]

    async def note_file(self, blob: Blob, now_ms: int) -> None:
        """Keep that a file was removed because the disk had changed it."""
        row = {"digest": blob.digest, "size_bytes": blob.size_bytes, "found_ms": now_ms}
        async with self._database.write() as connection:
            await connection.execute(upsert(self._database, damaged_files), [row])

    async def open_files(self) -> list[Blob]:
        """Return the files that are not back yet; those that are, or are named by nothing any
        more, are forgotten."""
        is_missing = exists(
            select(blobs.c.digest).where(
                blobs.c.digest == damaged_files.c.digest,
                blobs.c.size_bytes == damaged_files.c.size_bytes,
                blobs.c.held_ms.is_(None),
                blobs.c.unnamed_ms.is_(None),
            )
        )
        statement = select(damaged_files.c.digest, damaged_files.c.size_bytes, is_missing)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        settled = [row.digest for row in rows if not row[2]]
        if settled:
            async with self._database.write() as connection:
                gone = delete(damaged_files).where(damaged_files.c.digest.in_(settled))
                await connection.execute(gone)
        return [Blob(row.digest, row.size_bytes) for row in rows if row[2]]


def _outside(gaps: Iterable[Gap], within: Gap) -> list[Gap]:
    """What of some gaps lies before or behind a stretch."""
    parts = [
        part
        for gap in gaps
        for part in (Gap(gap.first, within.first - 1), Gap(within.last + 1, gap.last))
    ]
    return [part for part in parts if part.first <= part.last]


def _merged(gaps: Iterable[Gap]) -> list[Gap]:
    """The same entries in as few gaps as possible, in order."""
    merged: list[Gap] = []
    for gap in sorted(gaps):
        if merged and gap.first <= merged[-1].last + 1:
            merged[-1] = Gap(merged[-1].first, max(merged[-1].last, gap.last))
        else:
            merged.append(gap)
    return merged
