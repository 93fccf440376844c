"""Run by Alembic: hands it the connection and the tables.

The node passes its own open connection (storage/schema_version.py). Alembic's command line has
none; then the database is the folder or URL given as ``-x database=…``, opened asynchronously.
"""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

from storage.database import Database
from storage.schema import logs


def run(connection: Connection) -> None:
    """Run the steps that are missing on ``connection``, in the caller's transaction."""
    context.configure(
        connection=connection,
        target_metadata=logs.metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_from_command_line() -> None:
    """Open the database named on the command line and run there."""
    location = context.get_x_argument(as_dictionary=True)["database"]
    database = await Database.open(location)
    try:
        async with database.write() as connection:
            await connection.run_sync(run)
    finally:
        await database.close()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_from_command_line())
else:
    run(given)
