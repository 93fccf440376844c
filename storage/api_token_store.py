"""Tokens of the JSON API: the digest of each, its name and scope, and when it was last used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from storage.api_schema import api_tokens
from storage.audit_store import note
from storage.database import Database
from storage.errors import TooManyTokensError, UnknownTokenError

TOKENS_MAX = 100
"""Tokens that work at one time; each is a system that somebody has to know of."""
_COLUMNS = tuple(column for column in api_tokens.columns if column.name != "digest")


class Scope(StrEnum):
    """What a token may do; a wider one covers the narrower."""

    READ_FEDERATION = "read-federation"
    """Read what is for staff of member municipalities, beside what is public."""
    ADMIN = "admin"
    """Read also how it goes with neighbours, and what was decided about logs."""

    def covers(self, needed: Scope) -> bool:
        """Whether a token with this scope may do what needs another."""
        return self is Scope.ADMIN or self is needed


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token, without its secret; times are milliseconds since 1970."""

    number: int
    name: str
    scope: Scope
    made_by: str
    made_ms: int
    used_ms: int | None
    revoked_ms: int | None


class ApiTokenStore:
    """Reads and writes the table ``api_tokens``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, digest: bytes, name: str, scope: Scope, actor: str, now_ms: int) -> int:
        """Keep a new token and return its number; raises `TooManyTokensError`."""
        working = select(func.count()).where(api_tokens.c.revoked_ms.is_(None))
        values = {
            "digest": digest,
            "name": name,
            "scope": scope.value,
            "made_by": actor,
            "made_ms": now_ms,
        }
        async with self._database.write() as connection:
            if (await connection.execute(working)).scalar_one() >= TOKENS_MAX:
                raise TooManyTokensError(f"there are {TOKENS_MAX} tokens that work")
            statement = insert(api_tokens).values(**values).returning(api_tokens.c.token_no)
            number: int = (await connection.execute(statement)).scalar_one()
            await note(connection, actor, "token make", name, scope.value, now_ms)
        return number

    async def all(self) -> list[ApiToken]:
        """Return all tokens that were ever made, the newest first."""
        statement = select(*_COLUMNS).order_by(api_tokens.c.token_no.desc())
        async with self._database.read() as connection:
            return [_token_of(row) for row in await connection.execute(statement)]

    async def by_digest(self, digest: bytes) -> ApiToken | None:
        """Return the token with this digest, if it works."""
        statement = select(*_COLUMNS).where(
            api_tokens.c.digest == digest, api_tokens.c.revoked_ms.is_(None)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).first()
        return _token_of(row) if row else None

    async def mark_used(self, number: int, now_ms: int) -> None:
        """Note when a token was used."""
        statement = update(api_tokens).where(api_tokens.c.token_no == number)
        async with self._database.write() as connection:
            await connection.execute(statement.values(used_ms=now_ms))

    async def revoke(self, number: int, actor: str, now_ms: int) -> ApiToken:
        """Let a token work no more from now on; raises `UnknownTokenError`."""
        statement = (
            update(api_tokens)
            .where(api_tokens.c.token_no == number, api_tokens.c.revoked_ms.is_(None))
            .values(revoked_ms=now_ms)
            .returning(*_COLUMNS)
        )
        async with self._database.write() as connection:
            row = (await connection.execute(statement)).first()
            if row is None:
                raise UnknownTokenError(f"there is no token {number} that works")
            await note(connection, actor, "token revoke", row.name, row.scope, now_ms)
        return _token_of(row)


def _token_of(row: Row[*tuple[Any, ...]]) -> ApiToken:
    return ApiToken(
        row.token_no,
        row.name,
        Scope(row.scope),
        row.made_by,
        row.made_ms,
        row.used_ms,
        row.revoked_ms,
    )
