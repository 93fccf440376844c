"""The tables of imports (storage/import_store.py): files that wait, and what became of things.

``import_marks`` holds, by a digest of where a thing came from, the digest of what was read of it
and the draft or the record that it became. ``columns`` is JSON by the import's own rules.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from storage.schema_base import RowNumber, metadata

imports = Table(
    "imports",
    metadata,
    Column("import_id", LargeBinary(16), primary_key=True),
    Column("user_no", RowNumber, ForeignKey("users.user_no"), nullable=False),
    Column("columns", Text, nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
    Index(None, "user_no"),
)

import_files = Table(
    "import_files",
    metadata,
    Column("import_id", LargeBinary(16), ForeignKey("imports.import_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

import_marks = Table(
    "import_marks",
    metadata,
    Column("source", LargeBinary(32), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("draft_id", LargeBinary(16)),
    Column("record_id", LargeBinary(32)),
    Index(None, "draft_id"),
)
