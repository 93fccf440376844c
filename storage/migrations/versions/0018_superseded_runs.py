"""Entries that gave way to a rotation, kept as evidence.

Revision ID: 0018
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "superseded_runs",
        Column("superseded_no", _ROW_NUMBER, primary_key=True, autoincrement=True),
        Column("log_no", _ROW_NUMBER, ForeignKey("logs.log_no"), nullable=False),
        Column("first_sequence", BigInteger, nullable=False),
        Column("entry_count", Integer, nullable=False),
        Column("size_bytes", Integer, nullable=False),
        Column("received", LargeBinary, nullable=False),
        Column("digest", LargeBinary(32), nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("superseded_ms", BigInteger, nullable=False),
    )
    op.create_index("ix_superseded_runs_log_no", "superseded_runs", ["log_no"])
