"""Small facts a node keeps about itself, such as its database epoch and its own log's id."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from storage.database import Database
from storage.schema import settings
from storage.upsert import upsert

OWN_LOG = "own_log"
EPOCH = "epoch"
DAMAGE_MET = "damage_met_ms"
"""When something stored was last found to be changed by the disk."""
SCRUBBED = "scrubbed"
"""What the last check of all that is stored came to."""
SCRUBBING = "scrubbing"
"""How far the present one has come."""
REHEARSED = "key_rehearsed"
"""Digest of the recovery sheet's key, and when somebody last typed it to see that it fits."""


class SettingsStore:
    """Reads and writes the table ``settings``: text by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Return the value, or None when it was never set."""
        async with self._database.read() as connection:
            statement = select(settings.c.value).where(settings.c.name == name)
            return (await connection.execute(statement)).scalar()

    async def put(self, name: str, value: str) -> None:
        """Set the value; durable when this returns."""
        await self.put_many({name: value})

    async def put_many(self, values: Mapping[str, str]) -> None:
        """Set several values together; durable when this returns."""
        rows = [{"name": name, "value": value} for name, value in values.items()]
        if rows:
            async with self._database.write() as connection:
                await connection.execute(upsert(self._database, settings), rows)
