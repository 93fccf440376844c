"""Projections of what logs say about themselves: where they moved, that they leave, whose heir
they are.

All three hold a row for few logs or none. A succession is a row of ``departures`` and one of
``continuations`` that name each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from storage.schema_base import log_no, metadata


def _said() -> tuple[Column[Any], ...]:
    """Return the columns that say which entry a row comes from."""
    return (
        Column("sequence", BigInteger, nullable=False),
        Column("entry_id", LargeBinary(32), nullable=False, unique=True),
        Column("time_ms", BigInteger, nullable=False),
        Column("shown_ms", BigInteger, nullable=False, info={"local": True}),
    )


addresses = Table(
    "addresses",
    metadata,
    log_no(primary_key=True),
    *_said(),
    Column("url", Text, nullable=False),
)

departures = Table(
    "departures",
    metadata,
    log_no(primary_key=True),
    *_said(),
    Column("reason", Text),
    Column("successor", LargeBinary(32)),
)

continuations = Table(
    "continuations",
    metadata,
    Column("predecessor", LargeBinary(32), primary_key=True),
    log_no(primary_key=True),
    *_said(),
)
