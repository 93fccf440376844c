"""The tables of alerts: what needs a person, who is written to about it, and who was seen when.

All of it is this node's own. Its rules are those of storage/schema.py.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)

from storage.schema_base import RowNumber, metadata

# ``subject``: about which log, address or domain; "" when there is only one. ``facts``: JSON, what
# the words are made of. ``…_posted_ms``: when the webhook took it; 0 when nobody asked for it.
alerts = Table(
    "alerts",
    metadata,
    Column("alert_no", RowNumber, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("begun_posted_ms", BigInteger),
    Column("ended_posted_ms", BigInteger),
    sqlite_autoincrement=True,
)
_OPEN = text("ended_ms IS NULL")
Index(
    "ix_alerts_open",
    alerts.c.code,
    alerts.c.subject,
    unique=True,
    sqlite_where=_OPEN,  # on PostgreSQL as well: storage/schema.py says why not here
)

# Letters about alerts, a row for whoever got one or wants none. ``told_no``: the newest alert told.
alert_letters = Table(
    "alert_letters",
    metadata,
    Column("user_no", RowNumber, ForeignKey("users.user_no"), primary_key=True),
    Column("wanted", Boolean, nullable=False),
    Column("told_no", RowNumber, nullable=False),
    Column("next_ms", BigInteger, nullable=False),
    Column("sent_ms", BigInteger),
    Column("error", Text),
    Column("error_ms", BigInteger),
)

# When a session with a neighbour was last seen to work; its beginning stands in ``neighbours``.
neighbour_sightings = Table(
    "neighbour_sightings",
    metadata,
    Column("log_id", LargeBinary(32), primary_key=True),
    Column("seen_ms", BigInteger, nullable=False),
)
