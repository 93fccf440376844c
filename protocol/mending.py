"""What of some entries is beyond doubt the log, judged by one id that is known.

An entry names the one before it by its id, so whoever knows the id of an entry knows all before
it (docs/protocol.md §5). A node that has lost entries from the middle of a log knows the id at
their end: the entry after them names it, or it is the log's head. So entries that it is given again
need no signature.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocol.entry import Envelope, check_body
from protocol.errors import RemoteError


def proven(log: bytes, last_id: bytes, envelopes: Sequence[Envelope]) -> tuple[Envelope, ...]:
    """Return the end of ``envelopes`` that ``last_id``, the id of their last entry, proves.

    Consecutive entries of ``log``, each with the content that it commits to; empty when already the
    last is another.
    """
    found: list[Envelope] = []
    wanted: bytes | None = last_id
    for envelope in reversed(envelopes):
        entry = envelope.entry
        follows = not found or found[-1].entry.header.sequence == entry.header.sequence + 1
        if entry.id != wanted or entry.log != log or not follows or not _is_whole(envelope):
            break
        found.append(envelope)
        wanted = entry.header.previous
    return tuple(reversed(found))


def _is_whole(envelope: Envelope) -> bool:
    try:
        check_body(envelope)
    except RemoteError:
        return False
    return True
