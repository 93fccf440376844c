"""The first tables: the log, what a node decides, and the projections."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LISTED = sa.text("withdrawn IS NULL")


def upgrade() -> None:
    """Create all tables in an empty database."""
    _create_log()
    _create_local()
    _create_records()
    _create_responses()
    _create_statements()


def _row_number(name: str, **options: Any) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, **options)


def _log_no() -> sa.Column[int]:
    return _row_number("log_no", autoincrement=False)


def _id(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(32), nullable=nullable)


def _blob(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _big(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _small(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _create_log() -> None:
    op.create_table(
        "logs",
        _row_number("log_no"),
        _id("log_id"),
        _text("standing"),
        _text("reason"),
        _big("standing_ms"),
        _big("head_sequence", nullable=True),
        _id("head_id", nullable=True),
        _blob("keys", nullable=True),
        _text("code"),
        _text("name"),
        _id("introduced_by", nullable=True),
        _big("introduced_ms", nullable=True),
        _flag("frozen"),
        sa.PrimaryKeyConstraint("log_no", name="pk_logs"),
        sa.UniqueConstraint("log_id", name="uq_logs_log_id"),
    )
    op.create_table(
        "entries",
        _row_number("position", autoincrement=True),
        _log_no(),
        _big("sequence"),
        _id("id"),
        _blob("raw"),
        _id("salt", nullable=True),
        _blob("content", nullable=True),
        _big("received_ms"),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_entries_log_no"),
        sa.PrimaryKeyConstraint("position", name="pk_entries"),
        sa.UniqueConstraint("log_no", "sequence", name="uq_entries_log_no_sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_entries_id_start", "entries", [sa.text("substr(id, 1, 8)")])
    op.create_table(
        "forks",
        _row_number("fork_no"),
        _log_no(),
        _blob("proof"),
        _id("digest"),
        _big("found_ms"),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_forks_log_no"),
        sa.PrimaryKeyConstraint("fork_no", name="pk_forks"),
        sa.UniqueConstraint("digest", name="uq_forks_digest"),
    )


def _create_local() -> None:
    op.create_table(
        "settings",
        _text("name"),
        _text("value"),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "neighbours",
        _id("log_id"),
        _text("url", nullable=True),
        _text("name"),
        _big("added_ms"),
        _big("removed_ms", nullable=True),
        _flag("paused"),
        _big("outgoing_success_ms", nullable=True),
        _text("outgoing_error_code", nullable=True),
        _text("outgoing_error", nullable=True),
        _big("outgoing_error_ms", nullable=True),
        _big("incoming_success_ms", nullable=True),
        _text("incoming_error_code", nullable=True),
        _text("incoming_error", nullable=True),
        _big("incoming_error_ms", nullable=True),
        sa.PrimaryKeyConstraint("log_id", name="pk_neighbours"),
    )
    op.create_table(
        "knocks",
        _id("log_id"),
        _text("code"),
        _text("name"),
        _big("first_ms"),
        _big("last_ms"),
        _small("times"),
        _flag("dismissed"),
        sa.PrimaryKeyConstraint("log_id", name="pk_knocks"),
    )
    op.create_index("ix_knocks_last_ms", "knocks", ["last_ms"])
    op.create_table(
        "audit",
        _row_number("audit_no", autoincrement=True),
        _big("time_ms"),
        _text("actor"),
        _text("action"),
        _text("subject"),
        _text("detail"),
        sa.PrimaryKeyConstraint("audit_no", name="pk_audit"),
        sqlite_autoincrement=True,
    )


def _create_records() -> None:
    op.create_table(
        "projection_state",
        _text("name"),
        _small("version"),
        _big("position"),
        sa.PrimaryKeyConstraint("name", name="pk_projection_state"),
    )
    op.create_table(
        "records",
        _id("record_id"),
        _log_no(),
        _big("sequence"),
        _big("time_ms"),
        _id("version_id"),
        _big("version_sequence"),
        _big("version_time_ms"),
        _small("version_count"),
        _big("published_ms"),
        _big("changed_ms"),
        _text("type"),
        _text("title"),
        _text("summary"),
        _text("area_group"),
        _text("area"),
        _text("status"),
        _text("visibility"),
        _text("valid_until", nullable=True),
        _flag("collaboration_open"),
        _flag("example"),
        _text("withdrawn", nullable=True),
        _text("search_text"),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_records_log_no"),
        sa.PrimaryKeyConstraint("record_id", name="pk_records"),
    )
    _create_record_indexes()
    op.create_table(
        "record_versions",
        _id("entry_id"),
        _id("record_id"),
        _log_no(),
        _big("sequence"),
        _big("time_ms"),
        _big("shown_ms"),
        _text("title"),
        _text("visibility"),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_record_versions_log_no"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_record_versions"),
    )
    op.create_index("ix_record_versions_record_id", "record_versions", ["record_id"])


def _create_record_indexes() -> None:
    op.create_index(
        "ix_records_facets",
        "records",
        [
            "log_no",
            "visibility",
            "type",
            "area_group",
            "area",
            "status",
            "published_ms",
            "withdrawn",
        ],
        sqlite_where=_LISTED,
        postgresql_where=_LISTED,
    )
    op.create_index(
        "ix_records_newest",
        "records",
        [
            "published_ms",
            "record_id",
            "log_no",
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


def _create_responses() -> None:
    op.create_table(
        "comments",
        _id("entry_id"),
        _id("record_id"),
        _log_no(),
        _big("sequence"),
        _big("time_ms"),
        _big("shown_ms"),
        _text("kind"),
        _text("text", nullable=True),
        _id("answer_to", nullable=True),
        _id("accepts", nullable=True),
        _text("withdrawn", nullable=True),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_comments_log_no"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_comments"),
    )
    op.create_index("ix_comments_record_id", "comments", ["record_id"])
    op.create_table(
        "uses",
        _id("record_id"),
        _log_no(),
        _big("sequence"),
        _id("entry_id"),
        _big("time_ms"),
        _big("shown_ms"),
        _small("since_year", nullable=True),
        _text("contact", nullable=True),
        _text("note", nullable=True),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_uses_log_no"),
        sa.PrimaryKeyConstraint("record_id", "log_no", name="pk_uses"),
        sa.UniqueConstraint("entry_id", name="uq_uses_entry_id"),
    )
    op.create_table(
        "interests",
        _id("record_id"),
        _log_no(),
        _text("interest"),
        _big("sequence"),
        _id("entry_id"),
        _big("time_ms"),
        _big("shown_ms"),
        _text("contact", nullable=True),
        _text("note", nullable=True),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_interests_log_no"),
        sa.PrimaryKeyConstraint("record_id", "log_no", "interest", name="pk_interests"),
        sa.UniqueConstraint("entry_id", name="uq_interests_entry_id"),
    )


def _create_statements() -> None:
    op.create_table(
        "profiles",
        _log_no(),
        _big("sequence"),
        _id("entry_id"),
        _big("time_ms"),
        _text("name"),
        _text("code"),
        _text("domain", nullable=True),
        _text("contact", nullable=True),
        _text("url", nullable=True),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_profiles_log_no"),
        sa.PrimaryKeyConstraint("log_no", name="pk_profiles"),
    )
    op.create_table(
        "introductions",
        _id("introduced"),
        _log_no(),
        _big("sequence"),
        _id("entry_id"),
        _big("time_ms"),
        _big("shown_ms"),
        _text("code"),
        _text("name"),
        _text("url", nullable=True),
        _text("fingerprint", nullable=True),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_introductions_log_no"),
        sa.PrimaryKeyConstraint("introduced", "log_no", name="pk_introductions"),
        sa.UniqueConstraint("entry_id", name="uq_introductions_entry_id"),
    )
    op.create_table(
        "unreadable",
        _id("entry_id"),
        _log_no(),
        _big("sequence"),
        _big("time_ms"),
        _text("kind"),
        _text("reason"),
        _text("detail"),
        _text("withdrawn", nullable=True),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_unreadable_log_no"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_unreadable"),
    )
    op.create_index("ix_unreadable_log_no_sequence", "unreadable", ["log_no", "sequence"])
