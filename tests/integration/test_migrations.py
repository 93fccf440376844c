"""Migrations: they lead to exactly the tables the code knows, and refuse what they do not know."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage.database import DATABASE_FILE_NAME, Database
from storage.errors import SchemaError
from storage.schema import metadata
from storage.schema_version import PRESENT_REVISION, alembic_config, found_revision


def _differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    found: list[object] = compare_metadata(context, metadata)
    return found


async def test_migrations_lead_to_the_tables_the_code_knows(database: Database) -> None:
    """Nothing differs between a migrated database and storage/schema.py."""
    async with database.read() as connection:
        assert await connection.run_sync(_differences) == []
        assert await connection.run_sync(found_revision) == PRESENT_REVISION


async def test_every_index_is_there(database: Database) -> None:
    """The indexes by name, also those that comparison cannot see."""
    catalogue = "pg_indexes" if database.is_postgresql else "sqlite_master"
    column = "indexname" if database.is_postgresql else "name"
    async with database.read() as connection:
        found = await connection.execute(text(f"SELECT {column} FROM {catalogue}"))
        names = set(found.scalars())
    wanted = {index.name for table in metadata.tables.values() for index in table.indexes}

    assert {"ix_records_newest", "ix_records_facets"} <= names
    assert {name for name in wanted if name} <= names


async def test_there_is_one_newest_version(database: Database) -> None:
    """The steps form one line that ends in the version the code expects."""
    async with database.read() as connection:
        heads = await connection.run_sync(
            lambda c: ScriptDirectory.from_config(alembic_config(c)).get_heads()
        )

    assert heads == [PRESENT_REVISION]


async def test_a_newer_database_is_refused_untouched(database_location: str) -> None:
    """A database of a later version is not opened, and nothing in it changes."""
    database = await Database.open(database_location)
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.execute(text("INSERT INTO settings VALUES ('epoch', 'kept')"))
    await database.close()
    with pytest.raises(SchemaError, match="version 9999"):
        await Database.open(database_location)
    async with database.read() as connection:
        rows = (await connection.execute(text("SELECT * FROM settings"))).all()
    await database.close()

    assert [tuple(row) for row in rows] == [("epoch", "kept")]


async def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    """A file with somebody else's tables is not taken over."""
    path = tmp_path / DATABASE_FILE_NAME
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE addresses (name TEXT)")
    connection.commit()
    connection.close()

    with pytest.raises(SchemaError, match="not Tidan's"):
        await Database.open(tmp_path)


async def test_a_failed_step_leaves_an_empty_database(
    database_location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migration happens wholly or not at all: an error in it leaves no tables behind."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.create_index", fail)
        with pytest.raises(RuntimeError, match="full"):
            await Database.open(database_location)
    database = await Database.open(database_location)
    async with database.read() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    await database.close()

    assert set(metadata.tables) <= set(names)


async def test_two_that_open_at_once_migrate_once(database_location: str) -> None:
    """Processes that start together on an empty database do not disturb each other."""
    opened = await asyncio.gather(*(Database.open(database_location) for _ in range(3)))
    for database in opened:
        async with database.read() as connection:
            assert await connection.run_sync(found_revision) == PRESENT_REVISION
    for database in opened:
        await database.close()
