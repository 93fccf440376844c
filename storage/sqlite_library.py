"""Which SQLite is used: the newest of those at hand.

Python links whatever its builder had, and most of those cannot use write-ahead logging safely
(storage/sqlite_settings.py). Where the package ``pysqlite3`` brings a newer one, that is taken; it
is the same module as Python's own, built with the library inside (docs/adr/0014).
"""

from __future__ import annotations

import sqlite3
from importlib import import_module
from types import ModuleType


def newest_sqlite() -> ModuleType:
    """Return the DB-API module with the newest SQLite."""
    try:
        bundled = import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3
    newer: bool = bundled.sqlite_version_info > sqlite3.sqlite_version_info
    return bundled if newer else sqlite3


sqlite: ModuleType = newest_sqlite()
