"""Where the nodes of a benchmark keep their data: SQLite in the folder, or a PostgreSQL apart."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import asyncpg

from storage import schema
from tests.postgresql_cluster import cluster

DATABASE_FILE = "tidan.sqlite"
NOT_THE_LOG = frozenset(
    {"projection_state", "settings", "neighbours", "knocks", "audit", "alembic_version"}
) | {table.name for table in schema.PROJECTIONS}
"""Every other table counts as part of the log, so that a new one is never left out by mistake."""


class Sizes(NamedTuple):
    """What one node takes on disk."""

    log_bytes: int
    total_bytes: int


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

    async def table_bytes(self, folder: Path, url: str) -> Sizes:
        """What one node takes on disk; the node must have ended."""
        others = await asyncio.to_thread(folder_bytes, folder)
        if not url:
            return Sizes(log_bytes(await asyncio.to_thread(sqlite_tables, folder)), others)
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(
                "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
            total: int = await connection.fetchval("SELECT pg_database_size(current_database())")
            empty: int = await connection.fetchval("SELECT pg_database_size('template1')")
        finally:
            await connection.close()
        return Sizes(log_bytes({row[0]: row[1] for row in rows}), others + total - empty)


def log_bytes(tables: Mapping[str, int]) -> int:
    """The part of the tables' sizes that is the log's."""
    return sum(size for name, size in tables.items() if name not in NOT_THE_LOG)


def folder_bytes(folder: Path) -> int:
    """Size of all files of a node: its database, when it is SQLite, and what lies beside it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def sqlite_tables(folder: Path) -> dict[str, int]:
    """Bytes of each table with its indexes, in whole pages, from the library's own count.

    Needs a library with `dbstat`, as Linux distributions build it. Adding up the lengths of values
    instead would leave out indexes and half-filled pages, so without it this raises.
    """
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
        rows = connection.execute(
            "SELECT master.tbl_name, sum(pages.pgsize) FROM dbstat AS pages"
            " JOIN sqlite_master AS master ON master.name = pages.name GROUP BY master.tbl_name"
        )
        return {name: size for name, size in rows if not name.startswith("sqlite_")}


@contextmanager
def databases(name: str) -> Iterator[Databases]:
    """The databases of one kind, thrown away afterwards; raises `RuntimeError` without any."""
    if name == "sqlite":
        yield Databases("SQLite")
        return
    with cluster() as server:
        yield Databases("PostgreSQL", server)
