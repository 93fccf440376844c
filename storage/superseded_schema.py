"""What gave way to a rotation: entries that were validly signed and are not the log any more.

They are kept as they lay in ``runs``, as evidence of what a stolen key or a second copy of a node
has signed; nothing reads them but whoever asks for them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table

from storage.schema_base import RowNumber, log_no, metadata

superseded_runs = Table(
    "superseded_runs",
    metadata,
    Column("superseded_no", RowNumber, primary_key=True, autoincrement=True),
    log_no(),
    Column("first_sequence", BigInteger, nullable=False),
    Column("entry_count", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("received", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("superseded_ms", BigInteger, nullable=False),
    Index(None, "log_no"),
)
