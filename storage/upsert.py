"""Insert-or-update, spelled for the database at hand."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Database


def upsert(database: Database, table: Table, columns: Iterable[str] | None = None) -> Insert:
    """Return an insert that overwrites ``columns`` (default: all) when the key is there."""
    insert = postgresql.insert(table) if database.is_postgresql else sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    if columns is None:
        columns = [column.name for column in table.columns if column.name not in keys]
    updated = {name: insert.excluded[name] for name in columns}
    return insert.on_conflict_do_update(index_elements=keys, set_=updated)
