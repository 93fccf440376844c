"""What the operations answer with: frozen, plain, ids as hexadecimal, times in milliseconds since
1970."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from node.operations.rivals import has_rival
from node.pace import Stage
from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.identity import fingerprint
from storage.blob_store import BlobUsage
from storage.log_registry import LogRow


@dataclass(frozen=True, slots=True)
class Awaited:
    """A neighbour that has to answer before anything is signed."""

    log: str
    name: str


@dataclass(frozen=True, slots=True)
class Status:
    """A node at a glance. `recovering` says why nothing is signed, or is None; `needs_new_key` that
    the guard file was gone; `waits_for` are the neighbours that have to answer first, after a long
    time off.

    `projection_digest` is equal on all nodes that hold the same logs; None unless asked for.
    """

    log: str
    fingerprint: str
    code: str
    name: str
    sequence: int
    records: int
    logs: int
    neighbours: int
    connected: int
    waiting_members: int
    frozen_logs: int
    own_frozen: bool
    has_left: bool
    projection_lag: int
    projection_digest: str | None
    recovering: str | None
    needs_new_key: bool
    waits_for: tuple[Awaited, ...]
    attachments: BlobUsage
    disk_free_bytes: int


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far the node has come with what its neighbours hold.

    First entries are fetched, then shown: made readable and searchable. `received_bytes` is since
    this sync began. Of the neighbours, `connected` are in contact and `compared` of those have said
    what they hold. It is `settled` when those in contact have nothing more and everything shows.
    """

    fetched: Stage
    received_bytes: int
    bytes_per_second: float
    shown: Stage
    neighbours: int
    connected: int
    compared: int
    settled: bool


@dataclass(frozen=True, slots=True)
class Member:
    """One log known here. `alarm` is set when another accepted log claims the same kommunkod and
    neither goes on for the other.

    `reason` stays within the municipality; `public_note` is for everybody.
    """

    log: str
    fingerprint: str
    standing: str
    reason: str
    public_note: str
    code: str
    name: str
    sequence: int
    frozen: bool
    introduced_by: list[str]
    alarm: bool
    standing_ms: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry for reading; `content` is None when it is gone or is not text."""

    entry: str
    sequence: int
    kind: str
    time_ms: int
    size_bytes: int
    content: str | None

    @classmethod
    def of(cls, envelope: Envelope) -> EntryView:
        """The view of one stored entry."""
        header = envelope.entry.header
        content = envelope.body.content if envelope.body else None
        text = content.decode("utf-8", "replace") if content is not None else None
        return cls(
            envelope.entry.id.hex(),
            header.sequence,
            header.kind,
            header.time_ms,
            header.size_bytes,
            text,
        )


@dataclass(frozen=True, slots=True)
class LogEntries:
    """Consecutive entries of one log."""

    log: str
    entries: list[EntryView]


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Part of a log as a CBOR sequence in base64; `sequence` is its last entry's number."""

    log: str
    data: str
    sequence: int
    last: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """How far a stored log holds; `error` is empty when all of it does."""

    log: str
    sequence: int
    error: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A rebuild: entries folded, and the digest over all projected rows."""

    entries: int
    projection_digest: str


def member_views(
    rows: Sequence[LogRow],
    introducers: Mapping[bytes, Sequence[bytes]],
    heirs: Mapping[bytes, bytes],
    standings: Container[Standing],
) -> list[Member]:
    """The rows of `member list` with these standings; introducers are shown by name where we know
    it, `heirs` says which log has gone on in which other."""
    names = {row.log: row.name for row in rows}
    by_code: dict[str, list[LogRow]] = defaultdict(list)
    for row in rows:
        by_code[row.code].append(row)
    return [
        _member_view(
            row,
            has_rival(row.log, {row.code}, by_code[row.code], heirs),
            introducers.get(row.log, ()),
            names,
        )
        for row in rows
        if row.standing in standings
    ]


def _member_view(
    row: LogRow,
    rival: bool,
    introducers: Sequence[bytes],
    names: Mapping[bytes, str],
) -> Member:
    return Member(
        log=row.log.hex(),
        fingerprint=fingerprint(row.log),
        standing=row.standing.value,
        reason=row.reason,
        public_note=row.public_note,
        code=row.code,
        name=row.name,
        sequence=row.sequence,
        frozen=row.frozen,
        introduced_by=[names.get(log) or log.hex() for log in introducers],
        alarm=rival and bool(row.code) and row.standing is not Standing.BLOCKED,
        standing_ms=row.standing_ms,
    )
