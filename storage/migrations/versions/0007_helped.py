"""What helped whom: one more kind of answer to a record, projected into a table of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.schema_base import RowNumber

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; a newer version of the projections fills it."""
    op.create_table(
        "helped",
        sa.Column("record_id", sa.LargeBinary(32), primary_key=True),
        sa.Column(
            "log_no",
            RowNumber,
            sa.ForeignKey("logs.log_no", name=op.f("fk_helped_log_no_logs")),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("entry_id", sa.LargeBinary(32), nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("shown_ms", sa.BigInteger, nullable=False),
        sa.Column("reused", sa.Text),
        sa.Column("received_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("record_id", "log_no", name=op.f("pk_helped")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_helped_entry_id")),
    )
    columns = ["received_ms", "entry_id", "log_no"]
    op.create_index(f"ix_helped_{'_'.join(columns)}", "helped", columns)
