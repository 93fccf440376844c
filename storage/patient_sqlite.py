"""SQLite connections on which a cancelled task leaves nothing half done.

The driver runs each call in a thread of its own. When the task that waits for a call is cancelled,
the driver lets go at once, while the call goes on: a lock may then be taken, or a statement stay
open, that nobody knows of, and every writer waits for it. Here cancellation is delivered when the
call has ended, and after its cursor has been closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

import aiosqlite
from aiosqlite import Connection, Cursor
from aiosqlite.context import contextmanager
from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

from storage.prepared import Step, Steps
from storage.sqlite_library import sqlite
from storage.sqlite_settings import configure_connection

_ROWS_AT_A_TIME = 64

Result = TypeVar("Result")

# The driver names Python's own SQLite; errors and versions must be those of the one in use.
DBAPI = AsyncAdapt_aiosqlite_dbapi(
    SimpleNamespace(**(vars(aiosqlite) | vars(sqlite))),  # type: ignore[arg-type]  # as a module
    sqlite,
)


async def finished(future: asyncio.Future[Result]) -> Result:
    """Wait until ``future`` is done; raise a cancellation that came meanwhile only then."""
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        future.exception()  # seen, so that nobody is warned of it: the task ends cancelled
        raise cancelled
    return future.result()


class PatientConnection(Connection):
    """A driver's connection whose calls are always waited for."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, partial(fn, *args, **kwargs)))
        return await finished(future)

    async def transact(
        self,
        steps: Callable[[], Steps[Result]],
        dialect: Dialect,
        afterwards: Callable[[], None] | None = None,
    ) -> Result:
        """Carry out a whole transaction as one call to the thread: committed, or all undone.

        ``afterwards`` is called in the same go once it is committed.
        """
        result: Result = await self._execute(_transact, self._conn, steps(), dialect, afterwards)
        return result

    async def ask(self, steps: Callable[[], Steps[Result]], dialect: Dialect) -> Result:
        """Carry out reading steps in one state of the database, as one call to the thread."""
        result: Result = await self._execute(_ask, self._conn, steps(), dialect)
        return result

    @contextmanager
    async def cursor(self) -> Cursor:
        """Return a cursor that closes itself when its task is cancelled."""
        return PatientCursor(self, await self._execute(self._conn.cursor))


class PatientCursor(Cursor):
    """A driver's cursor that is closed before a cancellation goes on."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            await super()._execute(self._cursor.close)  # type: ignore[no-untyped-call]
            raise


def connect(database: str, **options: Any) -> Connection:
    """Return a connection, opened when awaited, as the driver's own ``connect`` does."""
    connection = PatientConnection(
        partial(_open, database, **options), iter_chunk_size=_ROWS_AT_A_TIME
    )
    connection._thread.daemon = True  # noqa: SLF001  # what SQLAlchemy does to its own
    return connection


def _open(database: str, **options: Any) -> Any:
    connection = sqlite.connect(database, **options)
    try:
        configure_connection(connection, sqlite.sqlite_version_info)
    except BaseException:
        connection.close()
        raise
    return connection


def _transact(
    connection: Any,
    steps: Steps[Result],
    dialect: Dialect,
    afterwards: Callable[[], None] | None,
) -> Result:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = _carry_out(connection, steps, dialect)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if afterwards is not None:
        afterwards()
    return result


def _ask(connection: Any, steps: Steps[Result], dialect: Dialect) -> Result:
    connection.execute("BEGIN")
    try:
        return _carry_out(connection, steps, dialect)
    finally:
        connection.execute("ROLLBACK")


def _carry_out(connection: Any, steps: Steps[Result], dialect: Dialect) -> Result:
    try:
        step = next(steps)
        while True:
            step = steps.send(_rows(connection, step, dialect))
    except StopIteration as ended:
        result: Result = ended.value
        return result


def _rows(connection: Any, step: Step, dialect: Dialect) -> list[tuple[Any, ...]]:
    spelled = step.statement.spelled(dialect)
    arguments = map(spelled.arguments, step.values)
    if not spelled.returns_rows:
        connection.executemany(spelled.text, arguments)
        return []
    return [row for values in arguments for row in connection.execute(spelled.text, values)]
