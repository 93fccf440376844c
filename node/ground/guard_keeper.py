"""Moves the guard file, from whichever thread, and never backwards by accident."""

from __future__ import annotations

import threading

from protocol.chain import Head
from storage.guard_file import GuardFile


class GuardKeeper:
    """The only writer of a node's guard file while the node is open."""

    def __init__(self, guard: GuardFile) -> None:
        self._guard = guard
        self._writing = threading.Lock()

    def raise_to(self, head: Head) -> None:
        """Make the guard remember `head`, unless it remembers more; durable when this returns.

        Raises OSError when it cannot be written.
        """
        with self._writing:
            self._guard.advance(head.sequence, head.id)

    def replace(self, head: Head) -> None:
        """Make the guard remember exactly `head`: a person has overridden what it said."""
        with self._writing:
            self._guard.write(head.sequence, head.id)
