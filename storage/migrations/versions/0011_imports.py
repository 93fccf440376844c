"""Imports: files that wait for an editor, and what became of each thing from elsewhere.

What commands imported so far stands among the settings, one by one; it moves here.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from storage.schema_base import RowNumber

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PREFIX = "import:"


def upgrade() -> None:
    """Make the three tables and move the marks."""
    op.create_table(
        "imports",
        sa.Column("import_id", sa.LargeBinary(16), nullable=False),
        sa.Column(
            "user_no",
            RowNumber,
            sa.ForeignKey("users.user_no", name=op.f("fk_imports_user_no_users")),
            nullable=False,
        ),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("begun_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_user_no"), "imports", ["user_no"])
    op.create_table(
        "import_files",
        sa.Column(
            "import_id",
            sa.LargeBinary(16),
            sa.ForeignKey("imports.import_id", name=op.f("fk_import_files_import_id_imports")),
            nullable=False,
        ),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "position", name=op.f("pk_import_files")),
    )
    marks = op.create_table(
        "import_marks",
        sa.Column("source", sa.LargeBinary(32), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("draft_id", sa.LargeBinary(16)),
        sa.Column("record_id", sa.LargeBinary(32)),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_import_marks")),
    )
    op.create_index(op.f("ix_import_marks_draft_id"), "import_marks", ["draft_id"])
    _move_marks(marks)


def _move_marks(marks: sa.Table) -> None:
    settings = sa.table("settings", sa.column("name", sa.Text), sa.column("value", sa.Text))
    is_mark = settings.c.name.like(f"{PREFIX}%")
    connection = op.get_bind()
    for name, value in connection.execute(sa.select(settings).where(is_mark)).all():
        record, digest = json.loads(value)
        row = {
            "source": bytes.fromhex(name.removeprefix(PREFIX)),
            "digest": bytes.fromhex(digest),
            "record_id": bytes.fromhex(record),
        }
        connection.execute(sa.insert(marks).values(row))
    connection.execute(sa.delete(settings).where(is_mark))
