"""SQLite connections on which a cancelled task leaves nothing half done.

The driver runs each call in a thread of its own. When the task that waits for a call is cancelled,
the driver lets go at once, while the call goes on: a lock may then be taken, or a statement stay
open, that nobody knows of, and every writer waits for it. Here cancellation is delivered when the
call has ended, and after its cursor has been closed.

A call costs more than most statements, so a statement is one call: its cursor is made, it is
carried out, and what it answers is read ahead, up to a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

import aiosqlite
from aiosqlite import Connection, Cursor
from aiosqlite.context import contextmanager
from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

from storage.prepared import Rows, Step, Steps
from storage.sqlite_library import sqlite
from storage.sqlite_settings import configure_connection

_ROWS_AT_A_TIME = 64
_ROWS_AHEAD = 1_000
"""Read with the statement itself; what is longer is streamed, or fetched by a second call."""

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

    async def fetch(self, step: Step, dialect: Dialect) -> Rows:
        """Carry out one statement in the transaction that is open, as one call to the thread."""
        rows: Rows = await self._execute(_rows, self._conn, step, dialect)
        return rows

    async def carry_out(self, steps: Steps[Result], dialect: Dialect) -> Result:
        """Carry out steps in the transaction that is open, as one call to the thread."""
        result: Result = await self._execute(_carry_out, self._conn, steps, dialect)
        return result

    @contextmanager
    async def cursor(self) -> Cursor:
        """Return a cursor whose statement is one call."""
        return PatientCursor(self)

    async def rollback(self) -> None:
        """Undo the transaction; without one there is nothing to call for."""
        if self._conn.in_transaction:
            await super().rollback()


class PatientCursor(Cursor):
    """A driver's cursor for one statement.

    It closes itself when all rows are read, and before a cancellation goes on.
    """

    def __init__(self, connection: PatientConnection) -> None:
        super().__init__(connection, None)  # type: ignore[arg-type]  # made with its statement
        self._ahead: list[Any] = []
        self._is_open = False

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        """Carry out a statement and read the first of its rows."""
        await self._execute(self._begin, "execute", sql, parameters or ())
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Cursor:
        """Carry out a statement once for each set of parameters."""
        await self._execute(self._begin, "executemany", sql, parameters)
        return self

    async def fetchone(self) -> Any:
        """Return the next row; None after the last."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return up to ``size`` rows, or one."""
        if not self._ahead and self._is_open:
            await self._execute(self._read_ahead)
        count = size or 1
        rows, self._ahead = self._ahead[:count], self._ahead[count:]
        return rows

    async def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        rows, self._ahead = self._ahead, []
        if self._is_open:
            rows += await self._execute(self._read_all)
        return rows

    async def close(self) -> None:
        """Let go of what has not been read."""
        self._ahead = []
        if self._is_open:
            await self._execute(self._end)

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            if self._is_open:
                await super()._execute(self._end)  # type: ignore[no-untyped-call]
            raise

    # What follows runs in the connection's thread.

    def _begin(self, verb: str, sql: str, parameters: Any) -> None:
        if self._is_open:
            self._end()
        self._cursor = getattr(self._conn._conn, verb)(sql, parameters)  # noqa: SLF001
        self._is_open = True
        self._read_ahead()

    def _read_ahead(self) -> None:
        try:
            self._ahead = self._cursor.fetchmany(_ROWS_AHEAD)
        except BaseException:
            self._end()
            raise
        if len(self._ahead) < _ROWS_AHEAD:
            self._end()

    def _read_all(self) -> list[Any]:
        try:
            return self._cursor.fetchall()
        finally:
            self._end()

    def _end(self) -> None:
        self._is_open = False
        self._cursor.close()


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


def _rows(connection: Any, step: Step, dialect: Dialect) -> Rows:
    spelled = step.statement.spelled(dialect)
    arguments = map(spelled.arguments, step.values)
    if not spelled.returns_rows:
        connection.executemany(spelled.text, arguments)
        return []
    return [row for values in arguments for row in connection.execute(spelled.text, values)]
