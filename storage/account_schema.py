"""The tables of those who may sign in to this node; its rules are those of storage/schema.py."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text

from storage.schema_base import RowNumber, metadata

# Who may sign in here. A number is never given twice, and nobody is deleted: the audit names them.
users = Table(
    "users",
    metadata,
    Column("user_no", RowNumber, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("full_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("form_key", LargeBinary(32), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("signed_in_ms", BigInteger),
    Column("deactivated_ms", BigInteger),
    Column("language", Text),
    sqlite_autoincrement=True,
)

# Only digests of tokens are kept: whoever reads a backup can open no session and follow no link.
web_sessions = Table(
    "web_sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("user_no", RowNumber, ForeignKey("users.user_no"), nullable=False, index=True),
    Column("begun_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
)

# Links that work once: the first operator's, a colleague's invitation, a new password.
user_invitations = Table(
    "user_invitations",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)
