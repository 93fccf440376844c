"""What the disk has changed and nobody has given back yet.

Revision ID: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, empty: nobody has looked yet."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "damaged_runs",
        sa.Column("log_no", number, nullable=False, autoincrement=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("found_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_no", "first_sequence", name="pk_damaged_runs"),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_damaged_runs_log_no_logs"),
    )
    op.create_table(
        "damaged_files",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("found_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "size_bytes", name="pk_damaged_files"),
    )
