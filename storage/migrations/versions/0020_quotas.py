"""Quotas that people have changed, and what neighbours brought lately.

Revision ID: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, empty."""
    op.create_table(
        "quotas",
        sa.Column("log_id", sa.LargeBinary(32), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "kind", name="pk_quotas"),
    )
    op.create_table(
        "neighbour_days",
        sa.Column("neighbour_id", sa.LargeBinary(32), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("neighbour_id", name="pk_neighbour_days"),
    )
