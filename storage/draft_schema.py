"""The table of what somebody is writing (storage/draft_store.py).

``typed`` is JSON by the form's fields; ``saved_in`` is the window of the last save.
``handed_in_ms`` says since when it waits for a second person, ``note`` what that person sent back.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from storage.schema_base import RowNumber, metadata

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", LargeBinary(16), primary_key=True),
    Column("user_no", RowNumber, ForeignKey("users.user_no"), nullable=False),
    Column("record_id", LargeBinary(32)),
    Column("title", Text, nullable=False),
    Column("typed", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("saved_by_no", RowNumber, ForeignKey("users.user_no"), nullable=False),
    Column("saved_in", Text, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Column("set_aside", Boolean, nullable=False),
    Column("handed_in_ms", BigInteger),
    Column("note", Text, nullable=False),
    Index(None, "user_no", "changed_ms"),
    Index(None, "changed_ms"),
    Index(None, "record_id"),
)
