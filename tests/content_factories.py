"""Plain factories for content: valid values, each with room for one difference."""

from __future__ import annotations

from hypothesis import strategies as st

from protocol import strict_json
from protocol.content import Contact, Experience, RootContent
from protocol.fold import LoggedContent

READABLE = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp"]
)
"""Characters that any text field may hold."""


def an_experience(**changes: object) -> Experience:
    """A small valid experience; keyword arguments replace fields."""
    fields: dict[str, object] = {
        "type": "erfarenhet",
        "title": "Exempel: digital nyckelhantering i hemtjänsten",
        "summary": "Vi bytte fysiska nycklar mot digitala lås i två områden.",
        "area": "aldre.hemtjanst",
        "status": "pilot",
        "contact": Contact(role="Digitaliseringsenheten", email="digitalisering@exempel.se"),
    }
    return Experience.model_validate(fields | changes)


def logged(
    log: bytes, sequence: int, kind: str, content: RootContent | bytes | None
) -> LoggedContent:
    """One entry for the fold, with an id made from log and sequence number."""
    body = strict_json.dumps(content) if isinstance(content, RootContent) else content
    return LoggedContent(log, sequence, entry_id(log, sequence), 1_000 * sequence, kind, body)


def entry_id(log: bytes, sequence: int) -> bytes:
    """A stand-in for an entry id: 32 bytes, different for each log and sequence number."""
    return log[:24] + sequence.to_bytes(8, "big")


def log_id(number: int) -> bytes:
    """A stand-in for a log id."""
    return bytes([number]) * 32
