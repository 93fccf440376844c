"""Sessions of the web view: the digest of a token, whose it is, and when it was last seen.

A session ends by being deleted, here and at once; nothing a browser holds can bring it back. Times
are the wall clock's, since sessions outlive a restart. One that seems to begin far in the future
was made while the clock was wrong, and is over: else it would last until that time has come.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from storage.account_views import USER_COLUMNS, User, user_from
from storage.database import Database
from storage.errors import UnknownUserError
from storage.prepared import Prepared
from storage.schema import users, web_sessions

SESSIONS_OF_ONE_USER_MAX = 20
"""Sessions one user can have; the one that was longest unseen makes room."""
_VISITOR = Prepared(
    select(users.c.form_key, web_sessions.c.seen_ms, *(users.c[name] for name in USER_COLUMNS))
    .join_from(web_sessions, users)
    .where(
        web_sessions.c.digest == bindparam("digest"),
        web_sessions.c.seen_ms > bindparam("idle_ms"),
        web_sessions.c.begun_ms > bindparam("whole_ms"),
        web_sessions.c.begun_ms < bindparam("ahead_ms"),
        users.c.deactivated_ms.is_(None),
    )
)
"""Every page asks it."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts: since it was last seen, and at the most."""

    idle_ms: int
    whole_ms: int

    def bounds(self, now_ms: int) -> dict[str, int]:
        """Return after when a session was seen, and after and before when it was begun."""
        return {
            "idle_ms": now_ms - self.idle_ms,
            "whole_ms": now_ms - self.whole_ms,
            "ahead_ms": now_ms + self.idle_ms,
        }


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page, from when the session dates, and the key that forms carry."""

    user: User
    form_key: bytes
    seen_ms: int


class SessionStore:
    """Reads and writes the table ``web_sessions``."""

    def __init__(self, database: Database, lifetime: Lifetime) -> None:
        self._database = database
        self._lifetime = lifetime

    async def begin(self, digest: bytes, number: int, now_ms: int) -> None:
        """Begin a session of an active user; forgets those that are over.

        Raises :class:`UnknownUserError` when the user was deactivated meanwhile.
        """
        of_user = web_sessions.c.user_no == number
        newest = (
            select(web_sessions.c.digest)
            .where(of_user)
            .order_by(web_sessions.c.seen_ms.desc())
            .limit(SESSIONS_OF_ONE_USER_MAX)
        )
        row = {"digest": digest, "user_no": number, "begun_ms": now_ms, "seen_ms": now_ms}
        active = (users.c.user_no == number, users.c.deactivated_ms.is_(None))
        bounds = self._lifetime.bounds(now_ms)
        over = or_(
            web_sessions.c.seen_ms <= bounds["idle_ms"],
            web_sessions.c.begun_ms <= bounds["whole_ms"],
            web_sessions.c.begun_ms >= bounds["ahead_ms"],
        )
        async with self._database.write() as connection:
            signed_in = update(users).where(*active).values(signed_in_ms=now_ms)
            if (await connection.execute(signed_in)).rowcount != 1:
                raise UnknownUserError(f"there is no active user {number}")
            await connection.execute(insert(web_sessions).values(**row))
            await connection.execute(delete(web_sessions).where(over))
            excess = of_user & web_sessions.c.digest.not_in(newest)
            await connection.execute(delete(web_sessions).where(excess))

    async def visitor(self, digest: bytes, now_ms: int) -> Visitor | None:
        """Return whose session it is; None when it is over or its user may not sign in."""
        values = {"digest": digest, **self._lifetime.bounds(now_ms)}
        for form_key, seen_ms, *user in await self._database.rows(_VISITOR, values):
            return Visitor(user_from(user), bytes(form_key), seen_ms)
        return None

    async def seen(self, digest: bytes, now_ms: int) -> None:
        """Note that a session is in use; one that has ended stays ended."""
        statement = update(web_sessions).where(web_sessions.c.digest == digest)
        async with self._database.write() as connection:
            await connection.execute(statement.values(seen_ms=now_ms))

    async def end(self, digest: bytes) -> None:
        """End one session, if it is there."""
        async with self._database.write() as connection:
            await connection.execute(delete(web_sessions).where(web_sessions.c.digest == digest))

    async def end_all(self, number: int) -> None:
        """End every session of a user."""
        async with self._database.write() as connection:
            await connection.execute(delete(web_sessions).where(web_sessions.c.user_no == number))

    async def count(self, number: int) -> int:
        """How many sessions a user has."""
        of_user = web_sessions.c.user_no == number
        statement = select(func.count()).select_from(web_sessions).where(of_user)
        async with self._database.read() as connection:
            return (await connection.execute(statement)).scalar_one()
