"""What each user follows, and how far each has looked through what is new.

Local to the node: none of it is signed or leaves it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select

from storage.database import Database
from storage.errors import TooManyFollowsError
from storage.prepared import Prepared
from storage.returning_schema import follows, news_seen
from storage.upsert import upsert

FOLLOWS_OF_ONE_USER_MAX = 100
"""More would make a list nobody looks through, and each costs a little at each look."""
_OF_USER = Prepared(
    select(follows.c.kind, follows.c.target, follows.c.followed_ms)
    .where(follows.c.user_no == bindparam("user"))
    .order_by(follows.c.followed_ms.desc(), follows.c.kind, follows.c.target)
)
_SEEN = Prepared(select(news_seen.c.seen_ms).where(news_seen.c.user_no == bindparam("user")))


class Follow(NamedTuple):
    """One thing that a user follows; what ``kind`` and ``target`` mean is for the caller to say."""

    kind: str
    target: str
    followed_ms: int


class FollowStore:
    """Reads and writes the tables ``follows`` and ``news_seen``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_user(self, number: int) -> list[Follow]:
        """Return what a user follows, the newest first."""
        return [Follow(*row) for row in await self._database.rows(_OF_USER, {"user": number})]

    async def begin(
        self, number: int, kind: str, target: str, now_ms: int, *, of_kind_max: int
    ) -> None:
        """Follow one more, up to so many of its kind; one that is followed already stays as it is.

        Raises :class:`TooManyFollowsError`.
        """
        of_user = follows.c.user_no == number
        same = (of_user, follows.c.kind == kind, follows.c.target == target)
        counted = select(func.count()).select_from(follows).where(of_user)
        of_kind = counted.where(follows.c.kind == kind)
        async with self._database.write() as connection:
            if (await connection.execute(select(follows).where(*same))).first() is not None:
                return
            for counting, most in ((counted, FOLLOWS_OF_ONE_USER_MAX), (of_kind, of_kind_max)):
                if (await connection.execute(counting)).scalar_one() >= most:
                    raise TooManyFollowsError(f"user {number} follows {most} things already")
            row = {"user_no": number, "kind": kind, "target": target, "followed_ms": now_ms}
            await connection.execute(insert(follows).values(**row))

    async def end(self, number: int, kind: str, target: str) -> None:
        """Follow it no more, if it was followed."""
        same = (
            follows.c.user_no == number,
            follows.c.kind == kind,
            follows.c.target == target,
        )
        async with self._database.write() as connection:
            await connection.execute(delete(follows).where(*same))

    async def seen_ms(self, number: int) -> int | None:
        """Return up to which arrival a user has looked; None before the first time."""
        rows = await self._database.rows(_SEEN, {"user": number})
        return rows[0][0] if rows else None

    async def mark_seen(self, number: int, seen_ms: int) -> None:
        """Note that a user has looked so far; two windows never take it back."""
        statement = select(news_seen.c.seen_ms).where(news_seen.c.user_no == number)
        async with self._database.write() as connection:
            before = (await connection.execute(statement)).scalar()
            if before is None or before < seen_ms:
                row = {"user_no": number, "seen_ms": seen_ms}
                await connection.execute(upsert(self._database, news_seen), [row])
