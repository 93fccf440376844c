"""Whether our log has said its last word: an entry of kind `leave`, until a new key follows it."""

from __future__ import annotations

from node.ground.ground import Ground
from node.intake.step import Committed


class LastWord:
    """Tells who decides about signing what the newest entry of our log is."""

    def __init__(self, ground: Ground) -> None:
        self._own_log = ground.own_log
        self._recovery = ground.recovery

    def on_committed(self, committed: Committed) -> None:
        """Listener of ingest."""
        if committed.head.log == self._own_log and committed.envelopes:
            self._recovery.note_newest(committed.envelopes[-1].entry.header.kind)
