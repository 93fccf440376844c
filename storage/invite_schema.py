"""The tables of who wants to become a neighbour: knocks, invites made here, and those handed to us.

All of it is this node's own. Its rules are those of storage/schema.py.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from storage.schema_base import RowNumber, metadata

# `url` and `invite_no` are there when an invite was shown.
knocks = Table(
    "knocks",
    metadata,
    Column("log_id", LargeBinary(32), primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Column("dismissed", Boolean, nullable=False, default=False),
    Column("url", Text),
    Column("invite_no", BigInteger),
    Index(None, "last_ms"),
)

# Rows are few and go when they have served: what became of an invite stands in the audit. A number
# is never given twice, so that a page which was opened long ago takes back no other invite.
invites = Table(
    "invites",
    metadata,
    Column("invite_no", RowNumber, primary_key=True, autoincrement=True),
    Column("key_digest", LargeBinary(32), nullable=False, unique=True),
    Column("note", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_by", LargeBinary(32)),
    Column("used_ms", BigInteger),
    sqlite_autoincrement=True,
)

# The secret is ours to show to that log, and goes with the first session that works.
received_invites = Table(
    "received_invites",
    metadata,
    Column("log_id", LargeBinary(32), primary_key=True),
    Column("secret", LargeBinary(16), nullable=False),
    Column("received_ms", BigInteger, nullable=False),
)
