"""Lists of one log and what it uses are read in order; counts need no index of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LISTED = sa.text("withdrawn IS NULL")


def upgrade() -> None:
    """Exchange the indexes, and drop the counter that nothing reads any more."""
    op.drop_index("ix_records_facets", table_name="records")
    op.create_index(
        "ix_records_by_log",
        "records",
        [
            "log_no",
            "published_ms",
            "record_id",
            "visibility",
            "type",
            "area_group",
            "area",
            "status",
            "withdrawn",
        ],
        sqlite_where=_LISTED,
        postgresql_where=_LISTED,
    )
    op.create_index(
        "ix_uses_log_no_shown_ms_record_id", "uses", ["log_no", "shown_ms", "record_id"]
    )
    op.drop_column("projection_state", "changes")
