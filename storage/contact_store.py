"""How contact with each neighbour has gone, kept over restarts for people to look at.

Bounded: one row a neighbour, one for each log it has spoken of that is accepted here, and the
newest errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.contact_schema import neighbour_contacts, neighbour_errors, neighbour_logs
from storage.database import Database
from storage.neighbour_views import Direction
from storage.schema import neighbours
from storage.upsert import upsert

ERRORS_KEPT = 20
"""Errors of one neighbour; the oldest make room."""
TEXT_CHARS_MAX = 500


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One neighbour's row of ``neighbour_contacts``; times are milliseconds since 1970."""

    neighbour_id: bytes
    received_bytes: int
    sent_bytes: int
    protocol_version: int | None
    certificate_ends_ms: int | None
    compared_ms: int | None
    behind_in_since_ms: int | None
    behind_out_since_ms: int | None


class LogOfNeighbour(NamedTuple):
    """How far a neighbour held a log, and how many of its entries it brought us first."""

    sequence: int
    brought: int


@dataclass(frozen=True, slots=True)
class PastError:
    """An error that came ``times`` times in a row; ``detail`` is for who reads the technical part.

    ``direction`` is the way in which the session was opened, as text.
    """

    direction: str
    code: str
    error: str
    detail: str
    first_ms: int
    last_ms: int
    times: int


class ContactStore:
    """Reads and writes the tables of storage/contact_schema.py."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def contacts(self) -> list[ContactRow]:
        """Return what is known of every neighbour, past ones too."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(neighbour_contacts))
            return [ContactRow(*row) for row in rows]

    async def logs(self) -> dict[bytes, dict[bytes, LogOfNeighbour]]:
        """Return by neighbour and log how far each was held, and what was brought."""
        found: dict[bytes, dict[bytes, LogOfNeighbour]] = {}
        async with self._database.read() as connection:
            for neighbour, log, sequence, brought in await connection.execute(
                select(neighbour_logs)
            ):
                found.setdefault(neighbour, {})[log] = LogOfNeighbour(sequence, brought)
        return found

    async def save(self, row: ContactRow, logs: Mapping[bytes, LogOfNeighbour]) -> None:
        """Keep a neighbour's row, and of its logs those given."""
        changed = [
            {"neighbour_id": row.neighbour_id, "log_id": log, **held._asdict()}
            for log, held in logs.items()
        ]
        async with self._database.write() as connection:
            await connection.execute(upsert(self._database, neighbour_contacts), [asdict(row)])
            if changed:
                await connection.execute(upsert(self._database, neighbour_logs), changed)

    async def errors(self, neighbour: bytes) -> list[PastError]:
        """Return the last errors of a neighbour, the newest first."""
        columns = neighbour_errors.c
        statement = (
            select(*(columns[name] for name in PastError.__slots__))
            .where(columns.neighbour_id == neighbour)
            .order_by(columns.last_ms.desc(), columns.error_no.desc())
        )
        async with self._database.read() as connection:
            return [PastError(*row) for row in await connection.execute(statement)]

    async def note_error(
        self,
        neighbour: bytes,
        direction: Direction,
        code: str,
        error: str,
        now_ms: int,
        detail: str = "",
    ) -> None:
        """Add an error to the history; the last one again, with no success between, is counted."""
        said = {"code": code, "error": error[:TEXT_CHARS_MAX]}
        columns = neighbour_errors.c
        newest = (
            select(columns.error_no, columns.code, columns.error, columns.last_ms)
            .where(columns.neighbour_id == neighbour, columns.direction == direction.value)
            .order_by(columns.error_no.desc())
            .limit(1)
        )
        async with self._database.write() as connection:
            last = (await connection.execute(newest)).first()
            again = last is not None and (last.code, last.error) == (said["code"], said["error"])
            if last is not None and again:
                again = last.last_ms >= await _success_ms(connection, neighbour, direction)
            if last is not None and again:
                counted = {"times": columns.times + 1, "last_ms": now_ms}
                counted |= {"detail": detail[:TEXT_CHARS_MAX]}
                where = columns.error_no == last.error_no
                await connection.execute(update(neighbour_errors).where(where).values(**counted))
                return
            row = {"neighbour_id": neighbour, "direction": direction.value, **said, "times": 1}
            row |= {"detail": detail[:TEXT_CHARS_MAX], "first_ms": now_ms, "last_ms": now_ms}
            await connection.execute(insert(neighbour_errors), [row])
            await _forget_old(connection, neighbour)


async def _success_ms(connection: AsyncConnection, neighbour: bytes, direction: Direction) -> int:
    column = neighbours.c[f"{direction.value}_success_ms"]
    statement = select(column).where(neighbours.c.log_id == neighbour)
    return (await connection.execute(statement)).scalar() or 0


async def _forget_old(connection: AsyncConnection, neighbour: bytes) -> None:
    columns = neighbour_errors.c
    oldest_kept = (
        select(columns.error_no)
        .where(columns.neighbour_id == neighbour)
        .order_by(columns.error_no.desc())
        .offset(ERRORS_KEPT - 1)
        .limit(1)
        .scalar_subquery()
    )
    old = (columns.neighbour_id == neighbour) & (columns.error_no < oldest_kept)
    await connection.execute(delete(neighbour_errors).where(old))
