"""Drafts, which stay on the node that they are written on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty, and its indexes."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "drafts",
        sa.Column("draft_id", sa.LargeBinary(16), nullable=False),
        sa.Column("user_no", number, nullable=False),
        sa.Column("record_id", sa.LargeBinary(32)),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by_no", number, nullable=False),
        sa.Column("saved_in", sa.Text(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("handed_in_ms", sa.BigInteger()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_no"], ["users.user_no"], name="fk_drafts_user_no"),
        sa.ForeignKeyConstraint(["saved_by_no"], ["users.user_no"], name="fk_drafts_saved_by_no"),
        sa.PrimaryKeyConstraint("draft_id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_user_no_changed_ms", "drafts", ["user_no", "changed_ms"])
    op.create_index("ix_drafts_changed_ms", "drafts", ["changed_ms"])
    op.create_index("ix_drafts_record_id", "drafts", ["record_id"])
