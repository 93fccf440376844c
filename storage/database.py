"""The database: opening, migrating, reading and writing.

Rules:

- SQLite in the data folder by default, PostgreSQL by URL; the same tables and statements on both.
- A database that would lose acknowledged entries in a power cut is refused when it is opened.
- One writer: :meth:`Database.write` holds a lock in this process and one in the database, so
  positions are committed in the order in which they were given out and projections miss nothing.
- A transaction is committed and fsynced when ``async with database.write()`` ends without an
  error, and wholly undone otherwise. ``write`` must not be entered inside itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import DatabaseFailedError
from storage.patient_sqlite import DBAPI, PatientConnection, connect
from storage.prepared import Prepared, Result, Rows, Step, Steps, Values
from storage.schema_version import upgrade
from storage.sqlite_library import sqlite
from storage.sqlite_settings import (
    BUSY_TIMEOUT_SECONDS,
    create_private_file,
)

DATABASE_FILE_NAME = "tidan.sqlite"
_WRITER_LOCK = 0x746964616E  # "tidan": the advisory lock that makes one writer on PostgreSQL
_POOL_SIZE = 5
Failures: TypeAlias = tuple[type[Exception], ...]
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


class Database:
    """An open database; made by :meth:`open`, ended by :meth:`close`."""

    def __init__(self, engine: AsyncEngine, failures: Failures) -> None:
        """`failures` are what the driver raises, past SQLAlchemy."""
        self.engine = engine
        self._failures: Failures = (SQLAlchemyError, *failures)
        self.location = engine.url.render_as_string(hide_password=False)
        """The URL with which another process opens it; holds the password, if there is one."""
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._begin_reading: Callable[[AsyncConnection], Awaitable[None]] | None = None
        self._writing = asyncio.Lock()
        self._writer: AsyncConnection | None = None
        self._writing_driver: Any = None

    @classmethod
    async def open(cls, location: str | Path) -> Database:
        """Open and migrate the database at a URL, or in a folder.

        Raises :class:`DatabaseFailedError` when it cannot be reached, :class:`DurabilityError`
        when it would lose acknowledged entries, :class:`SchemaError` when its tables are of an
        unknown version; nothing has been changed then.
        """
        url = database_url(location)
        if url.get_backend_name() == "postgresql":
            from storage import postgresql  # noqa: PLC0415  # a driver that SQLite has no use for

            database = cls(postgresql.make_engine(url), postgresql.FAILURES)
            database._begin_reading = postgresql.begin_reading
            check_settings = postgresql.check_settings
        else:
            # Text that the disk has changed reaches us as bytes that are none.
            database = cls(_sqlite(url), (sqlite.Error, UnicodeDecodeError))
            check_settings = None
        try:
            async with database.write() as connection:
                if check_settings is not None:
                    await check_settings(connection)
                await connection.run_sync(upgrade)
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection on which all statements see one state of the database."""
        with self._translated():
            async with self.engine.connect() as connection:
                if self.is_postgresql:
                    await connection.execution_options(
                        isolation_level="REPEATABLE READ", postgresql_readonly=True
                    )
                async with connection.begin():
                    if self._begin_reading is not None:
                        await self._begin_reading(connection)
                    yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give the writing connection inside one transaction."""
        with self._translated():
            async with self._writing:
                writer = await self._connect_writer()
                try:
                    async with writer.begin():
                        if self.is_postgresql:
                            lock = f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"
                            await writer.exec_driver_sql(lock)
                        yield writer
                except asyncio.CancelledError:
                    # Nobody knows how far a cancelled statement came; the pool clears it up.
                    await self._drop_writer()
                    raise

    async def _connect_writer(self) -> AsyncConnection:
        if self._writer is None:
            writer = await self.engine.connect()
            self._writer = await writer.execution_options(tidan_writes=True)
        return self._writer

    async def _drop_writer(self) -> None:
        writer, self._writer, self._writing_driver = self._writer, None, None
        if writer is not None:
            await writer.close()

    async def transact(
        self, steps: Callable[[], Steps[Result]], afterwards: Callable[[], None] | None = None
    ) -> Result:
        """Carry out a generator of steps as one writing transaction, past SQLAlchemy's work
        for each statement and row (the hot path); returns what the generator returns.

        It is committed and fsynced when this returns, and wholly undone when it raises.
        ``afterwards`` is called in a thread once it is committed, and must not raise.
        """
        if self.is_postgresql:
            async with self.write() as writer:
                result = await _carry_out(writer, steps())
            if afterwards is not None:
                await asyncio.to_thread(afterwards)
            return result
        with self._translated():
            async with self._writing:
                if self._writer is None or self._writing_driver is None:
                    self._writing_driver = await _driver(await self._connect_writer())
                driver: PatientConnection = self._writing_driver
                return await driver.transact(steps, self.engine.dialect, afterwards)

    async def ask(self, steps: Callable[[], Steps[Result]]) -> Result:
        """Carry out a generator of reading steps in one state of the database."""
        if self.is_postgresql:
            async with self.read() as reader:
                return await _carry_out(reader, steps())
        with self._translated():
            async with self.engine.connect() as connection:
                driver: PatientConnection = await _driver(connection)
                return await driver.ask(steps, self.engine.dialect)

    async def renew_statistics(self, tables: Iterable[str]) -> None:
        """Have PostgreSQL count how much is in these tables and of what kind. It does so by itself
        within a minute or more, and until then sorts whole tables to show a page of them. SQLite
        is asked so that it needs to know nothing.
        """
        if self.is_postgresql:
            with self._translated():
                async with self.engine.connect() as connection, connection.begin():
                    await connection.exec_driver_sql(f"ANALYZE {', '.join(tables)}")

    async def rows(self, statement: Prepared, values: Values | None = None) -> Rows:
        """Return the rows of one prepared statement: it needs no transaction to see one state."""
        with self._translated():
            async with self.engine.connect() as connection:
                return await fetch(connection, statement, values)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the library's errors, and a server that cannot be reached, into our own."""
        try:
            yield
        except self._failures as error:
            cause = getattr(error, "orig", None) or error
            raise DatabaseFailedError(f"the database failed: {cause}") from error
        except OSError as error:
            raise DatabaseFailedError(f"the database cannot be reached: {error}") from error

    async def close(self) -> None:
        """Close all connections; unfinished transactions are undone."""
        await self._drop_writer()
        await self.engine.dispose()


async def fetch(
    connection: AsyncConnection, statement: Prepared, values: Values | None = None
) -> Rows:
    """Return the rows of a prepared statement in a transaction that is open, past SQLAlchemy's work
    for each statement and row; the values are as the driver has them (SQLite: 0 and 1 for truth).
    """
    driver, step = await _driver(connection), Step(statement, [values or {}])
    if isinstance(driver, PatientConnection):
        return await driver.fetch(step, connection.dialect)
    return await _rows(driver, step, connection.dialect)


async def carry_out(connection: AsyncConnection, steps: Steps[Result]) -> Result:
    """Carry out a generator of steps in a transaction that is open."""
    driver = await _driver(connection)
    if isinstance(driver, PatientConnection):
        return await driver.carry_out(steps, connection.dialect)
    return await _carry_out(connection, steps)


def database_url(location: str | Path) -> URL:
    """Return the URL for a folder, a ``sqlite:`` URL or a ``postgresql:`` URL."""
    text = str(location)
    if "://" not in text:
        return URL.create("sqlite+aiosqlite", database=str(Path(text) / DATABASE_FILE_NAME))
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise DatabaseFailedError("the database URL cannot be read") from error
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise DatabaseFailedError(
            f"unknown kind of database {url.get_backend_name()!r}; use sqlite or postgresql"
        )
    return url.set(drivername=driver)


def _sqlite(url: URL) -> AsyncEngine:
    if not url.database or url.database == ":memory:":
        raise DatabaseFailedError("an SQLite database is a file; nothing else would be durable")
    try:
        create_private_file(Path(url.database))
    except OSError as error:
        raise DatabaseFailedError(f"cannot write {url.database}: {error.strerror}") from error
    engine = create_async_engine(
        url,
        module=DBAPI,
        pool_size=_POOL_SIZE,
        max_overflow=0,
        pool_use_lifo=True,
        connect_args={
            "async_creator_fn": connect,
            "isolation_level": None,
            "timeout": BUSY_TIMEOUT_SECONDS,
        },
    )

    def begin(connection: Connection) -> None:
        # The driver is told not to begin by itself: a writer must take its lock at once, or two
        # that have both read would block each other for ever.
        writes = connection.get_execution_options().get("tidan_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "begin", begin)
    return engine


async def _driver(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


async def _carry_out(connection: AsyncConnection, steps: Steps[Result]) -> Result:
    driver = await _driver(connection)
    try:
        step = next(steps)
        while True:
            step = steps.send(await _rows(driver, step, connection.dialect))
    except StopIteration as ended:
        result: Result = ended.value
        return result


async def _rows(driver: Any, step: Step, dialect: Dialect) -> Rows:
    spelled = step.statement.spelled(dialect)
    if not spelled.returns_rows:
        await driver.executemany(spelled.text, [spelled.arguments(row) for row in step.values])
        return []
    rows: Rows = []
    for values in step.values:
        rows += map(tuple, await driver.fetch(spelled.text, *spelled.arguments(values)))
    return rows
