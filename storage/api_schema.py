"""The table of what other systems read with: tokens, by digest, and what each may do.

All of it is this node's own. Its rules are those of storage/schema.py.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from storage.schema_base import RowNumber, metadata

# A token belongs to the node, not to who made it; ``revoked_ms`` is null while it works. Rows stay,
# so that a number in the audit always has its name.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_no", RowNumber, primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    Column("revoked_ms", BigInteger),
)
