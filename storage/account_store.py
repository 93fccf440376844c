"""Users, their roles, and the links that work once.

Each change is one transaction together with its line in the audit. Whatever makes a user's sessions
worthless (another role, another password, deactivation) ends them in the same transaction. There is
always an active operator once there has been one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.account_views import Invitation, LinkKind, Role, User, invitation_of, user_of
from storage.audit_store import note
from storage.database import Database
from storage.errors import LastOperatorError, LinkSpentError, NameTakenError, UnknownUserError
from storage.schema import user_invitations, users, web_sessions


@dataclass(frozen=True, slots=True)
class Secrets:
    """What belongs to a password: its hash, and the key that this user's forms carry."""

    password_hash: str
    form_key: bytes


class AccountStore:
    """Reads and writes the tables ``users`` and ``user_invitations``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[User]:
        """Return all users, deactivated ones too, in the order in which they came."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(users).order_by(users.c.user_no))
            return [user_of(row) for row in rows]

    async def get(self, number: int) -> User | None:
        """Return one user, or None."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(users).where(users.c.user_no == number))).first()
        return user_of(row) if row else None

    async def by_name(self, name: str) -> tuple[User, str] | None:
        """Return the user with this name, and the hash of the password."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(users).where(users.c.name == name))).first()
        return (user_of(row), row.password_hash) if row else None

    async def password_hash(self, number: int) -> str | None:
        """Return the hash of a user's password."""
        statement = select(users.c.password_hash).where(users.c.user_no == number)
        async with self._database.read() as connection:
            return (await connection.execute(statement)).scalar()

    async def has_operator(self) -> bool:
        """Whether somebody can manage users."""
        async with self._database.read() as connection:
            return await _operators(connection) > 0

    async def change_role(self, number: int, role: Role, actor: str, now_ms: int) -> User:
        """Give a user another role; raises :class:`LastOperatorError`."""
        async with self._database.write() as connection:
            user = await _active(connection, number)
            if user.role is Role.OPERATOR and role is not Role.OPERATOR:
                await _require_another_operator(connection)
            row = await _change(connection, number, {"role": role.value})
            await _end_sessions(connection, number)
            await note(connection, actor, "user role", user.name, role.value, now_ms)
        return user_of(row)

    async def deactivate(self, number: int, actor: str, now_ms: int) -> User:
        """Let a user sign in no more; raises :class:`LastOperatorError`."""
        async with self._database.write() as connection:
            user = await _active(connection, number)
            if user.role is Role.OPERATOR:
                await _require_another_operator(connection)
            row = await _change(connection, number, {"deactivated_ms": now_ms})
            await _end_sessions(connection, number)
            await connection.execute(
                delete(user_invitations).where(user_invitations.c.name == user.name)
            )
            await note(connection, actor, "user deactivate", user.name, "", now_ms)
        return user_of(row)

    async def activate(self, number: int, actor: str, now_ms: int) -> User:
        """Let a deactivated user sign in again, with the role and the password of before."""
        async with self._database.write() as connection:
            row = await _change(connection, number, {"deactivated_ms": None})
            await note(connection, actor, "user activate", row.name, "", now_ms)
        return user_of(row)

    async def set_password(self, number: int, secrets: Secrets, now_ms: int) -> None:
        """Replace a user's own password; ends all sessions of the user."""
        async with self._database.write() as connection:
            user = await _active(connection, number)
            await _change(connection, number, asdict(secrets))
            await _end_sessions(connection, number)
            await note(connection, user.name, "user password", user.name, "", now_ms)

    async def set_language(self, number: int, language: str) -> None:
        """Keep the language that a user has chosen."""
        statement = update(users).where(users.c.user_no == number).values(language=language)
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def improve_hash(self, number: int, old: str, new: str) -> None:
        """Replace the hash of an unchanged password by a stronger one of the same."""
        same = (users.c.user_no == number, users.c.password_hash == old)
        async with self._database.write() as connection:
            await connection.execute(update(users).where(*same).values(password_hash=new))

    async def invite(self, invitation: Invitation) -> None:
        """Keep a link; an earlier one of the same kind for the same name works no more.

        Raises :class:`NameTakenError` for an invitation of somebody who is there already.
        """
        same = (
            user_invitations.c.name == invitation.name,
            user_invitations.c.kind == invitation.kind.value,
        )
        now_ms = invitation.created_ms
        async with self._database.write() as connection:
            if invitation.kind is LinkKind.INVITATION:
                await _require_free_name(connection, invitation.name)
            old = user_invitations.c.expires_ms <= now_ms
            await connection.execute(delete(user_invitations).where(*same))
            await connection.execute(delete(user_invitations).where(old))
            await connection.execute(insert(user_invitations).values(**asdict(invitation)))
            action, role = f"user {invitation.kind}", invitation.role.value
            await note(connection, invitation.invited_by, action, invitation.name, role, now_ms)

    async def invitations(self, now_ms: int) -> list[Invitation]:
        """Return the links that wait, newest first."""
        statement = (
            select(user_invitations)
            .where(user_invitations.c.expires_ms > now_ms)
            .order_by(user_invitations.c.created_ms.desc(), user_invitations.c.digest)
        )
        async with self._database.read() as connection:
            return [invitation_of(row) for row in await connection.execute(statement)]

    async def invitation(self, digest: bytes, now_ms: int) -> Invitation:
        """Return the link with this digest; raises :class:`LinkSpentError`."""
        async with self._database.read() as connection:
            return await _waiting(connection, digest, now_ms)

    async def withdraw(self, digest: bytes, actor: str, now_ms: int) -> None:
        """Let a link work no more; raises :class:`LinkSpentError`."""
        async with self._database.write() as connection:
            invitation = await _spend(connection, digest, now_ms)
            await note(connection, actor, "user withdraw", invitation.name, "", now_ms)

    async def accept(
        self, digest: bytes, name: str, full_name: str, secrets: Secrets, now_ms: int
    ) -> User:
        """Use a set-up link or an invitation: make the user that it is for.

        Raises :class:`LinkSpentError`, :class:`NameTakenError`. A set-up link is spent as soon as
        there is an operator.
        """
        async with self._database.write() as connection:
            invitation = await _spend(connection, digest, now_ms)
            if invitation.kind is LinkKind.RESET:
                raise LinkSpentError("that link is for a new password")
            if invitation.kind is LinkKind.SETUP and await _operators(connection):
                raise LinkSpentError("there is an operator already")
            await _require_free_name(connection, name)
            values = {
                "name": name,
                "full_name": full_name,
                "role": invitation.role.value,
                "created_ms": now_ms,
            }
            made = insert(users).values(**values, **asdict(secrets)).returning(users)
            row = (await connection.execute(made)).one()
            await note(connection, name, "user begin", name, invitation.role.value, now_ms)
        return user_of(row)

    async def reset(self, digest: bytes, secrets: Secrets, now_ms: int) -> User:
        """Use a link for a new password; ends all sessions. Raises :class:`LinkSpentError`."""
        async with self._database.write() as connection:
            invitation = await _spend(connection, digest, now_ms)
            found = select(users.c.user_no).where(users.c.name == invitation.name)
            number = (await connection.execute(found)).scalar()
            if number is None or invitation.kind is not LinkKind.RESET:
                raise LinkSpentError("that link is for a new user")
            await _active(connection, number)
            row = await _change(connection, number, asdict(secrets))
            await _end_sessions(connection, number)
            await note(connection, row.name, "user password", row.name, "by link", now_ms)
        return user_of(row)


async def _operators(connection: AsyncConnection) -> int:
    active = (users.c.role == Role.OPERATOR.value, users.c.deactivated_ms.is_(None))
    statement = select(func.count()).select_from(users).where(*active)
    return (await connection.execute(statement)).scalar_one()


async def _require_another_operator(connection: AsyncConnection) -> None:
    if await _operators(connection) < 2:
        raise LastOperatorError("nobody else is an operator")


async def _require_free_name(connection: AsyncConnection, name: str) -> None:
    statement = select(users.c.user_no).where(users.c.name == name)
    if (await connection.execute(statement)).scalar() is not None:
        raise NameTakenError(f"there is a user {name} already")


async def _active(connection: AsyncConnection, number: int) -> User:
    row = (await connection.execute(select(users).where(users.c.user_no == number))).first()
    if row is None or row.deactivated_ms is not None:
        raise UnknownUserError(f"there is no active user {number}")
    return user_of(row)


async def _change(
    connection: AsyncConnection, number: int, values: Mapping[str, object]
) -> Row[Any]:
    statement = update(users).where(users.c.user_no == number).values(**values).returning(users)
    row: Row[Any] | None = (await connection.execute(statement)).first()
    if row is None:
        raise UnknownUserError(f"there is no user {number}")
    return row


async def _end_sessions(connection: AsyncConnection, number: int) -> None:
    await connection.execute(delete(web_sessions).where(web_sessions.c.user_no == number))


async def _waiting(connection: AsyncConnection, digest: bytes, now_ms: int) -> Invitation:
    found = (user_invitations.c.digest == digest, user_invitations.c.expires_ms > now_ms)
    row = (await connection.execute(select(user_invitations).where(*found))).first()
    if row is None:
        raise LinkSpentError("that link was used, replaced or withdrawn, or is too old")
    return invitation_of(row)


async def _spend(connection: AsyncConnection, digest: bytes, now_ms: int) -> Invitation:
    invitation = await _waiting(connection, digest, now_ms)
    await connection.execute(delete(user_invitations).where(user_invitations.c.digest == digest))
    return invitation
