"""Opening a database: durable, migrated, one writer; on SQLite and PostgreSQL alike."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import asyncpg
import pytest
from sqlalchemy import bindparam, insert, select, text

from storage.database import DATABASE_FILE_NAME, Database, database_url, fetch
from storage.errors import DatabaseFailedError, DurabilityError
from storage.prepared import Prepared
from storage.schema import settings
from storage.settings_store import SettingsStore
from storage.sqlite_settings import configure_connection, journal_mode_for


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "truncate"),
        ((3, 44, 5), "truncate"),
        ((3, 44, 6), "wal"),
        ((3, 45, 0), "truncate"),
        ((3, 50, 6), "truncate"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "truncate"),
        ((3, 51, 3), "wal"),
        ((3, 52, 0), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_write_ahead_log_only_where_its_bug_is_fixed(version: tuple[int, ...], mode: str) -> None:
    """The journal is chosen so that no SQLite version with the WAL-reset bug can corrupt a file."""
    assert journal_mode_for(version) == mode


async def test_sqlite_synchronises_fully(tmp_path: Path) -> None:
    """Every SQLite connection, for reading and writing, runs with synchronous=FULL."""
    database = await Database.open(tmp_path)
    async with database.write() as writer, database.read() as reader:
        for connection in (writer, reader):
            found = (await connection.exec_driver_sql("PRAGMA synchronous")).scalar()
            assert found == 2
    await database.close()


def test_a_lower_synchronous_is_refused(tmp_path: Path) -> None:
    """A connection that does not take the durable settings is an error, not a warning."""
    connection = sqlite3.connect(tmp_path / "database")
    # Inside a transaction SQLite ignores a change of synchronous, as a broken build might.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("BEGIN")
    with pytest.raises((DurabilityError, sqlite3.OperationalError)):
        configure_connection(connection, (3, 40, 1))
    connection.close()


async def test_postgresql_that_could_tear_pages_is_refused(
    postgresql_server: str, postgresql_url: str
) -> None:
    """A server that may lose what it acknowledged is refused before anything is written."""
    administrator = await asyncpg.connect(f"{postgresql_server}/postgres")
    try:
        await _set_full_page_writes(administrator, "off")
        with pytest.raises(DurabilityError, match="full_page_writes=off"):
            await Database.open(postgresql_url)
    finally:
        await _set_full_page_writes(administrator, "on")
        await administrator.close()


async def _set_full_page_writes(administrator: asyncpg.Connection, value: str) -> None:
    await administrator.execute(f"ALTER SYSTEM SET full_page_writes = {value}")
    await administrator.execute("SELECT pg_reload_conf()")
    while await administrator.fetchval("SHOW full_page_writes") != value:  # noqa: ASYNC110  # a server tells nobody
        await asyncio.sleep(0.01)


async def test_postgresql_commits_synchronously_whatever_its_default(postgresql_url: str) -> None:
    """A database set to acknowledge before it has written is used as if it were not."""
    administrator = await asyncpg.connect(postgresql_url)
    name = postgresql_url.rpartition("/")[2]
    await administrator.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    await administrator.close()
    database = await Database.open(postgresql_url)
    async with database.write() as connection:
        found = (await connection.exec_driver_sql("SHOW synchronous_commit")).scalar()
    await database.close()

    assert found == "on"


async def test_data_is_private(tmp_path: Path) -> None:
    """The database file can be read by the node's user alone."""
    database = await Database.open(tmp_path / "node")
    await database.close()
    mode = (tmp_path / "node" / DATABASE_FILE_NAME).stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


async def test_what_was_written_is_there_after_reopening(database_location: str) -> None:
    """A committed value outlives the process."""
    first = await Database.open(database_location)
    await SettingsStore(first).put("epoch", "åäö")
    await first.close()
    second = await Database.open(database_location)
    value = await SettingsStore(second).get("epoch")
    await second.close()

    assert value == "åäö"


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """An error inside a transaction undoes all of it."""

    async def fail_halfway() -> None:
        async with database.write() as connection:
            await connection.execute(insert(settings).values(name="half", value="done"))
            raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"):
        await fail_halfway()

    assert await SettingsStore(database).get("half") is None


@pytest.mark.parametrize("count", [0, 1, 999, 1_000, 1_001, 2_500])
async def test_answers_of_any_length_come_whole(database: Database, count: int) -> None:
    """All rows are read, at once or in parts, and an answer broken off half-way leaves nothing."""
    numbers = text(
        "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 3000)"
        f" SELECT i FROM numbers WHERE i <= {count}"
    )
    async with database.read() as connection:
        assert list(await connection.scalars(numbers)) == list(range(1, count + 1))
        streamed = await connection.stream(numbers)
        parts = [len(part) async for part in streamed.partitions(300)]
        assert sum(parts) == count
        broken_off = await connection.stream(numbers)
        await broken_off.fetchmany(10)
        await broken_off.close()
    async with database.write() as connection:
        assert list(await connection.scalars(numbers)) == list(range(1, count + 1))


async def test_an_answer_of_several_statements_is_of_one_state(database: Database) -> None:
    """What is committed between two prepared statements of one reading is not seen by it."""
    values = Prepared(select(settings.c.value).where(settings.c.name == bindparam("wanted")))
    store, wanted = SettingsStore(database), {"wanted": "number"}
    await store.put("number", "1")
    async with database.read() as connection:
        before = await fetch(connection, values, wanted)
        await store.put("number", "2")
        after = await fetch(connection, values, wanted)

    assert before == after == [("1",)]
    assert await database.rows(values, wanted) == [("2",)]


async def test_writers_take_turns(database: Database) -> None:
    """Twenty writers at once lose no update."""

    async def add_one() -> None:
        async with database.write() as connection:
            statement = select(settings.c.value).where(settings.c.name == "number")
            value = int((await connection.execute(statement)).scalar_one())
            await asyncio.sleep(0)
            change = settings.update().where(settings.c.name == "number")
            await connection.execute(change.values(value=str(value + 1)))

    await SettingsStore(database).put("number", "0")
    await asyncio.gather(*(add_one() for _ in range(20)))

    assert await SettingsStore(database).get("number") == "20"


@pytest.mark.parametrize("seed", range(2))
async def test_cancelled_work_leaves_nothing_behind(database: Database, seed: int) -> None:
    """Tasks cancelled anywhere leave no half transaction, no lock and no lost connection."""
    print(f"seed={seed}")
    random, committed = Random(seed), set()

    async def write(name: str) -> None:
        async with database.write() as connection:
            for part in ("first", "second"):
                await connection.execute(insert(settings).values(name=f"{name} {part}", value=""))
        committed.add(name)

    async def read() -> None:
        async with database.read() as connection:
            await connection.execute(select(settings))

    for number in range(30):
        tasks = [asyncio.create_task(write(f"{number}.{writer}")) for writer in range(3)]
        tasks += [asyncio.create_task(read()) for _ in range(3)]
        for _ in range(random.randrange(60)):
            await asyncio.sleep(0)
        for task in tasks:
            if random.random() < 0.6:
                task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {type(None), asyncio.CancelledError}
    await write("last")
    async with database.read() as connection:
        names = set((await connection.execute(select(settings.c.name))).scalars())

    halves = [
        {name.rpartition(" ")[0] for name in names if name.endswith(part)}
        for part in ("first", "second")
    ]
    assert halves[0] == halves[1]
    assert committed <= halves[0]


async def test_a_reading_broken_off_as_it_begins_is_nobody_elses_trouble(
    migrated_postgresql_url: str,
) -> None:
    """Its connection, on which nobody knows whether a transaction began, is given to nobody."""
    database = await Database.open(migrated_postgresql_url)
    async with database.read() as connection:
        server_process = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    os.kill(server_process, signal.SIGSTOP)
    try:
        reading = asyncio.create_task(SettingsStore(database).get("asked"))
        await steps(100)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        next_work = asyncio.create_task(database.renew_statistics(["settings"]))
        await steps(100)
    finally:
        os.kill(server_process, signal.SIGCONT)
    await next_work
    assert reading.cancelled()
    await database.close()


async def steps(count: int) -> None:
    """Let others go on for so many turns of the loop."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_connection_that_the_server_ended_is_replaced(postgresql_url: str) -> None:
    """After the server was restarted, the next question is answered on a new connection."""
    database, ended = await Database.open(postgresql_url), asyncio.Event()
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        driver.add_termination_listener(lambda _: ended.set())
    await end_all_connections(postgresql_url)
    await ended.wait()

    assert await SettingsStore(database).get("epoch") is None
    await database.close()


async def test_a_connection_that_ends_while_reading_begins_is_a_failed_database(
    postgresql_url: str,
) -> None:
    """Who reads just then hears our own error, and the next question is answered."""
    database = await Database.open(postgresql_url)
    assert await SettingsStore(database).get("epoch") is None
    # In another loop, while this one waits: so nothing here has heard that they ended.
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, end_all_connections(postgresql_url)).result()
    with pytest.raises(DatabaseFailedError):
        async with database.read() as connection:
            await connection.execute(select(settings.c.name))

    assert await SettingsStore(database).get("epoch") is None
    await database.close()


async def end_all_connections(url: str) -> None:
    """As a server that is restarted does."""
    server = await asyncpg.connect(url)
    await server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await server.close()


async def test_two_processes_do_not_lose_updates(database_location: str) -> None:
    """A second database object, as another process would have, waits for the first writer."""
    first, second = await Database.open(database_location), await Database.open(database_location)
    async with first.write() as connection:
        await connection.execute(insert(settings).values(name="first", value="1"))
        waiting = asyncio.create_task(SettingsStore(second).put("second", "2"))
        await asyncio.sleep(0.05)
        assert not waiting.done()
    await waiting
    values = [await SettingsStore(second).get(name) for name in ("first", "second")]
    await first.close()
    await second.close()

    assert values == ["1", "2"]


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "no such://", "x://[bad"])
async def test_an_impossible_url_is_refused(url: str) -> None:
    """A URL that names no usable database gives a clear error."""
    with pytest.raises(DatabaseFailedError):
        await Database.open(url)


async def test_an_unreachable_server_is_named(tmp_path: Path) -> None:
    """A server that does not answer gives our own error, with advice."""
    with pytest.raises(DatabaseFailedError) as caught:
        await Database.open("postgresql://tidan@127.0.0.1:1/none")

    assert caught.value.advice


def test_urls_use_asynchronous_drivers() -> None:
    """Whatever way a URL is spelled, the asynchronous driver is used."""
    names = [
        database_url(url).drivername
        for url in ("postgres://a/b", "postgresql+psycopg://a/b", "sqlite:////tmp/x", "/tmp/x")
    ]

    assert names == ["postgresql+asyncpg"] * 2 + ["sqlite+aiosqlite"] * 2
