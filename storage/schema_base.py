"""What all tables are made with: their registry, and columns that many have."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes a column its row number only when the type is spelled INTEGER.
RowNumber = BigInteger().with_variant(Integer, "sqlite")


def log_no(*, primary_key: bool = False) -> Column[int]:
    """Return a column that says which log a row belongs to."""
    return Column(
        "log_no",
        RowNumber,
        ForeignKey("logs.log_no"),
        primary_key=primary_key,
        nullable=False,
        autoincrement=False,
    )
