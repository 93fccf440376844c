"""Files that records name: which of them, and what this node holds and wants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables, empty; the projection is made anew, since its version was raised."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "blobs",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("held_ms", sa.BigInteger()),
        sa.Column("tried_ms", sa.BigInteger(), nullable=False),
        sa.Column("unnamed_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("digest", "size_bytes", name="pk_blobs"),
    )
    op.create_index("ix_blobs_held_ms_tried_ms", "blobs", ["held_ms", "tried_ms"])
    op.create_table(
        "attachments",
        sa.Column("record_id", sa.LargeBinary(32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("log_no", number, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_attachments_log_no"),
        sa.PrimaryKeyConstraint("record_id", "position", name="pk_attachments"),
    )
    op.create_index("ix_attachments_digest_size_bytes", "attachments", ["digest", "size_bytes"])
    op.create_index("ix_attachments_log_no_sequence", "attachments", ["log_no", "sequence"])
