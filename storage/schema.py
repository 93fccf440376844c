"""All tables, as SQLAlchemy Core sees them.

The first group is the truth, the second is what this node alone has decided or seen, the third is
projections: dropped and rebuilt at will (storage/projections.py). A column marked ``local`` may
differ between nodes that hold the same logs, and takes no part in the digest of the projections.

Ids and keys are raw bytes; times are milliseconds since 1970 (UTC). A change here needs a
migration in storage/migrations/versions; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from storage.account_schema import user_invitations, users, web_sessions
from storage.alert_schema import alert_letters, alerts, neighbour_sightings
from storage.api_schema import api_tokens
from storage.blob_schema import attachments
from storage.contact_schema import neighbour_contacts, neighbour_errors, neighbour_logs
from storage.damage_schema import damaged_files, damaged_runs
from storage.draft_schema import drafts
from storage.import_schema import import_files, import_marks, imports
from storage.invite_schema import invites, knocks, received_invites
from storage.lifecycle_schema import addresses, continuations, departures
from storage.quota_schema import neighbour_days, quotas
from storage.returning_schema import feed_keys, follows, mail_digests, news_seen
from storage.schema_base import RowNumber, log_no, metadata
from storage.superseded_schema import superseded_runs

# Made elsewhere; whoever wants all tables finds them here.
__all__ = [
    "addresses", "alert_letters", "alerts", "api_tokens", "attachments", "continuations",
    "damaged_files", "damaged_runs", "departures", "drafts", "feed_keys", "follows",
    "import_files", "import_marks", "imports", "invites", "knocks", "mail_digests", "metadata",
    "neighbour_contacts", "neighbour_days", "neighbour_errors", "neighbour_logs",
    "neighbour_sightings", "news_seen", "quotas", "received_invites", "superseded_runs",
    "user_invitations", "users", "web_sessions",
]  # fmt: skip

# --- the truth -------------------------------------------------------------------------------

logs = Table(
    "logs",
    metadata,
    Column("log_no", RowNumber, primary_key=True),
    Column("log_id", LargeBinary(32), nullable=False, unique=True),
    Column("standing", Text, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("standing_ms", BigInteger, nullable=False),
    Column("head_sequence", BigInteger),
    Column("head_id", LargeBinary(32)),
    Column("keys", LargeBinary),
    Column("code", Text, nullable=False, default=""),
    Column("name", Text, nullable=False, default=""),
    Column("introduced_by", LargeBinary(32)),
    Column("introduced_ms", BigInteger),
    Column("frozen", Boolean, nullable=False, default=False),
    Column("public_note", Text),
    Column("first_name", Text),
    Column("renamed_ms", BigInteger),
)

# One row a run: its entries as they came, compressed together. ``received`` says when, as a CBOR
# array of [entries, milliseconds]; ``digest`` covers the whole row (storage/stored_run.py).
runs = Table(
    "runs",
    metadata,
    log_no(primary_key=True),
    Column("first_sequence", BigInteger, primary_key=True),
    Column("entry_count", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("received", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

# First entries and rotations once more, since handshakes and proofs need them without waiting.
key_events = Table(
    "key_events",
    metadata,
    log_no(primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)

forks = Table(
    "forks",
    metadata,
    Column("fork_no", RowNumber, primary_key=True),
    log_no(),
    Column("proof", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("found_ms", BigInteger, nullable=False),
)

# --- what this node has decided or seen --------------------------------------------------------

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

neighbours = Table(
    "neighbours",
    metadata,
    Column("log_id", LargeBinary(32), primary_key=True),
    Column("url", Text),
    Column("name", Text, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
    Column("removed_ms", BigInteger),
    Column("paused", Boolean, nullable=False, default=False),
    Column("outgoing_success_ms", BigInteger),
    Column("outgoing_error_code", Text),
    Column("outgoing_error", Text),
    Column("outgoing_error_ms", BigInteger),
    Column("incoming_success_ms", BigInteger),
    Column("incoming_error_code", Text),
    Column("incoming_error", Text),
    Column("incoming_error_ms", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_no", RowNumber, primary_key=True, autoincrement=True),
    Column("time_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "subject"),
    sqlite_autoincrement=True,
)

# --- projections -------------------------------------------------------------------------------

projection_state = Table(
    "projection_state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
)

# How far each log is projected; a log without a row is not projected at all.
projected_logs = Table(
    "projected_logs",
    metadata,
    log_no(primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)


def _local(name: str) -> Column[int]:
    """Return a column for a time that depends on when this node received the entry."""
    return Column(name, BigInteger, nullable=False, info={"local": True})


def _written() -> tuple[Column[Any], ...]:
    """Return the columns that say which entry a row comes from, where a row is one act."""
    return (
        Column("sequence", BigInteger, nullable=False),
        Column("entry_id", LargeBinary(32), nullable=False, unique=True),
        Column("time_ms", BigInteger, nullable=False),
        _local("shown_ms"),
    )


records = Table(
    "records",
    metadata,
    Column("record_id", LargeBinary(32), primary_key=True),
    log_no(),
    Column("sequence", BigInteger, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("version_id", LargeBinary(32), nullable=False),
    Column("version_sequence", BigInteger, nullable=False),
    Column("version_time_ms", BigInteger, nullable=False),
    Column("version_count", Integer, nullable=False),
    _local("published_ms"),
    _local("changed_ms"),
    Column("type", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("language", Text, nullable=False, server_default="sv"),
    Column("area_group", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("valid_until", Text),
    Column("collaboration_open", Boolean, nullable=False),
    Column("example", Boolean, nullable=False),
    Column("withdrawn", Text),
)
# Lists are read from these two indexes in their order, no further than a page, and a log is counted
# from the second; a page then fetches its rows. ``withdrawn``, always null, is in them because
# SQLite looks it up in the table otherwise. On PostgreSQL they are partial as well: the migrations
# say so, and to say it here too would load all of that dialect wherever SQLite is used (3 MB).
_LISTED = text("withdrawn IS NULL")
_FILTERS = ("visibility", "type", "area_group", "area", "status", "withdrawn")
Index(
    "ix_records_newest",
    records.c.published_ms,
    records.c.record_id,
    records.c.log_no,
    *(records.c[name] for name in _FILTERS),
    sqlite_where=_LISTED,
)
Index(
    "ix_records_by_log",
    records.c.log_no,
    records.c.published_ms,
    records.c.record_id,
    *(records.c[name] for name in _FILTERS),
    sqlite_where=_LISTED,
)

record_versions = Table(
    "record_versions",
    metadata,
    Column("entry_id", LargeBinary(32), primary_key=True),
    Column("record_id", LargeBinary(32), nullable=False, index=True),
    log_no(),
    Column("sequence", BigInteger, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    _local("shown_ms"),
    Column("title", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    _local("received_ms"),
    Index(None, "received_ms", "entry_id", "log_no"),
)

comments = Table(
    "comments",
    metadata,
    Column("entry_id", LargeBinary(32), primary_key=True),
    Column("record_id", LargeBinary(32), nullable=False, index=True),
    log_no(),
    Column("sequence", BigInteger, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    _local("shown_ms"),
    Column("kind", Text, nullable=False),
    Column("text", Text),
    Column("answer_to", LargeBinary(32)),
    Column("accepts", LargeBinary(32)),
    Column("withdrawn", Text),
    _local("received_ms"),
    Index(None, "log_no", "record_id"),
    Index(None, "received_ms", "entry_id", "log_no"),
)

uses = Table(
    "uses",
    metadata,
    Column("record_id", LargeBinary(32), primary_key=True),
    log_no(primary_key=True),
    *_written(),
    Column("since_year", Integer),
    Column("contact", Text),
    Column("note", Text),
    _local("received_ms"),
    Index(None, "log_no", "shown_ms", "record_id"),
    Index(None, "received_ms", "entry_id", "log_no"),
)

interests = Table(
    "interests",
    metadata,
    Column("record_id", LargeBinary(32), primary_key=True),
    log_no(primary_key=True),
    Column("interest", Text, primary_key=True),
    *_written(),
    Column("contact", Text),
    Column("note", Text),
    _local("received_ms"),
    Index(None, "received_ms", "entry_id", "log_no"),
)

helped = Table(
    "helped",
    metadata,
    Column("record_id", LargeBinary(32), primary_key=True),
    log_no(primary_key=True),
    *_written(),
    Column("reused", Text),
    _local("received_ms"),
    Index(None, "log_no", "record_id"),
    Index(None, "received_ms", "entry_id", "log_no"),
)

profiles = Table(
    "profiles",
    metadata,
    log_no(primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("entry_id", LargeBinary(32), nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("domain", Text),
    Column("contact", Text),
    Column("url", Text),
)

introductions = Table(
    "introductions",
    metadata,
    Column("introduced", LargeBinary(32), primary_key=True),
    log_no(primary_key=True),
    *_written(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text),
    Column("fingerprint", Text),
)

unreadable = Table(
    "unreadable",
    metadata,
    Column("entry_id", LargeBinary(32), primary_key=True),
    log_no(),
    Column("sequence", BigInteger, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False, info={"local": True}),
    Column("withdrawn", Text),
    Index(None, "log_no", "sequence"),
)

PROJECTIONS = (
    records,
    record_versions,
    comments,
    uses,
    interests,
    helped,
    profiles,
    introductions,
    unreadable,
    attachments,
    addresses,
    departures,
    continuations,
)
"""Every table that is rebuilt from the log, in the order in which the digest reads them."""
