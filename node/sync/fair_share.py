"""How much of the node's time the messages of one neighbour may take.

All messages are handled on one thread, beside the pages and all other neighbours. What a message
costs there differs a thousandfold, so its cost is measured and not guessed: processor time, which
does not grow when the machine is busy with something else. A neighbour has a store of it that
fills again slowly. Once the store is empty, its next message is read only after the time in which
its share has paid for the last; meanwhile TCP holds it back. Nothing is refused or lost by this.

Checking and storing entries is not counted here: that has lanes of its own (`node.intake`).
"""

from __future__ import annotations

SHARE = 0.1
"""Of one processor, for one neighbour in the long run."""
STORE_SECONDS = 1.0
"""What may be taken beyond the share, all at once."""
WAIT_SECONDS_MAX = 5.0
"""Before the next message is read all the same, so that a connection is not taken for dead."""


class FairShare:
    """The store of one neighbour; kept over its sessions, or a new one would be a way around it."""

    def __init__(self) -> None:
        self._left_seconds = STORE_SECONDS
        self._paid_ms: int | None = None

    def take(self, cost_seconds: float, now_ms: int) -> float:
        """Pay for a message; returns how many seconds to wait before the next one, mostly 0."""
        since_ms = now_ms - self._paid_ms if self._paid_ms is not None else 0
        self._paid_ms = now_ms
        filled = self._left_seconds + since_ms / 1_000 * SHARE
        self._left_seconds = min(STORE_SECONDS, filled) - cost_seconds
        # What is owed beyond the longest wait is forgiven: one costly message does not end it.
        self._left_seconds = max(self._left_seconds, -WAIT_SECONDS_MAX * SHARE)
        return max(0.0, -self._left_seconds / SHARE)
