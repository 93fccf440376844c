"""PostgreSQL: its engine, what it must be set to, and its driver's errors.

Loaded only where a PostgreSQL database is opened: its driver takes memory and time to start that a
node with SQLite has better use for.
"""

from __future__ import annotations

import asyncpg
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import DurabilityError

POOL_SIZE = 5
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError)
"""What the driver raises where SQLAlchemy is passed by."""


def make_engine(url: URL) -> AsyncEngine:
    """Return the engine of a PostgreSQL URL; nothing is connected yet."""
    # jit compiles plans for longer than our statements run.
    settings = {"application_name": "tidan", "synchronous_commit": "on", "jit": "off"}
    return create_async_engine(
        url,
        pool_size=POOL_SIZE,
        pool_use_lifo=True,
        pool_pre_ping=True,
        connect_args={"server_settings": settings},
    )


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
