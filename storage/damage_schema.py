"""What the disk has changed and nobody has given back yet (storage/damage_store.py).

``damaged_runs``: entries of a log that no row of ``runs`` holds whole. ``damaged_files``: files
that were here, were no longer what their names say, and were removed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Table

from storage.schema_base import log_no, metadata

damaged_runs = Table(
    "damaged_runs",
    metadata,
    log_no(primary_key=True),
    Column("first_sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("found_ms", BigInteger, nullable=False),
)

damaged_files = Table(
    "damaged_files",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("size_bytes", BigInteger, primary_key=True, autoincrement=False),
    Column("found_ms", BigInteger, nullable=False),
)
