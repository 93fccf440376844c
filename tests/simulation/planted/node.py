"""Planted in what a node does with its disk: syncing, backups, the guard."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from protocol.effects import OwnLogAhead
from protocol.hub import Hub
from simulation import conformance, conformance_stored
from simulation.disk import Backup, Disk
from simulation.node_model import SimNode
from simulation.own_log_model import OwnLog
from simulation.planted.bug import Bug
from storage import guard_file
from storage.guard_file import GuardFile


def fsync_is_left_out(patch: pytest.MonkeyPatch) -> None:
    """Call an entry safe that a crash can still take."""

    def crash(disk: Disk, random: Any) -> None:
        for log, chain in disk.chains.items():
            disk.chains[log] = kept = chain[: (len(chain) + 1) // 2]
            disk.heads[log] = disk.heads[log]._replace(sequence=len(kept), id=kept[-1].entry.id)
        disk.unsynced.clear()

    patch.setattr(Disk, "crash", crash)


def the_guard_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Go on signing after an old backup was restored."""
    patch.setattr(SimNode, "recovering", False)


def the_guard_is_never_advanced(patch: pytest.MonkeyPatch) -> None:
    """Leave the guard at the log's first entry."""
    patch.setattr(OwnLog, "raise_guard", lambda own: None)


def the_guard_is_part_of_the_backup(patch: pytest.MonkeyPatch) -> None:
    """Put the guard file back together with the database."""
    real = Disk.restore

    def restore(disk: Disk, backup: Backup) -> None:
        assert disk.guard is not None, "every node begins with a guard"
        sequence, head_id = disk.guard
        own = next(
            log
            for log, chain in disk.chains.items()
            if len(chain) >= sequence and chain[sequence - 1].entry.id == head_id
        )
        real(disk, backup)
        disk.guard = (disk.heads[own].sequence, disk.heads[own].id)

    patch.setattr(Disk, "restore", restore)


def what_neighbours_hold_of_our_log_is_no_reason(patch: pytest.MonkeyPatch) -> None:
    """Go on signing although a neighbour tells of more of our own log."""
    real = Hub._on_learned

    def on_learned(hub: Any, session: Any, item: Any, now_ms: int) -> Any:
        learned = real(hub, session, item, now_ms)
        return [effect for effect in learned if not isinstance(effect, OwnLogAhead)]

    patch.setattr(Hub, "_on_learned", on_learned)


def the_guard_has_no_checksum(patch: pytest.MonkeyPatch) -> None:
    """Believe a guard file that a power cut has torn."""
    patch.setattr(guard_file, "_checksum", lambda line: "0" * 16)


def the_guard_is_written_in_place(patch: pytest.MonkeyPatch) -> None:
    """Write the new guard over the old one, the only one."""

    def advance(guard: GuardFile, sequence: int, entry_id: bytes) -> None:
        held = guard.read()
        if held is None or held.sequence < sequence:
            _overwrite(guard.path, guard_file._slot(sequence, entry_id))

    patch.setattr(GuardFile, "advance", advance)


def the_guard_may_go_back(patch: pytest.MonkeyPatch) -> None:
    """Write whatever head is told, also an older one."""
    patch.setattr(GuardFile, "advance", GuardFile.write)


def _overwrite(path: Path, slot: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, slot, 0)
    finally:
        os.close(descriptor)


BUGS = (
    Bug(fsync_is_left_out),
    Bug(the_guard_is_ignored, conformance.backup_put_back),
    Bug(the_guard_is_never_advanced, conformance.backup_put_back),
    Bug(the_guard_is_part_of_the_backup, conformance.backup_put_back),
    Bug(what_neighbours_hold_of_our_log_is_no_reason, conformance.image_put_back),
    Bug(the_guard_has_no_checksum, conformance_stored.torn_guard),
    Bug(the_guard_is_written_in_place, conformance_stored.torn_guard),
    Bug(the_guard_may_go_back, conformance_stored.torn_guard),
)
