"""Alerts and who is written to about them; an audit that can only be added to; public notes.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_REFUSAL = "the audit is only added to"
_ON_SQLITE = """
CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""
_ON_POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_REFUSAL}'; END
    $$
    """,
    """
    CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """,
)


def upgrade() -> None:
    """Make the tables, empty; guard the audit."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    _make_alerts(number)
    op.create_table(
        "alert_letters",
        sa.Column("user_no", number, nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("told_no", number, nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=False),
        sa.Column("sent_ms", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.Column("error_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_no", name="pk_alert_letters"),
        sa.ForeignKeyConstraint(
            ["user_no"], ["users.user_no"], name="fk_alert_letters_user_no_users"
        ),
    )
    op.create_table(
        "neighbour_sightings",
        sa.Column("log_id", sa.LargeBinary(32), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", name="pk_neighbour_sightings"),
    )
    op.add_column("logs", sa.Column("public_note", sa.Text()))
    _guard_audit()


def _make_alerts(number: sa.types.TypeEngine[int]) -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_no", number, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger()),
        sa.Column("begun_posted_ms", sa.BigInteger()),
        sa.Column("ended_posted_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("alert_no", name="pk_alerts"),
        sqlite_autoincrement=True,
    )
    is_open = sa.text("ended_ms IS NULL")
    op.create_index(
        "ix_alerts_open",
        "alerts",
        ["code", "subject"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _guard_audit() -> None:
    """Whoever has the program's own access to the database changes no line of it by mistake."""
    if op.get_context().dialect.name == "postgresql":
        statements: tuple[str, ...] = _ON_POSTGRESQL
    else:
        statements = tuple(
            _ON_SQLITE.format(verb=verb, refusal=_REFUSAL) for verb in ("UPDATE", "DELETE")
        )
    for statement in statements:
        op.execute(statement)
