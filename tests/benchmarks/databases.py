"""Where the nodes of a benchmark keep their data: SQLite in the folder, or a PostgreSQL apart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

from tests.postgresql_cluster import cluster


@dataclass(frozen=True, slots=True)
class Databases:
    """One kind of database; ``server`` is empty for SQLite."""

    name: str
    server: str = ""

    async def new(self) -> str:
        """The URL of an empty database, or an empty text for SQLite in the data folder."""
        if not self.server:
            return ""
        name = f"bench_{uuid4().hex}"
        connection = await asyncpg.connect(f"{self.server}/postgres")
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return f"{self.server}/{name}"

    async def size_bytes(self, folder: Path, url: str) -> int:
        """What one node's database takes on disk; the node must have ended."""
        if not url:
            return await asyncio.to_thread(sqlite_bytes, folder)
        connection = await asyncpg.connect(url)
        try:
            size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
        finally:
            await connection.close()
        return size


def sqlite_bytes(folder: Path) -> int:
    """Size of the database file and of what SQLite keeps beside it."""
    return sum(path.stat().st_size for path in folder.glob("tidan.sqlite*"))


@contextmanager
def databases(name: str) -> Iterator[Databases]:
    """The databases of one kind, thrown away afterwards; raises `RuntimeError` without any."""
    if name == "sqlite":
        yield Databases("SQLite")
        return
    with cluster() as server:
        yield Databases("PostgreSQL", server)
