"""Where logs moved, which have left, and which go on for another: three projections.

Revision ID: 0021
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.schema_base import RowNumber

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; a newer version of the projections fills them."""
    _make("addresses", [], [sa.Column("url", sa.Text, nullable=False)])
    left: list[sa.Column[Any]] = [
        sa.Column("reason", sa.Text),
        sa.Column("successor", sa.LargeBinary(32)),
    ]
    _make("departures", [], left)
    _make("continuations", [sa.Column("predecessor", sa.LargeBinary(32), nullable=False)], [])


def _make(name: str, first: list[sa.Column[Any]], last: list[sa.Column[Any]]) -> None:
    keys = [*(column.name for column in first), "log_no"]
    op.create_table(
        name,
        *first,
        sa.Column(
            "log_no",
            RowNumber,
            sa.ForeignKey("logs.log_no", name=op.f(f"fk_{name}_log_no_logs")),
            nullable=False,
            autoincrement=False,
        ),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("entry_id", sa.LargeBinary(32), nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("shown_ms", sa.BigInteger, nullable=False),
        *last,
        sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("entry_id", name=op.f(f"uq_{name}_entry_id")),
    )
