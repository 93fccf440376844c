"""Personal feed addresses: the digest of a token, and whose it is.

One a user; a new one takes the place of the old, which works no more from then on.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from storage.account_views import User, user_of
from storage.database import Database
from storage.returning_schema import feed_keys
from storage.schema import users
from storage.upsert import upsert


class FeedKeyStore:
    """Reads and writes the table ``feed_keys``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, number: int, digest: bytes, now_ms: int) -> None:
        """Give a user a new address; an earlier one works no more."""
        row = {"user_no": number, "digest": digest, "made_ms": now_ms}
        async with self._database.write() as connection:
            await connection.execute(upsert(self._database, feed_keys), [row])

    async def revoke(self, number: int) -> None:
        """Let a user's address work no more, if there is one."""
        async with self._database.write() as connection:
            await connection.execute(delete(feed_keys).where(feed_keys.c.user_no == number))

    async def made_ms(self, number: int) -> int | None:
        """Return since when a user has an address; None without one."""
        statement = select(feed_keys.c.made_ms).where(feed_keys.c.user_no == number)
        async with self._database.read() as connection:
            return (await connection.execute(statement)).scalar()

    async def owner(self, digest: bytes) -> User | None:
        """Return whose address it is; None for no address and for somebody who is out."""
        statement = (
            select(users)
            .join_from(feed_keys, users)
            .where(feed_keys.c.digest == digest, users.c.deactivated_ms.is_(None))
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).first()
        return user_of(row) if row else None
