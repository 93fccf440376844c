"""The texts that searches looked through: the search index holds them now.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty the records, which are made anew by themselves, and drop the column."""
    op.execute(sa.text("DELETE FROM records"))
    op.drop_column("records", "search_text")
