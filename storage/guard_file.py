"""The restore guard: the head of our own log, kept outside the database and its backups.

Durability order for an own entry, which :meth:`GuardFile.write` is one step of:

1. sign the entry and commit it to the database (fsynced);
2. write the guard (fsynced);
3. only then acknowledge it, show it, or send it to a neighbour.

So a crash leaves the database equal to the guard or ahead of it, and what is ahead has been seen
by nobody else. A database behind its guard has been restored from an old copy: the entries it
lacks may be with the neighbours, and signing now would put two entries at one sequence number.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from storage.durable_file import write_durably

_MAGIC = "tidan-guard-1"
_FILE_BYTES_MAX = 256


class GuardState(StrEnum):
    """How the database stands to the guard; only OK and DATABASE_AHEAD allow signing."""

    OK = "ok"
    """The same head in both."""
    DATABASE_AHEAD = "database_ahead"
    """A crash came between steps 1 and 2; write the guard and go on."""
    MISSING = "missing"
    """No guard: deleted, or the data folder is a copy without it."""
    UNREADABLE = "unreadable"
    """A guard that is not what was written."""
    DATABASE_BEHIND = "database_behind"
    """The database lacks entries that were signed: it is an old copy."""
    DIVERGED = "diverged"
    """Another entry at the guard's sequence number: the database is of another history."""


class Guard(NamedTuple):
    """Head of the own log: sequence number and entry id."""

    sequence: int
    id: bytes


class GuardFile:
    """The guard at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Guard | None:
        """Return the guard, or None when there is none or it is unreadable."""
        state_or_guard = self._load()
        return state_or_guard if isinstance(state_or_guard, Guard) else None

    def write(self, sequence: int, entry_id: bytes) -> None:
        """Replace the guard atomically; fsynced when this returns."""
        line = f"{_MAGIC} {sequence} {entry_id.hex()}"
        write_durably(self.path, f"{line} {_checksum(line)}\n".encode("ascii"))

    def check(self, head: tuple[int, bytes] | None, id_at_guard: bytes | None = None) -> GuardState:
        """Compare the database's ``head`` (sequence, id) with the guard.

        ``id_at_guard`` is the id the database holds at the guard's sequence number; it is needed
        when the database is ahead, to tell an interrupted write from another history.
        """
        guard = self._load()
        if isinstance(guard, GuardState):
            return guard
        if head is None or head[0] < guard.sequence:
            return GuardState.DATABASE_BEHIND
        if head[0] == guard.sequence:
            return GuardState.OK if head[1] == guard.id else GuardState.DIVERGED
        return GuardState.DATABASE_AHEAD if id_at_guard == guard.id else GuardState.DIVERGED

    def _load(self) -> Guard | GuardState:
        try:
            with self.path.open("rb") as file:
                data = file.read(_FILE_BYTES_MAX)
        except FileNotFoundError:
            return GuardState.MISSING
        try:
            line, _, checksum = data.decode("ascii").rstrip("\n").rpartition(" ")
            magic, sequence, entry_id = line.split(" ")
            guard = Guard(int(sequence), bytes.fromhex(entry_id))
        except ValueError:
            return GuardState.UNREADABLE
        if magic != _MAGIC or checksum != _checksum(line):
            return GuardState.UNREADABLE
        return guard


def _checksum(line: str) -> str:
    return hashlib.sha256(line.encode("ascii")).hexdigest()[:16]
