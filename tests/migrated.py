"""Empty databases with all tables: migrated once in a process, and copied from then on.

Migrating is most of what making a node or opening a new database takes, and hundreds of tests
begin with it. What migrating itself promises is tested on databases that are empty indeed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import asyncpg

from storage.database import DATABASE_FILE_NAME, Database
from storage.sqlite_settings import create_private_file

_sqlite_files: list[bytes] = []
_postgresql_templates: dict[str, str] = {}


async def put_migrated(folder: Path) -> None:
    """Put an empty SQLite database with all tables into a folder, unless there is one in it."""
    path = folder / DATABASE_FILE_NAME
    if path.exists():
        return
    if not _sqlite_files:
        with TemporaryDirectory() as made:
            await (await Database.open(made)).close()
            _sqlite_files.append((Path(made) / DATABASE_FILE_NAME).read_bytes())
    create_private_file(path)
    path.write_bytes(_sqlite_files[0])


async def migrated_template(server: str) -> str:
    """The name of a database on a PostgreSQL server that has all tables and is never opened."""
    if server not in _postgresql_templates:
        name = f"migrated_{uuid4().hex}"
        connection = await asyncpg.connect(f"{server}/postgres")
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()
        await (await Database.open(f"{server}/{name}")).close()
        _postgresql_templates[server] = name
    return _postgresql_templates[server]


@asynccontextmanager
async def postgresql_database(server: str, template: str = "template1") -> AsyncIterator[str]:
    """Give the URL of a new database made after a template; it is dropped at the end."""
    name = f"tidan_{uuid4().hex}"
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield f"{server}/{name}"
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()
