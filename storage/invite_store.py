"""Invites between municipalities: those made here, by digest, and the secrets handed to us.

A row goes when its invite has served or was taken back; who did what stays in the audit.
"""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from storage.audit_store import note
from storage.database import Database
from storage.errors import UnknownInviteError
from storage.invite_schema import invites, received_invites
from storage.invite_views import StoredInvite
from storage.upsert import upsert


class InviteStore:
    """Reads and writes the tables ``invites`` and ``received_invites``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, key_digest: bytes, words: str, actor: str, made_ms: int, expires_ms: int
    ) -> StoredInvite:
        """Keep a new invite; ``words`` say whom it is for."""
        values = {
            "key_digest": key_digest,
            "note": words,
            "made_by": actor,
            "made_ms": made_ms,
            "expires_ms": expires_ms,
        }
        statement = insert(invites).values(**values).returning(invites.c.invite_no)
        async with self._database.write() as connection:
            number: int = (await connection.execute(statement)).scalar_one()
            await note(connection, actor, "invite make", words, "", made_ms)
        return StoredInvite(number, key_digest, words, actor, made_ms, expires_ms)

    async def all(self) -> list[StoredInvite]:
        """Return the invites that are there, oldest first."""
        statement = select(invites).order_by(invites.c.invite_no)
        async with self._database.read() as connection:
            return [StoredInvite(*row) for row in await connection.execute(statement)]

    async def claim(self, number: int, log: bytes, now_ms: int) -> None:
        """Note which log has shown an invite, unless one had before."""
        unused = (invites.c.invite_no == number, invites.c.used_by.is_(None))
        statement = update(invites).where(*unused).values(used_by=log, used_ms=now_ms)
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def revoke(self, number: int, actor: str, now_ms: int) -> None:
        """Take an invite back; raises :class:`UnknownInviteError` when it is there no more."""
        statement = delete(invites).where(invites.c.invite_no == number)
        async with self._database.write() as connection:
            words = (await connection.execute(statement.returning(invites.c.note))).scalar()
            if words is None:
                raise UnknownInviteError(f"there is no invite {number}")
            await note(connection, actor, "invite revoke", words, "", now_ms)

    async def drop(self, *numbers: int) -> None:
        """Forget invites that have served, or that are over."""
        async with self._database.write() as connection:
            await connection.execute(delete(invites).where(invites.c.invite_no.in_(numbers)))

    async def receive(self, log: bytes, secret: bytes, now_ms: int) -> None:
        """Keep the secret of an invite that another log's administrator made for us."""
        values = {"log_id": log, "secret": secret, "received_ms": now_ms}
        async with self._database.write() as connection:
            await connection.execute(upsert(self._database, received_invites), [values])

    async def received(self) -> dict[bytes, bytes]:
        """Return the secrets that we still have to show, by log."""
        statement = select(received_invites.c.log_id, received_invites.c.secret)
        async with self._database.read() as connection:
            return {row.log_id: row.secret for row in await connection.execute(statement)}

    async def forget(self, log: bytes) -> None:
        """Forget the secret for a log."""
        statement = delete(received_invites).where(received_invites.c.log_id == log)
        async with self._database.write() as connection:
            await connection.execute(statement)
