"""Migrations: they lead to exactly the tables the code knows, and refuse what they do not know."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path
from random import Random

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from factories import LogMaker
from protocol.entry import Envelope
from storage.database import DATABASE_FILE_NAME, Database
from storage.errors import SchemaError
from storage.import_store import ImportStore, Mark
from storage.log_store import LogStore
from storage.projections import Projections
from storage.schema import logs, runs
from storage.schema_version import PRESENT_REVISION, alembic_config, found_revision
from storage.stored_run import StoredRun, arrival_times_ms, encode_keys
from storage_factories import some_logs, whole_log


def _differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    found: list[object] = compare_metadata(context, logs.metadata)
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
    wanted = {index.name for table in logs.metadata.tables.values() for index in table.indexes}

    assert {"ix_records_newest", "ix_records_by_log"} <= names
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

    assert set(logs.metadata.tables) <= set(names)


async def test_two_that_open_at_once_migrate_once(database_location: str) -> None:
    """Processes that start together on an empty database do not disturb each other."""
    opened = await asyncio.gather(*(Database.open(database_location) for _ in range(3)))
    for database in opened:
        async with database.read() as connection:
            assert await connection.run_sync(found_revision) == PRESENT_REVISION
    for database in opened:
        await database.close()


async def _first_tables(location: str) -> Database:
    """An empty database as version 0001 made it."""
    database = await Database.open(location)
    async with database.write() as connection:
        await connection.run_sync(logs.metadata.drop_all)
        await connection.execute(text("DROP TABLE alembic_version"))
        await connection.run_sync(lambda c: command.upgrade(alembic_config(c), "0001"))
    return database


async def test_the_log_survives_the_move_into_runs(database_location: str) -> None:
    """Each entry of a database of version 0001 is there afterwards, arrived when it did, erased
    content stays erased, key events are known, and the pages are made anew."""
    makers = some_logs(Random(3), entries=40)
    bare = {maker.log: maker.envelopes[5].entry.id for maker in makers}
    database = await _first_tables(database_location)
    async with database.write() as connection:
        for log_no, maker in enumerate(makers, 1):
            await connection.execute(text(OLD_LOG), _old_log(log_no, maker))
            for entry, body in maker.envelopes:
                erased = body is None or entry.id == bare[maker.log]
                await connection.execute(
                    text(OLD_ENTRY),
                    {
                        "log_no": log_no,
                        "sequence": entry.header.sequence,
                        "id": entry.id,
                        "raw": entry.raw,
                        "salt": None if erased or body is None else body.salt,
                        "content": None if erased or body is None else body.content,
                        "received_ms": 1_000 + entry.header.sequence // 3,
                    },
                )
        await connection.execute(text("INSERT INTO projection_state VALUES ('records', 1, 999)"))
    await database.close()

    database = await Database.open(database_location)
    log_store, projections = LogStore(database), Projections(database)
    for maker in makers:
        expected = [
            Envelope(item.entry, None) if item.entry.id == bare[maker.log] else item
            for item in maker.envelopes
        ]
        assert await whole_log(log_store, maker.log) == expected
        events = [item for item in maker.envelopes if item.entry.is_key_event]
        assert list(await log_store.key_events(maker.log)) == events
    assert await projections.lag() == sum(len(maker.envelopes) for maker in makers)
    while await projections.catch_up():
        pass
    async with database.read() as connection:
        rows = (await connection.execute(select(logs.c.log_id, runs).join_from(runs, logs))).all()
    await database.close()

    for row in rows:
        run = StoredRun(*row)
        stretch = range(run.first_sequence, run.first_sequence + run.entry_count)
        assert arrival_times_ms(run) == [1_000 + number // 3 for number in stretch]


OLD_LOG = (
    "INSERT INTO logs (log_no, log_id, standing, reason, standing_ms, head_sequence, head_id, keys,"
    " code, name, frozen) VALUES (:log_no, :log_id, 'member', '', 1, :head_sequence, :head_id,"
    " :keys, '1498', 'Hjo', :frozen)"
)
OLD_ENTRY = (
    "INSERT INTO entries (log_no, sequence, id, raw, salt, content, received_ms)"
    " VALUES (:log_no, :sequence, :id, :raw, :salt, :content, :received_ms)"
)


def _old_log(log_no: int, maker: LogMaker) -> dict[str, object]:
    return {
        "log_no": log_no,
        "log_id": maker.log,
        "head_sequence": maker.head.sequence,
        "head_id": maker.head.id,
        "keys": encode_keys(maker.head.keys),
        "frozen": False,
    }


async def test_what_was_imported_stays_known(database_location: str) -> None:
    """What commands imported before there was a table for it is known afterwards."""
    source, record, digest = b"s" * 32, b"r" * 32, b"d" * 32
    database = await _first_tables(database_location)
    async with database.write() as connection:
        await connection.run_sync(lambda c: command.upgrade(alembic_config(c), "0008"))
        for name, value in (
            (f"import:{source.hex()}", json.dumps([record.hex(), digest.hex()])),
            ("epoch", "00"),
        ):
            await connection.execute(
                text("INSERT INTO settings (name, value) VALUES (:name, :value)"),
                {"name": name, "value": value},
            )
    await database.close()

    database = await Database.open(database_location)
    marks = await ImportStore(database).marks([source])
    async with database.read() as connection:
        left = list(await connection.scalars(text("SELECT name FROM settings")))
    await database.close()

    assert marks == {source: Mark(digest, None, record)}
    assert left == ["epoch"]
