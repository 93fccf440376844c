"""Which files are wanted and held, and whom they concern; the bytes are in storage/blob_files.py.

A file is *named* when the current version of a standing record of an accepted log lists it. Only
then is it fetched or passed on. A row of ``blobs`` outlives its naming by a while, so that what is
taken back by mistake is not lost at once (:mod:`storage.blob_sweep` removes it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.blob_messages import Blob
from protocol.directory import ACCEPTED_STANDINGS
from storage.blob_schema import attachments, blobs
from storage.database import Database
from storage.schema import logs, records
from storage.upsert import upsert
from storage.visible_logs import read_visible_logs

ASKED_ABOUT_MAX = 1_000
_EVER_MS = 2**62
_ACCEPTED = logs.c.standing.in_([standing.value for standing in ACCEPTED_STANDINGS])
_IS_HELD = blobs.c.held_ms.is_not(None)
_MEANS_THE_SAME = and_(
    attachments.c.digest == blobs.c.digest, attachments.c.size_bytes == blobs.c.size_bytes
)
IS_NAMED = exists(
    select(attachments.c.digest).join(logs, logs.c.log_no == attachments.c.log_no)
    .where(_MEANS_THE_SAME, _ACCEPTED).correlate(blobs)
)  # fmt: skip
"""That a row of ``blobs`` is named."""


class Quota(NamedTuple):
    """How much room files may take: all together, and those that one log names."""

    node_bytes: int
    log_bytes: int


@dataclass(frozen=True, slots=True)
class BlobUsage:
    """How many files there are and how large they are together."""

    held: int
    held_bytes: int
    wanted: int
    wanted_bytes: int


class Wanted(NamedTuple):
    """Files to fetch, and those for which there is no room."""

    fitting: list[Blob]
    without_room: list[Blob]


class FullRooms(NamedTuple):
    """What is full, so that wanted files cannot be fetched: the room of all, and of which logs."""

    node: bool
    logs: list[bytes]


class BlobStore:
    """Reads and writes the table ``blobs``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hold(self, blob: Blob, now_ms: int) -> None:
        """Note that a file is here and durable; what was wanted under its digest is settled."""
        row = {**_row(blob), "held_ms": now_ms, "tried_ms": now_ms, "unnamed_ms": None}
        async with self._database.write() as connection:
            other = and_(blobs.c.digest == blob.digest, blobs.c.size_bytes != blob.size_bytes)
            await connection.execute(delete(blobs).where(other))
            await connection.execute(upsert(self._database, blobs), [row])

    async def lose(self, blob: Blob) -> None:
        """Note that a file is no longer here or no longer whole: it is wanted again."""
        async with self._database.write() as connection:
            statement = update(blobs).where(_is(blob)).values(held_ms=None, tried_ms=0)
            await connection.execute(statement)

    async def held(self, digests: Iterable[bytes]) -> dict[bytes, Blob]:
        """Return those of some files that are here."""
        statement = select(blobs.c.digest, blobs.c.size_bytes).where(
            blobs.c.digest.in_(list(digests)), _IS_HELD
        )
        async with self._database.read() as connection:
            rows = await connection.execute(statement)
            return {row.digest: Blob(row.digest, row.size_bytes) for row in rows}

    async def held_after(self, digest: bytes, count_max: int) -> list[Blob]:
        """Return the next files that are here, in the order of their digests."""
        statement = (
            select(blobs.c.digest, blobs.c.size_bytes)
            .where(blobs.c.digest > digest, _IS_HELD)
            .order_by(blobs.c.digest)
            .limit(count_max)
        )
        async with self._database.read() as connection:
            return [Blob(*row) for row in await connection.execute(statement)]

    async def may_pass_on(self, asked: Collection[Blob]) -> set[Blob]:
        """Return those of some files that are here and named."""
        digests = [blob.digest for blob in asked]
        found: set[Blob] = set()
        if not digests:
            return found
        async with self._database.read() as connection:
            for start in range(0, len(digests), ASKED_ABOUT_MAX):
                some = digests[start : start + ASKED_ABOUT_MAX]
                statement = select(blobs.c.digest, blobs.c.size_bytes)
                statement = statement.where(blobs.c.digest.in_(some), _IS_HELD, IS_NAMED)
                found.update(Blob(*row) for row in await connection.execute(statement))
        return found.intersection(asked)

    async def may_read(self, digest: bytes, visible: Sequence[str]) -> Blob | None:
        """Return a file that is here if a record names it that such a reader may see."""
        async with self._database.read() as connection:
            seen = await read_visible_logs(connection)
            statement = (
                select(blobs.c.digest, blobs.c.size_bytes)
                .join(attachments, _MEANS_THE_SAME)
                .join(records, records.c.record_id == attachments.c.record_id)
                .where(blobs.c.digest == digest, _IS_HELD, records.c.visibility.in_(visible))
                .where(*seen.shows(attachments))
            )
            row = (await connection.execute(statement.limit(1))).first()
        return Blob(row.digest, row.size_bytes) if row else None

    async def wanted(self, count_max: int, tried_before_ms: int, quota: Quota) -> Wanted:
        """Return files to fetch, those tried least lately first, as far as there is room."""
        async with self._database.read() as connection:
            found: dict[Blob, int] = {}
            for row in await connection.execute(_wanted(count_max, tried_before_ms)):
                found.setdefault(Blob(row.digest, row.size_bytes), row.log_no)
            if not found:
                return Wanted([], [])
            room = quota.node_bytes - (await _usage(connection)).held_bytes
            rooms = {
                log_no: quota.log_bytes - await _used_by(connection, log_no)
                for log_no in set(found.values())
            }
        wanted = Wanted([], [])
        for blob, log_no in found.items():
            if blob.size_bytes <= min(room, rooms[log_no]):
                room -= blob.size_bytes
                rooms[log_no] -= blob.size_bytes
                wanted.fitting.append(blob)
            else:
                wanted.without_room.append(blob)
        return wanted

    async def without_room(self, quota: Quota) -> FullRooms:
        """Return where there is no room for a file that is wanted; the longest waiting are asked
        about.
        """
        async with self._database.read() as connection:
            found = list(await connection.execute(_wanted(ASKED_ABOUT_MAX, _EVER_MS)))
            if not found:
                return FullRooms(False, [])
            room = quota.node_bytes - (await _usage(connection)).held_bytes
            largest: dict[int, int] = {}
            for row in found:
                largest[row.log_no] = max(row.size_bytes, largest.get(row.log_no, 0))
            full = [
                log_no
                for log_no, size_bytes in largest.items()
                if size_bytes > quota.log_bytes - await _used_by(connection, log_no)
            ]
            names = select(logs.c.log_id).where(logs.c.log_no.in_(full)).order_by(logs.c.log_id)
            named = list(await connection.scalars(names)) if full else []
        return FullRooms(max(largest.values()) > room, named)

    async def is_wanted(self, blob: Blob) -> bool:
        """Whether a file is named and not here."""
        statement = select(blobs.c.digest).where(_is(blob), ~_IS_HELD, IS_NAMED)
        async with self._database.read() as connection:
            return (await connection.execute(statement)).first() is not None

    async def forget_tries_after(self, now_ms: int) -> None:
        """Take those that seem to have been tried later as never tried: the clock was wrong then.

        They would wait until that time has come.
        """
        later = and_(~_IS_HELD, blobs.c.tried_ms > now_ms)
        async with self._database.write() as connection:
            await connection.execute(update(blobs).where(later).values(tried_ms=0))

    async def note_tried(self, tried: Sequence[Blob], now_ms: int) -> None:
        """Put files that nobody could give, or that have no room, at the end of the line."""
        key = and_(
            blobs.c.digest == bindparam("wanted_digest"),
            blobs.c.size_bytes == bindparam("wanted_size"),
        )
        rows = [
            {"wanted_digest": blob.digest, "wanted_size": blob.size_bytes, "at_ms": now_ms}
            for blob in tried
        ]
        if rows:
            async with self._database.write() as connection:
                statement = update(blobs).where(key).values(tried_ms=bindparam("at_ms"))
                await connection.execute(statement, rows)

    async def usage(self) -> BlobUsage:
        """Return how many files there are."""
        async with self._database.read() as connection:
            return await _usage(connection)


def _row(blob: Blob) -> dict[str, object]:
    return {"digest": blob.digest, "size_bytes": blob.size_bytes}


def _is(blob: Blob) -> ColumnElement[bool]:
    return and_(blobs.c.digest == blob.digest, blobs.c.size_bytes == blob.size_bytes)


def _wanted(count_max: int, tried_before_ms: int) -> Select[Any]:
    held = blobs.alias("held")
    is_settled = exists(
        select(held.c.digest).where(held.c.digest == blobs.c.digest, held.c.held_ms.is_not(None))
    )
    return (
        select(blobs.c.digest, blobs.c.size_bytes, attachments.c.log_no)
        .join(attachments, _MEANS_THE_SAME)
        .join(logs, logs.c.log_no == attachments.c.log_no)
        .where(~_IS_HELD, blobs.c.tried_ms < tried_before_ms, _ACCEPTED, ~is_settled)
        .order_by(blobs.c.tried_ms)
        .limit(count_max)
    )


async def _usage(connection: AsyncConnection) -> BlobUsage:
    counts = []
    for condition in (_IS_HELD, and_(~_IS_HELD, IS_NAMED)):
        size = func.coalesce(func.sum(blobs.c.size_bytes), 0)
        row = (await connection.execute(select(func.count(), size).where(condition))).one()
        counts += [int(number) for number in row]
    return BlobUsage(*counts)


async def _used_by(connection: AsyncConnection, log_no: int) -> int:
    """How much room the files take that one log names."""
    named = (
        select(attachments.c.digest, attachments.c.size_bytes)
        .where(attachments.c.log_no == log_no)
        .distinct()
        .subquery("named")
    )
    statement = select(func.coalesce(func.sum(named.c.size_bytes), 0)).join(
        blobs,
        and_(blobs.c.digest == named.c.digest, blobs.c.size_bytes == named.c.size_bytes, _IS_HELD),
    )
    return int(await connection.scalar(statement.select_from(named)) or 0)
