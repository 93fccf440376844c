"""Entries lie as compressed runs, key events beside them, and each log is projected by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from protocol import canonical
from protocol.identity import KEY_EVENT_KINDS
from protocol.limits import RUN_ENTRIES_MAX
from protocol.packed import Parts, read_parts
from protocol.run import pack_parts
from storage.stored_run import encode_key_event, run_digest

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_runs = sa.table(
    "runs",
    sa.column("log_no"),
    sa.column("first_sequence"),
    sa.column("entry_count"),
    sa.column("size_bytes"),
    sa.column("received"),
    sa.column("digest"),
    sa.column("payload"),
)
_key_events = sa.table(
    "key_events", sa.column("log_no"), sa.column("sequence"), sa.column("packed")
)


def upgrade() -> None:
    """Make the new tables, move the log into them, and let projections be made anew."""
    _create_tables()
    connection = op.get_bind()
    numbers = connection.execute(sa.text("SELECT log_no, log_id FROM logs")).all()
    for log_no, log in numbers:
        for rows in _stretches(connection, log_no):
            _move(connection, log_no, bytes(log), rows)
    op.drop_table("entries")


def _log_no() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("log_no", number, nullable=False, autoincrement=False)


def _create_tables() -> None:
    op.create_table(
        "runs",
        _log_no(),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("received", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_runs_log_no"),
        sa.PrimaryKeyConstraint("log_no", "first_sequence", name="pk_runs"),
    )
    op.create_table(
        "key_events",
        _log_no(),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_key_events_log_no"),
        sa.PrimaryKeyConstraint("log_no", "sequence", name="pk_key_events"),
    )
    op.create_table(
        "projected_logs",
        _log_no(),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["log_no"], ["logs.log_no"], name="fk_projected_logs_log_no"),
        sa.PrimaryKeyConstraint("log_no", name="pk_projected_logs"),
    )
    op.alter_column("projection_state", "position", new_column_name="changes")
    if op.get_context().dialect.name == "postgresql":
        # What is compressed already is not worth compressing again.
        op.execute("ALTER TABLE runs ALTER COLUMN payload SET STORAGE EXTERNAL")


def _stretches(connection: sa.Connection, log_no: int) -> Iterator[Sequence[Any]]:
    """Yield the old rows of one log in order, some at a time."""
    after = 0
    statement = sa.text(
        "SELECT sequence, raw, salt, content, received_ms FROM entries"
        " WHERE log_no = :log_no AND sequence > :after ORDER BY sequence LIMIT :count"
    )
    while True:
        given = {"log_no": log_no, "after": after, "count": RUN_ENTRIES_MAX}
        rows = connection.execute(statement, given).all()
        if not rows:
            return
        yield rows
        after = rows[-1].sequence


def _move(connection: sa.Connection, log_no: int, log: bytes, rows: Sequence[Any]) -> None:
    parts: list[Parts] = [(row.raw, row.salt, row.content) for row in rows]
    times = {row.sequence: row.received_ms for row in rows}
    for run in pack_parts(rows[0].sequence, parts):
        arrived = (times[number] for number in range(run.first, run.last + 1))
        received = canonical.encode([[len(list(same)), time] for time, same in groupby(arrived)])
        row = {
            "log_no": log_no,
            "first_sequence": run.first,
            "entry_count": run.entry_count,
            "size_bytes": run.size_bytes,
            "received": received,
            "digest": run_digest(log, run, received),
            "payload": run.payload,
        }
        connection.execute(_runs.insert(), row)
    for envelope in map(read_parts, parts):
        header = envelope.entry.header
        if header.kind in KEY_EVENT_KINDS:
            event = {"sequence": header.sequence, "packed": encode_key_event(envelope)}
            connection.execute(_key_events.insert(), {"log_no": log_no, **event})
