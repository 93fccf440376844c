"""A municipality may go by another name than the one in its first entry.

Revision ID: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: nobody goes by another name yet."""
    op.add_column("logs", sa.Column("first_name", sa.Text()))
    op.add_column("logs", sa.Column("renamed_ms", sa.BigInteger()))
