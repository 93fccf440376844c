"""A record's evidence as a file: what anybody can check offline (docs/protocol.md §8.3)."""

from __future__ import annotations

from protocol.archive import encode_item
from protocol.evidence import make_evidence
from storage.log_store import LogStore


async def read_evidence(log_store: LogStore, log: bytes, sequence: int) -> bytes | None:
    """The entry with this number, as the file that proves it; None when it is not here.

    Raises :class:`storage.errors.DamagedLogError` when the disk has changed it.
    """
    envelope = await log_store.entry(log, sequence)
    if envelope is None:
        return None
    evidence = make_evidence(await log_store.key_events(log), envelope)
    return b"".join(encode_item(item) for item in evidence)
