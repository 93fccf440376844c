"""`/.well-known/tidan`: the municipality's own domain says which log is the municipality's.

The document is small JSON, `{"log": "<64 hexadecimal digits>"}`; more names in it are left alone. A
node serves its own, and a domain whose web site is elsewhere serves a copy or leads here.
"""

from __future__ import annotations

from enum import StrEnum

from node.alerts.guarded_fetch import HTTPS_PORT, FetchError, Guard, fetch_small
from protocol import strict_json
from protocol.errors import ContentError
from protocol.identity import fingerprint

PATH = "/.well-known/tidan"
DOCUMENT_BYTES_MAX = 4_096


class Answer(StrEnum):
    """What a domain says of a log."""

    CONFIRMED = "confirmed"
    OTHER = "other"
    MISSING = "missing"
    UNREACHABLE = "unreachable"


def confirmation(log: bytes) -> dict[str, str]:
    """The document that confirms a log."""
    return {"log": log.hex(), "fingerprint": fingerprint(log)}


async def ask_domain(domain: str, log: bytes, guard: Guard) -> Answer:
    """Ask a domain whether it confirms a log; never raises for what a web site may do."""
    port = "" if guard.port == HTTPS_PORT else f":{guard.port}"
    try:
        document = await fetch_small(f"https://{domain}{port}{PATH}", DOCUMENT_BYTES_MAX, guard)
    except FetchError as error:
        is_there = error.status and error.status < 500
        return Answer.MISSING if is_there else Answer.UNREACHABLE
    return read_answer(document, log)


def read_answer(document: bytes, log: bytes) -> Answer:
    """What a document says of a log."""
    try:
        said = strict_json.loads(document)
    except ContentError:
        return Answer.MISSING
    named = said.get("log") if isinstance(said, dict) else None
    if not isinstance(named, str):
        return Answer.MISSING
    return Answer.CONFIRMED if named.lower() == log.hex() else Answer.OTHER
