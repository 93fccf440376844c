"""What a file of evidence proves: who signed which entry, saying what (docs/protocol.md §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.content import Experience, Inception, RootContent, read_content
from protocol.entry import Envelope
from protocol.errors import ContentError
from protocol.evidence import check_evidence
from protocol.identity import fingerprint


@dataclass(frozen=True, slots=True)
class EvidenceSummary:
    """An entry that was found good. Ids are lower-case hexadecimal, the time is in milliseconds.

    `title` is a record's, "" for entries of other kinds and when the content is not there.
    """

    log: str
    fingerprint: str
    name: str
    code: str
    entry: str
    sequence: int
    kind: str
    time_ms: int
    key_events: int
    has_content: bool
    title: str


def check_evidence_file(envelopes: Sequence[Envelope]) -> EvidenceSummary:
    """Check evidence and tell what it proves; raises a RemoteError for what is wrong."""
    found = check_evidence(envelopes)
    entry = found.envelope.entry
    owner, content = _content(envelopes[0]), _content(found.envelope)
    assert isinstance(owner, Inception), "a log's first entry was read before"
    return EvidenceSummary(
        log=entry.log.hex(),
        fingerprint=fingerprint(entry.log),
        name=owner.name,
        code=owner.code,
        entry=entry.id.hex(),
        sequence=entry.header.sequence,
        kind=entry.header.kind,
        time_ms=entry.header.time_ms,
        key_events=len(found.keys.periods),
        has_content=found.envelope.body is not None,
        title=content.title if isinstance(content, Experience) else "",
    )


def _content(envelope: Envelope) -> RootContent | None:
    if envelope.body is None:
        return None
    try:
        return read_content(envelope.entry.header.kind, envelope.body.content)
    except ContentError:
        return None
