"""The tables of what brings users back: what they follow and have seen, feed addresses, mail.

All of it is this node's own. Its rules are those of storage/schema.py.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text

from storage.schema_base import RowNumber, metadata

# What each user follows, by kind and its canonical text; local like the users themselves.
follows = Table(
    "follows",
    metadata,
    Column("user_no", RowNumber, ForeignKey("users.user_no"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("followed_ms", BigInteger, nullable=False),
)

# How far each user has looked through what is new, as a time of arrival.
news_seen = Table(
    "news_seen",
    metadata,
    Column("user_no", RowNumber, ForeignKey("users.user_no"), primary_key=True),
    Column("seen_ms", BigInteger, nullable=False),
)

# One personal feed address a user, by the digest of its token.
feed_keys = Table(
    "feed_keys",
    metadata,
    Column("user_no", RowNumber, ForeignKey("users.user_no"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("made_ms", BigInteger, nullable=False),
)

# Who wants mail about what is new, and how far it went. ``stop_key`` stands in every letter and can
# do nothing but end them, so it is kept as it is; of the link that confirms an address, the digest.
mail_digests = Table(
    "mail_digests",
    metadata,
    Column("user_no", RowNumber, ForeignKey("users.user_no"), primary_key=True),
    Column("address", Text, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("confirm_digest", LargeBinary(32), unique=True),
    Column("confirm_expires_ms", BigInteger),
    Column("confirmed_ms", BigInteger),
    Column("stop_key", LargeBinary(32), nullable=False, unique=True),
    Column("through_ms", BigInteger, nullable=False),
    Column("period_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_ms", BigInteger, nullable=False),
    Column("sent_ms", BigInteger),
    Column("error", Text),
    Column("error_ms", BigInteger),
)
