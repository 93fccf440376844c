"""Taking back what our log has said, with a reason that all can read. Pure."""

from __future__ import annotations

from node.errors import ArgumentError
from protocol.content import Withdraw
from protocol.limits import NOTE_CHARS_MAX


def withdrawal(target: bytes, reason: str) -> Withdraw:
    """What takes an entry of ours back; raises `ArgumentError` for a reason that cannot stand."""
    words = reason.strip()
    if not 0 < len(words) <= NOTE_CHARS_MAX:
        raise ArgumentError(f"Say why, in at most {NOTE_CHARS_MAX} characters; all can read it.")
    try:
        return Withdraw(target=target.hex(), reason=words)
    except ValueError as error:
        raise ArgumentError("The reason holds characters that cannot be published.") from error
