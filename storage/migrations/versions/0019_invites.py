"""Invites between municipalities, and what a knock that came with one says.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, empty, and the columns."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "invites",
        sa.Column("invite_no", number, nullable=False, autoincrement=True),
        sa.Column("key_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_by", sa.LargeBinary(32)),
        sa.Column("used_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("invite_no", name="pk_invites"),
        sa.UniqueConstraint("key_digest", name="uq_invites_key_digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "received_invites",
        sa.Column("log_id", sa.LargeBinary(32), nullable=False),
        sa.Column("secret", sa.LargeBinary(16), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", name="pk_received_invites"),
    )
    op.add_column("knocks", sa.Column("url", sa.Text()))
    op.add_column("knocks", sa.Column("invite_no", sa.BigInteger()))
