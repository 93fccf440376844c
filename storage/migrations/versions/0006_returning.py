"""What users follow, how far they have looked, feed addresses and mail; times of arrival.

The projections are emptied and made anew when the node starts: their new column is known only to
the log.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ARRIVING = ("record_versions", "comments", "uses", "interests")
_OTHERS = ("records", "profiles", "introductions", "unreadable", "projected_logs")


def upgrade() -> None:
    """Make the new tables, empty, and the new column with its index."""
    for table in (*_ARRIVING, *_OTHERS):
        op.execute(sa.delete(sa.table(table)))
    for table in _ARRIVING:
        op.add_column(table, sa.Column("received_ms", sa.BigInteger(), nullable=False))
        columns = ["received_ms", "entry_id", "log_no"]
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    _of_user(
        "follows",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("followed_ms", sa.BigInteger(), nullable=False),
        key=("user_no", "kind", "target"),
    )
    _of_user("news_seen", sa.Column("seen_ms", sa.BigInteger(), nullable=False))
    _of_user(
        "feed_keys",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("digest", name="uq_feed_keys_digest"),
    )
    _of_user(
        "mail_digests",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("confirm_digest", sa.LargeBinary(32)),
        sa.Column("confirm_expires_ms", sa.BigInteger()),
        sa.Column("confirmed_ms", sa.BigInteger()),
        sa.Column("stop_key", sa.LargeBinary(32), nullable=False),
        sa.Column("through_ms", sa.BigInteger(), nullable=False),
        sa.Column("period_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_ms", sa.BigInteger(), nullable=False),
        sa.Column("sent_ms", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.Column("error_ms", sa.BigInteger()),
        sa.UniqueConstraint("confirm_digest", name="uq_mail_digests_confirm_digest"),
        sa.UniqueConstraint("stop_key", name="uq_mail_digests_stop_key"),
    )


def _of_user(
    name: str,
    *parts: sa.Column[object] | sa.UniqueConstraint,
    key: tuple[str, ...] = ("user_no",),
) -> None:
    """Make a table whose rows belong to users."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        name,
        sa.Column("user_no", number, nullable=False, autoincrement=False),
        *parts,
        sa.ForeignKeyConstraint(["user_no"], ["users.user_no"], name=f"fk_{name}_user_no"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
    )
