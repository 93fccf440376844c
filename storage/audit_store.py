"""What people have decided on this node: who, when, what, about what. Only ever added to: the
database itself refuses any change of a line (storage/migrations/versions/0016_alerts.py).

An entry names a role or an account, never a visitor; ``detail`` holds what a person needs to
understand the decision later, such as the reason for a block.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, insert, or_, select
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


class AuditWanted(NamedTuple):
    """Which decisions are looked for; what is None or empty narrows nothing.

    ``groups`` are first words of actions, such as "member"; ``about`` is in the name of a subject,
    ``text`` in a detail; times are from ``since_ms`` to before ``until_ms``.
    """

    actor: str = ""
    action: str = ""
    groups: Collection[str] | None = None
    subjects: Collection[str] | None = None
    about: str = ""
    text: str = ""
    since_ms: int | None = None
    until_ms: int | None = None


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
        return await self.find(AuditWanted(), limit, before=before)

    async def find(
        self, wanted: AuditWanted, limit: int, *, before: int | None = None
    ) -> list[AuditEntry]:
        """Return the decisions looked for, newest first, as far as ``limit``."""
        statement = select(audit).where(*_conditions(wanted))
        statement = statement.order_by(audit.c.audit_no.desc()).limit(limit)
        if before is not None:
            statement = statement.where(audit.c.audit_no < before)
        async with self._database.read() as connection:
            return [AuditEntry(*row) for row in await connection.execute(statement)]


def _conditions(wanted: AuditWanted) -> list[ColumnElement[bool]]:
    """What a line must be like. Lines are read from the newest until enough are found, so the index
    on subjects, which would have them all sorted first, is kept out.
    """
    subject = audit.c.subject.concat("")
    found: list[ColumnElement[bool]] = []
    if wanted.actor:
        found.append(audit.c.actor == wanted.actor)
    if wanted.action:
        found.append(audit.c.action == wanted.action)
    if wanted.groups is not None:
        begins = [audit.c.action.startswith(f"{group} ") for group in sorted(wanted.groups)]
        found.append(or_(*begins))
    about: list[ColumnElement[bool]] = (
        [subject.in_(sorted(wanted.subjects))] if wanted.subjects else []
    )
    if wanted.about:
        about.append(_holds(audit.c.subject, wanted.about))
    if about:
        found.append(or_(*about))
    if wanted.text:
        found.append(_holds(audit.c.detail, wanted.text))
    if wanted.since_ms is not None:
        found.append(audit.c.time_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        found.append(audit.c.time_ms < wanted.until_ms)
    return found


def _holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a text is in a column in either case; SQLite knows the cases of A to Z alone."""
    spellings = sorted({text, text.lower(), text.upper(), text.capitalize()})
    return or_(*(column.icontains(spelling, autoescape=True) for spelling in spellings))


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
