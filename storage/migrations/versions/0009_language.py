"""The language of a record, so that lists can say in which language its title is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a newer version of the projections fills it."""
    op.add_column("records", sa.Column("language", sa.Text, nullable=False, server_default="sv"))
