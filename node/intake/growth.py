"""When the tables have grown so much that the database must look at them anew.

A database that keeps statistics of its tables plans by them. After a first sync or a large import
they say that nothing is there, for a minute or more, and then pages take a hundred times as long.
Numbers only.
"""

from __future__ import annotations

FIRST_ENTRIES = 2_000
"""From so many on it matters how they are read."""


class Growth:
    """How much has been added, and when next to look: each time it has doubled."""

    def __init__(self) -> None:
        self._added = 0
        self._next = FIRST_ENTRIES

    def add(self, entries: int) -> bool:
        """Note what was added; True when it is time to look."""
        self._added += entries
        if self._added < self._next:
            return False
        self._next = 2 * self._added
        return True
