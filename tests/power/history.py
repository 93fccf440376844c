"""What happened to a folder on a disk, in order: writes, sizes, names, syncs, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SHARED_MEMORY = "-shm"
"""SQLite's index of its write-ahead log: mapped memory, made anew by the first to open it."""


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put into a file."""

    file: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file made shorter or longer."""

    file: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Names:
    """A change of names, all of it or nothing: (folder, name) to a file, or to None."""

    changes: tuple[tuple[int, str, int | None], ...]

    @property
    def folder(self) -> int:
        """The folder whose sync makes it durable: for a rename, the one it goes to."""
        return self.changes[-1][0]


@dataclass(frozen=True, slots=True)
class Sync:
    """A file or a folder made durable, as far as it had got when the call began."""

    file: int
    begun: int


@dataclass(frozen=True, slots=True)
class Said:
    """A line that the process gave out: from here on somebody may count on it."""

    words: Mapping[str, Any]


Event = Write | Cut | Names | Sync | Said


@dataclass(frozen=True, slots=True)
class Moment:
    """One event; ``at`` is the line of the trace at which its effect was complete."""

    at: int
    event: Event


@dataclass(frozen=True, slots=True)
class History:
    """What happened, in order. Files are numbers; 0 is the recorded folder itself."""

    moments: tuple[Moment, ...]
    folders: frozenset[int]
