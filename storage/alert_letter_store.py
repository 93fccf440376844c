"""Who gets letters about alerts, where to, and how far each has been told.

A letter's hour is begun in the database before it is sent, so nobody gets two within one, whenever
the node stops. Whoever looks after the node gets them unless they say no.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from storage.account_views import Role, User, user_of
from storage.alert_schema import alert_letters
from storage.database import Database
from storage.returning_schema import mail_digests
from storage.schema import users
from storage.upsert import upsert

WRITTEN_TO = (Role.FEDERATION_ADMIN, Role.OPERATOR)
_ERROR_CHARS_MAX = 500


@dataclass(frozen=True, slots=True)
class AlertReader:
    """A user who may get letters. ``confirmed_address`` is the one confirmed for other letters;
    ``told_no`` the number of the newest alert told; no letter is sent before ``next_ms``.
    """

    user: User
    confirmed_address: str | None
    wanted: bool
    told_no: int
    next_ms: int
    sent_ms: int | None
    error: str | None
    error_ms: int | None


class AlertLetterStore:
    """Reads and writes the table ``alert_letters``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[AlertReader]:
        """Return every active user with a role that is written to."""
        roles = [role.value for role in WRITTEN_TO]
        statement = (
            select(
                users,
                *(column for column in alert_letters.columns if column.name != "user_no"),
                mail_digests.c.address,
                mail_digests.c.confirmed_ms,
            )
            .join_from(users, alert_letters, isouter=True)
            .join(mail_digests, mail_digests.c.user_no == users.c.user_no, isouter=True)
            .where(users.c.deactivated_ms.is_(None), users.c.role.in_(roles))
            .order_by(users.c.user_no)
        )
        async with self._database.read() as connection:
            return [_reader(row) for row in await connection.execute(statement)]

    async def set_wanted(self, number: int, wanted: bool) -> None:
        """Write to a user from now on, or no more."""
        await self._put(number, ["wanted"], wanted=wanted)

    async def begin(self, number: int, next_ms: int) -> None:
        """A letter to a user is about to be sent; no other before ``next_ms``."""
        await self._put(number, ["next_ms"], next_ms=next_ms)

    async def told(self, number: int, told_no: int, now_ms: int) -> None:
        """A letter was taken, or may have been, that tells of alerts up to one."""
        values = {"told_no": told_no, "sent_ms": now_ms, "error": None, "error_ms": None}
        await self._change(number, **values)

    async def failed(self, number: int, error: str, now_ms: int, next_ms: int) -> None:
        """A letter was certainly not taken; it is tried again at ``next_ms``."""
        text = error[:_ERROR_CHARS_MAX].replace("\0", "")
        await self._change(number, error=text, error_ms=now_ms, next_ms=next_ms)

    async def _put(self, number: int, columns: list[str], **values: object) -> None:
        row = {"user_no": number, "wanted": True, "told_no": 0, "next_ms": 0} | values
        async with self._database.write() as connection:
            statement = upsert(self._database, alert_letters, columns)
            await connection.execute(statement, [row])

    async def _change(self, number: int, **values: object) -> None:
        statement = update(alert_letters).where(alert_letters.c.user_no == number)
        async with self._database.write() as connection:
            await connection.execute(statement.values(**values))


def _reader(row: Row[Any]) -> AlertReader:
    return AlertReader(
        user=user_of(row),
        confirmed_address=row.address if row.confirmed_ms is not None else None,
        wanted=True if row.wanted is None else bool(row.wanted),
        told_no=row.told_no or 0,
        next_ms=row.next_ms or 0,
        sent_ms=row.sent_ms,
        error=row.error,
        error_ms=row.error_ms,
    )
