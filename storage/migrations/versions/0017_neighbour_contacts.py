"""How contact with each neighbour has gone: what it held, what it brought, and its last errors.

Revision ID: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "neighbour_contacts",
        sa.Column("neighbour_id", sa.LargeBinary(32), nullable=False),
        sa.Column("received_bytes", sa.BigInteger, nullable=False),
        sa.Column("sent_bytes", sa.BigInteger, nullable=False),
        sa.Column("protocol_version", sa.Integer),
        sa.Column("certificate_ends_ms", sa.BigInteger),
        sa.Column("compared_ms", sa.BigInteger),
        sa.Column("behind_in_since_ms", sa.BigInteger),
        sa.Column("behind_out_since_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("neighbour_id", name=op.f("pk_neighbour_contacts")),
    )
    op.create_table(
        "neighbour_logs",
        sa.Column("neighbour_id", sa.LargeBinary(32), nullable=False),
        sa.Column("log_id", sa.LargeBinary(32), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("brought", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("neighbour_id", "log_id", name=op.f("pk_neighbour_logs")),
    )
    op.create_table(
        "neighbour_errors",
        sa.Column("error_no", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("neighbour_id", sa.LargeBinary(32), nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("error_no", name=op.f("pk_neighbour_errors")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_neighbour_errors_neighbour_id_error_no"),
        "neighbour_errors",
        ["neighbour_id", "error_no"],
    )
