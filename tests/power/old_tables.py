"""A node's database as an older version of the program had it: its log and little more."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import Connection, create_engine, text

from storage.database import DATABASE_FILE_NAME
from storage.schema_version import alembic_config
from storage.sqlite_library import sqlite

REVISION = "0010"
"""Attachments and search are there; imports, alerts, invites and more are not."""
_KEPT = ("logs", "runs", "key_events", "settings", "neighbours")


def take_back(folder: Path) -> None:
    """Put the database of a node, which does not run, into tables of an older version."""
    present, old = folder / DATABASE_FILE_NAME, folder / "old.sqlite"
    engine = create_engine(f"sqlite:///{old}", module=sqlite)
    with engine.connect() as connection:
        connection.execute(text("ATTACH :path AS present"), {"path": str(present)})
        command.upgrade(alembic_config(connection), REVISION)
        for table in _KEPT:
            columns = ", ".join(_columns(connection, "main", table))
            connection.execute(
                text(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM present.{table}")
            )
        connection.commit()
    engine.dispose()
    for left in folder.glob(f"{DATABASE_FILE_NAME}*"):
        left.unlink()
    old.rename(present)


def _columns(connection: Connection, schema: str, table: str) -> list[str]:
    rows = connection.execute(text(f"PRAGMA {schema}.table_info({table})"))
    return [row.name for row in rows]
