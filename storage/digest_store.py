"""Who wants letters about what is new, and how far each has been told.

A period is begun in the database before its letter is sent, and ended after. One that was begun and
not ended (a crash, a power cut) counts as sent: it may have been, and nobody gets a letter twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, update

from storage.account_views import User, user_of
from storage.database import Database
from storage.errors import LinkSpentError
from storage.returning_schema import mail_digests
from storage.schema import users
from storage.upsert import upsert

WAITING, SENDING, FAILED = "waiting", "sending", "failed"
_ERROR_CHARS_MAX = 500


@dataclass(frozen=True, slots=True)
class Digest:
    """One user's letters. Those are sent once ``confirmed_ms`` is there.

    ``through_ms``: what arrived until then has been told. ``period_ms``: the end of the newest
    period that was begun.
    """

    user: User
    address: str
    frequency: str
    confirmed_ms: int | None
    stop_key: bytes
    through_ms: int
    period_ms: int
    state: str
    attempts: int
    next_try_ms: int
    sent_ms: int | None
    error: str | None
    error_ms: int | None


class DigestStore:
    """Reads and writes the table ``mail_digests``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Digest]:
        """Return the letters of all active users, in the order of the users."""
        return await self._find()

    async def of_user(self, number: int) -> Digest | None:
        """Return a user's letters, confirmed or not."""
        return await self._first(mail_digests.c.user_no == number)

    async def by_stop_key(self, key: bytes) -> Digest | None:
        """Return whose letters a key ends."""
        return await self._first(mail_digests.c.stop_key == key)

    async def by_confirmation(self, digest: bytes, now_ms: int) -> Digest | None:
        """Return whose address a link confirms; None when it is spent or too old."""
        return await self._first(_waits(digest, now_ms))

    async def ask(
        self, number: int, address: str, frequency: str, link: tuple[bytes, int], stop_key: bytes
    ) -> None:
        """Keep an address until ``link`` (its digest, its end) confirms it; replaces all before."""
        row = {
            "user_no": number,
            "address": address,
            "frequency": frequency,
            "confirm_digest": link[0],
            "confirm_expires_ms": link[1],
            "confirmed_ms": None,
            "stop_key": stop_key,
            "through_ms": 0,
            "period_ms": 0,
            "state": WAITING,
            "attempts": 0,
            "next_try_ms": 0,
            "sent_ms": None,
            "error": None,
            "error_ms": None,
        }
        async with self._database.write() as connection:
            await connection.execute(upsert(self._database, mail_digests), [row])

    async def confirm(self, digest: bytes, now_ms: int) -> None:
        """Spend a link: letters tell what arrives from now on; raises :class:`LinkSpentError`."""
        values = {
            "confirm_digest": None,
            "confirm_expires_ms": None,
            "confirmed_ms": now_ms,
            "through_ms": now_ms,
            "period_ms": now_ms,
        }
        if await self._change(values, _waits(digest, now_ms)) != 1:
            raise LinkSpentError("that link was used or replaced, or is too old")

    async def change_frequency(self, number: int, frequency: str) -> None:
        """Send more or less often; what was told stays told."""
        await self._change({"frequency": frequency}, mail_digests.c.user_no == number)

    async def stop(self, number: int) -> None:
        """Forget a user's letters and address."""
        async with self._database.write() as connection:
            await connection.execute(delete(mail_digests).where(mail_digests.c.user_no == number))

    async def due(self, ends_ms: Mapping[str, int], now_ms: int) -> list[Digest]:
        """Return those who are to get a letter now; ``ends_ms`` has each frequency's last end.

        A period that failed is due again at its time, and with the next period at the latest. One
        that ends after ``now_ms`` was begun while the clock was wrong: there is another to begin.
        """
        found = await self._find(mail_digests.c.confirmed_ms.is_not(None))
        return [
            one
            for one in found
            if one.state != SENDING
            and (
                one.period_ms < ends_ms.get(one.frequency, 0)
                or one.period_ms > now_ms
                or (one.state == FAILED and one.next_try_ms <= now_ms)
            )
        ]

    async def begin(self, digest: Digest, period_ms: int) -> bool:
        """Begin a period, or try it again; False when somebody else has, or letters were ended."""
        same = (
            mail_digests.c.user_no == digest.user.number,
            mail_digests.c.stop_key == digest.stop_key,
            mail_digests.c.state == digest.state,
            mail_digests.c.period_ms == digest.period_ms,
            mail_digests.c.attempts == digest.attempts,
        )
        attempts = digest.attempts + 1 if period_ms == digest.period_ms else 1
        values = {"state": SENDING, "period_ms": period_ms, "attempts": attempts}
        return await self._change(values, *same) == 1

    async def told(self, number: int, period_ms: int, sent_ms: int | None) -> None:
        """End a period: the letter was taken at ``sent_ms``, or there was nothing to tell."""
        values: dict[str, Any] = {"state": WAITING, "through_ms": period_ms, "attempts": 0}
        if sent_ms is not None:
            values |= {"sent_ms": sent_ms, "error": None, "error_ms": None}
        await self._change(values, _is_sending(number))

    async def failed(self, number: int, error: str, now_ms: int, next_try_ms: int | None) -> None:
        """End an attempt that was certainly in vain; without another time the next period tells."""
        state = WAITING if next_try_ms is None else FAILED
        values = {"state": state, "next_try_ms": next_try_ms or 0, **_error(error, now_ms)}
        await self._change(values, _is_sending(number))

    async def uncertain(self, error: str, now_ms: int, number: int | None = None) -> int:
        """End periods (of one user, or all that are begun) of which nobody knows whether the letter
        was taken: they count as sent. Returns how many.
        """
        values = {
            "state": WAITING,
            "through_ms": mail_digests.c.period_ms,
            "attempts": 0,
            **_error(error, now_ms),
        }
        which = mail_digests.c.state == SENDING if number is None else _is_sending(number)
        return await self._change(values, which)

    async def _change(self, values: Mapping[str, Any], *which: ColumnElement[bool]) -> int:
        async with self._database.write() as connection:
            changed = await connection.execute(update(mail_digests).where(*which).values(**values))
            return changed.rowcount

    async def _find(self, *which: ColumnElement[bool]) -> list[Digest]:
        statement = (
            select(users, *(column for column in mail_digests.columns if column.name != "user_no"))
            .join_from(mail_digests, users)
            .where(users.c.deactivated_ms.is_(None), *which)
            .order_by(users.c.user_no)
        )
        async with self._database.read() as connection:
            return [_digest(row) for row in await connection.execute(statement)]

    async def _first(self, which: ColumnElement[bool]) -> Digest | None:
        found = await self._find(which)
        return found[0] if found else None


def _waits(digest: bytes, now_ms: int) -> ColumnElement[bool]:
    return (mail_digests.c.confirm_digest == digest) & (mail_digests.c.confirm_expires_ms > now_ms)


def _is_sending(number: int) -> ColumnElement[bool]:
    return (mail_digests.c.user_no == number) & (mail_digests.c.state == SENDING)


def _error(error: str, now_ms: int) -> dict[str, Any]:
    return {"error": error[:_ERROR_CHARS_MAX].replace("\0", ""), "error_ms": now_ms}


def _digest(row: Row[Any]) -> Digest:
    return Digest(
        user=user_of(row),
        address=row.address,
        frequency=row.frequency,
        confirmed_ms=row.confirmed_ms,
        stop_key=bytes(row.stop_key),
        through_ms=row.through_ms,
        period_ms=row.period_ms,
        state=row.state,
        attempts=row.attempts,
        next_try_ms=row.next_try_ms,
        sent_ms=row.sent_ms,
        error=row.error,
        error_ms=row.error_ms,
    )
