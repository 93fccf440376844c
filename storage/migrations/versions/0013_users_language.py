"""The language that a user has chosen, so that letters come in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody has chosen yet."""
    op.add_column("users", sa.Column("language", sa.Text()))
