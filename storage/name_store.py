"""The names municipalities go by: in their first entries, and signed anew in profiles since.

The name in a log's row is the one in force here; whoever decides that a new one is (the node,
never this) puts it there, and the first is kept beside it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update

from protocol.directory import Standing
from storage.database import Database
from storage.prepared import Prepared
from storage.record_detail import read_contact
from storage.record_views import ProfileView
from storage.schema import logs, profiles


class NamedLog(NamedTuple):
    """A log, the name in force here, and what it signs of itself in its newest profile.

    ``first_name`` is there when the name in force is another than the first; the new one is
    signed since ``renamed_ms``, milliseconds since 1970. A log without a profile signs nothing.
    """

    log_no: int
    log: bytes
    standing: Standing
    code: str
    name: str
    first_name: str | None
    renamed_ms: int | None
    signed_name: str | None
    signed_code: str | None
    signed_ms: int | None


_ALL = Prepared(
    select(
        *(logs.c.log_no, logs.c.log_id, logs.c.standing, logs.c.code, logs.c.name),
        *(logs.c.first_name, logs.c.renamed_ms),
        *(profiles.c.name.label("signed_name"), profiles.c.code.label("signed_code")),
        profiles.c.time_ms,
    )
    .outerjoin(profiles, profiles.c.log_no == logs.c.log_no)
    .order_by(logs.c.log_no)
)
_PROFILE = Prepared(
    select(
        *(profiles.c.name, profiles.c.code, profiles.c.domain, profiles.c.contact),
        profiles.c.url,
    )
    .join(logs, logs.c.log_no == profiles.c.log_no)
    .where(logs.c.log_id == bindparam("wanted"))
)


class NameStore:
    """Reads ``logs`` beside ``profiles``, and writes the name in force."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[NamedLog]:
        """Return all logs known, the oldest first."""
        return [
            NamedLog(number, log, Standing(standing), *rest)
            for number, log, standing, *rest in await self._database.rows(_ALL)
        ]

    async def profile_of(self, log: bytes) -> ProfileView | None:
        """Return a log's newest profile; its first entry counts as one."""
        rows = await self._database.rows(_PROFILE, {"wanted": log})
        if not rows:
            return None
        name, code, domain, contact, url = rows[0]
        return ProfileView(name, code, domain, read_contact(contact), url)

    async def rename(self, log: bytes, name: str, since_ms: int) -> None:
        """Put another name in force; the first one again when it is that."""
        first = func.coalesce(logs.c.first_name, logs.c.name)
        known = logs.c.log_id == log
        async with self._database.write() as connection:
            was = (await connection.execute(select(first).where(known))).scalar()
            is_first = was == name
            values = {
                "name": name,
                "first_name": None if is_first else was,
                "renamed_ms": None if is_first else since_ms,
            }
            await connection.execute(update(logs).where(known).values(**values))
