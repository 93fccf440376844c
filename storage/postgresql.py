"""PostgreSQL: its engine, what it must be set to, and its driver's errors.

Loaded only where a PostgreSQL database is opened: its driver takes memory and time to start that a
node with SQLite has better use for.
"""

from __future__ import annotations

import time
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import DurabilityError

POOL_SIZE = 5
STATEMENTS_KEPT = 300
"""By each connection, parsed and planned. A node has nearly as many; the driver keeps 100, each for
five minutes, and then asks the server anew."""
IDLE_SECONDS = 30
"""A connection that rested longer is tried before it is used; while pages are read, none is: that
takes three times as long as asking."""
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, AsyncAdapt_asyncpg_dbapi.Error)
"""What the driver raises where SQLAlchemy is passed by."""


def make_engine(url: URL) -> AsyncEngine:
    """Return the engine of a PostgreSQL URL; nothing is connected yet."""
    # jit compiles plans for longer than our statements run.
    settings = {"application_name": "tidan", "synchronous_commit": "on", "jit": "off"}
    engine = create_async_engine(
        url,
        pool_size=POOL_SIZE,
        pool_use_lifo=True,
        connect_args={
            "server_settings": settings,
            "statement_cache_size": STATEMENTS_KEPT,
            "prepared_statement_cache_size": STATEMENTS_KEPT,
            "max_cached_statement_lifetime": 0,
        },
    )
    event.listen(engine.sync_engine, "checkin", _note_rest)
    event.listen(engine.sync_engine, "checkout", _require_alive)
    return engine


async def begin_reading(connection: AsyncConnection) -> None:
    """Begin the transaction that is set up on a connection, which SQLAlchemy leaves to the first
    statement that goes through it: those that go past it would each see another state."""
    raw = (await connection.get_raw_connection()).dbapi_connection
    assert raw is not None, "it has just been taken from the pool"
    try:
        await raw._start_transaction()  # noqa: SLF001  # what its first statement does
    except BaseException:
        # The driver takes a beginning that was broken off for one that was made: whatever the
        # connection is asked next would fail.
        await connection.invalidate()
        raise


def _note_rest(_connection: Any, entry: ConnectionPoolEntry) -> None:
    entry.info["rests_since"] = time.monotonic()


def _require_alive(connection: Any, entry: ConnectionPoolEntry, _used: Any) -> None:
    """Have another connection made when the server has ended this one, or work was broken off in
    the middle of ending a transaction."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
    if connection.driver_connection.is_in_transaction():
        raise DisconnectionError
    now = time.monotonic()
    if now - entry.info.get("rests_since", now) < IDLE_SECONDS:
        return
    try:
        connection.ping()
    except connection.dbapi.Error as error:
        raise InvalidatePoolError from error


async def check_settings(connection: AsyncConnection) -> None:
    """Raise :class:`DurabilityError` when the server would lose acknowledged entries."""
    for setting, wanted in (
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("server_encoding", "UTF8"),
    ):
        actual = (await connection.exec_driver_sql(f"SHOW {setting}")).scalar_one()
        if actual != wanted:
            raise DurabilityError(f"PostgreSQL runs with {setting}={actual}; it must be {wanted}")
