"""The tables of how contact with neighbours has gone: for people to look at, never to decide by.

All of it is this node's own. What a neighbour held when it was last heard is shown as just that;
what to send it is learned anew in each session. Its rules are those of storage/schema.py.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from storage.schema_base import RowNumber, metadata

# One row a neighbour, present or past. ``compared_ms``: when it last said what it holds.
neighbour_contacts = Table(
    "neighbour_contacts",
    metadata,
    Column("neighbour_id", LargeBinary(32), primary_key=True),
    Column("received_bytes", BigInteger, nullable=False),
    Column("sent_bytes", BigInteger, nullable=False),
    Column("protocol_version", Integer),
    Column("certificate_ends_ms", BigInteger),
    Column("compared_ms", BigInteger),
    Column("behind_in_since_ms", BigInteger),
    Column("behind_out_since_ms", BigInteger),
)

# How far a neighbour held a log, and how many of its entries came to us from there first.
neighbour_logs = Table(
    "neighbour_logs",
    metadata,
    Column("neighbour_id", LargeBinary(32), primary_key=True),
    Column("log_id", LargeBinary(32), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("brought", BigInteger, nullable=False),
)

# The last errors of each neighbour; the same one again and again is one row.
neighbour_errors = Table(
    "neighbour_errors",
    metadata,
    Column("error_no", RowNumber, primary_key=True, autoincrement=True),
    Column("neighbour_id", LargeBinary(32), nullable=False),
    Column("direction", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Index(None, "neighbour_id", "error_no"),
    sqlite_autoincrement=True,
)
