"""What each log has answered, and what was of help to it: for counting by log.

Revision ID: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    for table in ("comments", "helped"):
        op.create_index(f"ix_{table}_log_no_record_id", table, ["log_no", "record_id"])
