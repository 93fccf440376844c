"""Insert-or-update, spelled for the database at hand."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Insert, Table

from storage.database import Database
from storage.prepared import dialect_insert


def upsert(database: Database, table: Table, columns: Iterable[str] | None = None) -> Insert:
    """Return an insert that overwrites ``columns`` (default: all) when the key is there."""
    insert = dialect_insert(database.engine.dialect, table)
    keys = [column.name for column in table.primary_key]
    if columns is None:
        columns = [column.name for column in table.columns if column.name not in keys]
    updated = {name: insert.excluded[name] for name in columns}
    statement: Insert = insert.on_conflict_do_update(index_elements=keys, set_=updated)
    return statement
