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
import os
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from storage.durable_file import write_durably

_MAGIC = "tidan-guard-1"
_SLOT_BYTES = 4096
_SLOTS = 2


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


def compare(
    guard: Guard, head: tuple[int, bytes] | None, id_at_guard: bytes | None = None
) -> GuardState:
    """Return how a database with this ``head`` stands to the guard; see :meth:`GuardFile.check`."""
    if head is None or head[0] < guard.sequence:
        return GuardState.DATABASE_BEHIND
    if head[0] == guard.sequence:
        return GuardState.OK if head[1] == guard.id else GuardState.DIVERGED
    return GuardState.DATABASE_AHEAD if id_at_guard == guard.id else GuardState.DIVERGED


class GuardFile:
    """The guard at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Guard | None:
        """Return the guard, or None when there is none or it is unreadable."""
        state_or_guard = self._load()
        return state_or_guard if isinstance(state_or_guard, Guard) else None

    def write(self, sequence: int, entry_id: bytes) -> None:
        """Replace the guard atomically, whatever it was; fsynced when this returns."""
        write_durably(self.path, _slot(sequence, entry_id) + bytes(_SLOT_BYTES))

    def advance(self, sequence: int, entry_id: bytes) -> None:
        """Move the guard forward, unless it is that far; fsynced when this returns.

        Two places are written in turn, each on a page of its own, and the higher number counts: so
        the guard before is whole until the new one is, and nothing but one write and one sync is
        needed. A file that is not of this shape is replaced as a whole.
        """
        slots = self._slots() if self.path.exists() else []
        numbers = [guard.sequence if guard else 0 for guard in map(_parse, slots)]
        if max(numbers, default=0) >= sequence:
            return
        if len(slots) != _SLOTS or not any(numbers):
            self.write(sequence, entry_id)
            return
        place = numbers.index(min(numbers))
        descriptor = os.open(self.path, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            os.pwrite(descriptor, _slot(sequence, entry_id), place * _SLOT_BYTES)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def check(self, head: tuple[int, bytes] | None, id_at_guard: bytes | None = None) -> GuardState:
        """Compare the database's ``head`` (sequence, id) with the guard.

        ``id_at_guard`` is the id the database holds at the guard's sequence number; it is needed
        when the database is ahead, to tell an interrupted write from another history.
        """
        guard = self._load()
        return guard if isinstance(guard, GuardState) else compare(guard, head, id_at_guard)

    def _load(self) -> Guard | GuardState:
        try:
            slots = self._slots()
        except FileNotFoundError:
            return GuardState.MISSING
        guards = [guard for guard in map(_parse, slots) if guard is not None]
        return max(guards, default=GuardState.UNREADABLE)

    def _slots(self) -> list[bytes]:
        """The places for a guard in the file; an older file has one, shorter than a page."""
        with self.path.open("rb") as file:
            data = file.read(_SLOTS * _SLOT_BYTES + 1)
        return [data[start : start + _SLOT_BYTES] for start in range(0, len(data), _SLOT_BYTES)]


def _slot(sequence: int, entry_id: bytes) -> bytes:
    line = f"{_MAGIC} {sequence} {entry_id.hex()}"
    return f"{line} {_checksum(line)}\n".encode("ascii").ljust(_SLOT_BYTES, b"\0")


def _parse(slot: bytes) -> Guard | None:
    """Return the guard in a place, or None when it is empty, torn or changed."""
    try:
        written, _, padding = slot.partition(b"\n")
        line, _, checksum = written.decode("ascii").rpartition(" ")
        magic, sequence, entry_id = line.split(" ")
        guard = Guard(int(sequence), bytes.fromhex(entry_id))
    except ValueError:
        return None
    whole = magic == _MAGIC and checksum == _checksum(line) and not padding.strip(b"\0")
    return guard if whole else None


def _checksum(line: str) -> str:
    return hashlib.sha256(line.encode("ascii")).hexdigest()[:16]
