"""Neighbours: whom to sync with, how it went last, and who is knocking.

Every choice here is this node's own. A removed neighbour is kept with the time of removal, so that
history can be shown and nothing adds it back silently. Knocks come from strangers and are bounded.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, delete, select, update

from storage.database import Database
from storage.errors import StandingError, UnknownKnockError
from storage.neighbour_views import Direction, Knock, LinkHistory, Neighbour
from storage.prepared import Selection
from storage.schema import knocks, neighbours
from storage.upsert import upsert

KNOCKS_MAX = 200
"""Knocks kept without an invite; the oldest make room, so that strangers cannot fill the disk."""
ERROR_CHARS_MAX = 500
_EVER = select(neighbours).order_by(neighbours.c.added_ms, neighbours.c.log_id)
_ALL = Selection(_EVER)
_PRESENT = Selection(_EVER.where(neighbours.c.removed_ms.is_(None)))


class NeighbourStore:
    """Reads and writes the tables ``neighbours`` and ``knocks``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, log: bytes, url: str | None, name: str, now_ms: int) -> None:
        """Add a neighbour, or change the address of one; ends its knock.

        ``url`` is None for a neighbour that dials us. Its history is kept when it is known.
        """
        row = {"log_id": log, "url": url, "name": name, "added_ms": now_ms, "removed_ms": None}
        async with self._database.write() as connection:
            statement = upsert(self._database, neighbours, ["url", "name", "removed_ms"])
            await connection.execute(statement, [row | {"paused": False}])
            await connection.execute(delete(knocks).where(knocks.c.log_id == log))

    async def remove(self, log: bytes, now_ms: int) -> None:
        """Stop syncing with a neighbour; raises :class:`StandingError` when it is none."""
        await self._change(log, removed_ms=now_ms, paused=False)

    async def set_paused(self, log: bytes, paused: bool) -> None:
        """Pause or resume a neighbour; raises :class:`StandingError` when it is none."""
        await self._change(log, paused=paused)

    async def get(self, log: bytes) -> Neighbour | None:
        """Return a present neighbour, or None."""
        found = [neighbour for neighbour in await self.all() if neighbour.log == log]
        return found[0] if found else None

    async def all(self, *, removed: bool = False) -> list[Neighbour]:
        """Return the neighbours, oldest first; with ``removed`` also those of the past."""
        statement = _ALL if removed else _PRESENT
        rows = await self._database.rows(statement)
        return [_neighbour(row) for row in statement.named(rows)]

    async def record_success(
        self, log: bytes, direction: Direction, now_ms: int, settled: Collection[str] = ()
    ) -> None:
        """Note that a session in this direction was established; clears its error alone.

        Errors of the other direction stay, but those with a ``settled`` code: a session either
        way shows that they are over.
        """
        other = next(way for way in Direction if way is not direction).value
        codes = neighbours.c[f"{other}_error_code"]
        over = {f"{other}_error": None, f"{other}_error_code": None}
        await self._note(log, direction, success_ms=now_ms, error=None, error_code=None)
        if settled:
            where = and_(neighbours.c.log_id == log, codes.in_(settled))
            async with self._database.write() as connection:
                await connection.execute(update(neighbours).where(where).values(**over))

    async def record_failure(
        self, log: bytes, direction: Direction, code: str, error: str, now_ms: int
    ) -> None:
        """Note why connecting in this direction failed; the last success stays."""
        text = error[:ERROR_CHARS_MAX]
        await self._note(log, direction, error_code=code, error=text, error_ms=now_ms)

    async def knock(
        self,
        log: bytes,
        code: str,
        name: str,
        now_ms: int,
        *,
        invite: int | None = None,
        url: str | None = None,
    ) -> None:
        """Note a stranger that wants to become a neighbour; a dismissed one stays dismissed.

        With ``invite``, the number of one made here, the stranger is not pushed out by others, and
        asks anew when it was dismissed before it had that one; ``url`` is where it can be dialled.
        """
        row = {"log_id": log, "code": code, "name": name, "dismissed": False}
        times = {"first_ms": now_ms, "last_ms": now_ms, "times": 1}
        statement = upsert(self._database, knocks, ["code", "name", "last_ms"])
        known = update(knocks).where(knocks.c.log_id == log)
        anew = known.where(knocks.c.invite_no.is_distinct_from(invite))
        uninvited = knocks.c.invite_no.is_(None)
        newest = select(knocks.c.log_id).where(uninvited).order_by(knocks.c.last_ms.desc())
        old = uninvited & knocks.c.log_id.not_in(newest.limit(KNOCKS_MAX))
        async with self._database.write() as connection:
            await connection.execute(known.values(times=knocks.c.times + 1))
            await connection.execute(statement, [row | times])
            if invite is not None:
                await connection.execute(anew.values(dismissed=False))
                await connection.execute(known.values(invite_no=invite, url=url))
            await connection.execute(delete(knocks).where(old))

    async def knocks(self, *, dismissed: bool = False) -> list[Knock]:
        """Return those who wait for an answer, newest first; with ``dismissed`` the refused too."""
        statement = select(knocks).order_by(knocks.c.last_ms.desc())
        if not dismissed:
            statement = statement.where(knocks.c.dismissed.is_(False))
        async with self._database.read() as connection:
            return [
                Knock(
                    row.log_id,
                    row.code,
                    row.name,
                    row.first_ms,
                    row.last_ms,
                    row.times,
                    row.dismissed,
                    row.url,
                    row.invite_no,
                )
                for row in await connection.execute(statement)
            ]

    async def dismiss_knock(self, log: bytes) -> None:
        """Show this knock no more, however often it comes back.

        Raises :class:`UnknownKnockError`.
        """
        statement = update(knocks).where(knocks.c.log_id == log).values(dismissed=True)
        async with self._database.write() as connection:
            changed = await connection.execute(statement)
        if changed.rowcount == 0:
            raise UnknownKnockError(f"{log.hex()} does not knock")

    async def drop_knock(self, log: bytes) -> None:
        """Forget a knock that was answered for good."""
        async with self._database.write() as connection:
            await connection.execute(delete(knocks).where(knocks.c.log_id == log))

    async def _change(self, log: bytes, **values: Any) -> None:
        present = and_(neighbours.c.log_id == log, neighbours.c.removed_ms.is_(None))
        async with self._database.write() as connection:
            changed = await connection.execute(update(neighbours).where(present).values(**values))
        if changed.rowcount == 0:
            raise StandingError(f"{log.hex()} is not a neighbour")

    async def _note(self, log: bytes, direction: Direction, **values: Any) -> None:
        columns = {f"{direction.value}_{name}": value for name, value in values.items()}
        statement = update(neighbours).where(neighbours.c.log_id == log).values(**columns)
        async with self._database.write() as connection:
            await connection.execute(statement)


def _neighbour(row: Any) -> Neighbour:
    outgoing, incoming = (
        LinkHistory(
            success_ms=getattr(row, f"{direction.value}_success_ms"),
            error_code=getattr(row, f"{direction.value}_error_code"),
            error=getattr(row, f"{direction.value}_error"),
            error_ms=getattr(row, f"{direction.value}_error_ms"),
        )
        for direction in Direction
    )
    return Neighbour(
        log=row.log_id,
        url=row.url,
        name=row.name,
        added_ms=row.added_ms,
        paused=bool(row.paused),
        outgoing=outgoing,
        incoming=incoming,
        removed_ms=row.removed_ms,
    )
