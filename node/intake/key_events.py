"""Key events of all accepted logs, in memory: a few hundred bytes a log, needed without waiting.

Handshakes show our own; proofs of forks carry those of the log concerned.
"""

from __future__ import annotations

from node.intake.step import Committed
from protocol.entry import Envelope
from storage.log_store import LogStore


class KeyEvents:
    """Loaded once when the node opens, then kept up by commits."""

    def __init__(self) -> None:
        self._by_log: dict[bytes, tuple[Envelope, ...]] = {}

    async def load(self, log_store: LogStore) -> None:
        """Read the key events of every log that has entries here."""
        self._by_log = await log_store.all_key_events()

    def of(self, log: bytes) -> tuple[Envelope, ...]:
        """The log's first entry and rotations in order; empty when none are here."""
        return self._by_log.get(log, ())

    def on_committed(self, committed: Committed) -> None:
        """Listener of ingest."""
        new = tuple(item for item in committed.envelopes if item.entry.is_key_event)
        if new:
            self._by_log[committed.head.log] = self.of(committed.head.log) + new
