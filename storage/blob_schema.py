"""The tables about files that records name; the files lie in a folder (storage/blob_files.py).

``blobs`` is this node's own: which files it holds (``held_ms``) and which it still wants. A file is
meant by digest and size together, since a record that lies about a size must not keep a truthful
one from its file. ``attachments`` is a projection: what the current version of each standing record
names. Applying it writes what is new into ``blobs`` as wanted.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table

from storage.schema_base import log_no, metadata

blobs = Table(
    "blobs",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("size_bytes", BigInteger, primary_key=True, autoincrement=False),
    Column("held_ms", BigInteger),
    Column("tried_ms", BigInteger, nullable=False, default=0),
    Column("unnamed_ms", BigInteger),
    Index(None, "held_ms", "tried_ms"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("record_id", LargeBinary(32), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    log_no(),
    Column("sequence", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Index(None, "digest", "size_bytes"),
    Index(None, "log_no", "sequence"),
)
