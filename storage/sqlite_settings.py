"""How an SQLite database is opened so that what it acknowledges survives a power cut.

``synchronous=FULL`` always, asserted on every connection. The journal depends on the library:
write-ahead logging only where its reset bug is fixed (SQLite 3.51.3, 3.50.7, 3.44.6); older ones
could corrupt the file with two connections. Elsewhere a rollback journal that is truncated: unlike
deletion, truncation is fsynced before commit returns, so a journal cannot come back from the
dead and roll an acknowledged entry back (https://www.sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from storage.durable_file import make_folder
from storage.errors import DurabilityError
from storage.sqlite_library import sqlite

SYNCHRONOUS_FULL = 2
BUSY_TIMEOUT_SECONDS = 30
_CACHE_KIBIBYTES = 4_096
_JOURNAL_MODE_TRIES = 50
_JOURNAL_MODE_PAUSE_SECONDS = 0.02


def journal_mode_for(version: tuple[int, ...]) -> str:
    """Return ``wal`` where that is safe in this SQLite version, else ``truncate``."""
    fixed = (
        version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    )
    return "wal" if fixed else "truncate"


def create_private_file(path: Path) -> None:
    """Make an empty database file that only its owner can read, if there is none yet."""
    make_folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def configure_connection(connection: Any, version: tuple[int, ...]) -> None:
    """Set the pragmas on a new DB-API connection and check that they took.

    May wait for other connections, so it belongs into the connection's own thread.

    Raises :class:`DurabilityError` when SQLite will not synchronise as asked.
    """
    cursor = connection.cursor()
    journal_mode = journal_mode_for(version)
    try:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
        actual_mode = _set_journal_mode(cursor, journal_mode)
        cursor.execute(f"PRAGMA synchronous={SYNCHRONOUS_FULL}")
        cursor.execute("PRAGMA synchronous")
        synchronous = cursor.fetchone()[0]
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIBIBYTES}")
    finally:
        cursor.close()
    if actual_mode != journal_mode or synchronous != SYNCHRONOUS_FULL:
        raise DurabilityError(
            f"SQLite runs with journal_mode={actual_mode} synchronous={synchronous}, "
            f"not {journal_mode} and {SYNCHRONOUS_FULL}"
        )


def _set_journal_mode(cursor: Any, journal_mode: str) -> str:
    """Set the journal mode; returns the one in force.

    When several connections open a new file at once, SQLite says that it is locked without waiting
    its busy time-out, because one of them has to give way.
    """
    for _ in range(_JOURNAL_MODE_TRIES - 1):
        try:
            return _ask_journal_mode(cursor, journal_mode)
        except sqlite.OperationalError:
            time.sleep(_JOURNAL_MODE_PAUSE_SECONDS)
    return _ask_journal_mode(cursor, journal_mode)


def _ask_journal_mode(cursor: Any, journal_mode: str) -> str:
    cursor.execute(f"PRAGMA journal_mode={journal_mode}")
    mode: str = cursor.fetchone()[0]
    return mode
