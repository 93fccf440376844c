"""What people have decided on this node: who, when, what, about what. Only ever added to.

An entry names a role or an account, never a visitor; ``detail`` holds what a person needs to
understand the decision later, such as the reason for a block.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.schema import audit


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One decision; ``number`` counts up and never repeats."""

    number: int
    time_ms: int
    actor: str
    action: str
    subject: str
    detail: str


class AuditStore:
    """Reads and writes the table ``audit``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, actor: str, action: str, subject: str, detail: str, now_ms: int) -> None:
        """Add a decision; committed and fsynced when this returns."""
        async with self._database.write() as connection:
            await note(connection, actor, action, subject, detail, now_ms)

    async def done_by(self, actor: str, subjects: Collection[str]) -> set[str]:
        """Return those of some subjects about which ``actor`` has done something."""
        found = (audit.c.actor == actor, audit.c.subject.in_(subjects))
        statement = select(audit.c.subject).where(*found).distinct()
        async with self._database.read() as connection:
            return set((await connection.execute(statement)).scalars())

    async def newest(self, limit: int, *, before: int | None = None) -> list[AuditEntry]:
        """Return decisions, newest first; ``before`` is the number where the last page ended."""
        statement = select(audit).order_by(audit.c.audit_no.desc()).limit(limit)
        if before is not None:
            statement = statement.where(audit.c.audit_no < before)
        async with self._database.read() as connection:
            return [AuditEntry(*row) for row in await connection.execute(statement)]


async def note(
    connection: AsyncConnection, actor: str, action: str, subject: str, detail: str, now_ms: int
) -> None:
    """Add a decision within the transaction that carries it out, so that both hold or neither."""
    values = {
        "time_ms": now_ms,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": detail,
    }
    await connection.execute(insert(audit).values(**values))
