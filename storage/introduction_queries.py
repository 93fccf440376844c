"""Introductions as the projections hold them: which logs vouch for which, and under what name; and
which domain a log says is its own.

Withdrawn introductions are not there. What an introduction leads to is decided in the node, never
here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from storage.database import Database
from storage.prepared import Prepared
from storage.schema import introductions, logs, profiles


@dataclass(frozen=True, slots=True)
class IntroductionRow:
    """One log's word that another log is a municipality's; ids are 32 raw bytes."""

    introduced: bytes
    introducer: bytes
    code: str
    name: str
    url: str | None
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class SaidIntroduction:
    """One introduction as its author sees it; ``entry`` is the id of the entry that says it."""

    introduced: bytes
    entry: bytes
    code: str
    name: str
    said_ms: int


_ALL = Prepared(
    select(
        introductions.c.introduced,
        logs.c.log_id,
        introductions.c.code,
        introductions.c.name,
        introductions.c.url,
        introductions.c.fingerprint,
    )
    .join(logs, logs.c.log_no == introductions.c.log_no)
    .order_by(introductions.c.introduced, logs.c.log_id)
)


class IntroductionQueries:
    """Reads the tables ``introductions`` and ``profiles``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[IntroductionRow]:
        """Return every introduction in force, by introduced log and introducer."""
        return [IntroductionRow(*row) for row in await self._database.rows(_ALL)]

    async def domain_of(self, log: bytes) -> str | None:
        """Return the domain in the newest profile of a log; None when it has named none."""
        statement = (
            select(profiles.c.domain)
            .join(logs, logs.c.log_no == profiles.c.log_no)
            .where(logs.c.log_id == log)
        )
        async with self._database.read() as connection:
            return (await connection.execute(statement)).scalar()

    async def said_by(self, introducer: bytes) -> list[SaidIntroduction]:
        """Return the introductions of one log that are in force, the newest first."""
        statement = (
            select(
                introductions.c.introduced,
                introductions.c.entry_id,
                introductions.c.code,
                introductions.c.name,
                introductions.c.time_ms,
            )
            .join(logs, logs.c.log_no == introductions.c.log_no)
            .where(logs.c.log_id == introducer)
            .order_by(introductions.c.sequence.desc())
        )
        async with self._database.read() as connection:
            return [SaidIntroduction(*row) for row in await connection.execute(statement)]
