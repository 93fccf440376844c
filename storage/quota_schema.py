"""The tables of quotas: those that people here have changed, and what neighbours brought lately.

All of it is this node's own. Its rules are those of storage/schema.py.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from storage.schema_base import metadata

# ``kind``: "log" for what is kept of a log, "neighbour" for what a neighbour may bring in a day.
quotas = Table(
    "quotas",
    metadata,
    Column("log_id", LargeBinary(32), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("entries", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

# What each neighbour was the first to bring in the 24 hours from ``began_ms``.
neighbour_days = Table(
    "neighbour_days",
    metadata,
    Column("neighbour_id", LargeBinary(32), primary_key=True),
    Column("began_ms", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)
