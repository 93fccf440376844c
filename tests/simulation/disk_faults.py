"""What goes wrong with disks, and with the copies people make of them."""

from __future__ import annotations

from simulation.disk import Backup
from simulation.effects_model import MISREAD_BIT, MISREAD_PLACE
from simulation.fault_base import FaultBase
from simulation.node_model import SimNode

DISK_FAULTS = (
    "slow_disk",
    "torn_write",
    "sync_error",
    "disk_full",
    "bit_flip",
    "misdirected_write",
    "stale_backup",
    "wrong_restore_order",
)
RECOVERY_MS = 20_000


class DiskFaults(FaultBase):
    """Disks are slow, full, wrong and old."""

    def heal_disk(self, node: SimNode) -> None:
        """Give it a good disk; one that has given back nonsense is read anew after a restart."""
        self.world.disk_slowness = 1.0
        node.disk.failing = False
        if node.next_misread or node.disk_misreads:
            node.next_misread = None
            if node.up:
                node.crash()

    def slow_disk(self) -> str:
        """Make every disk slow to sync."""
        self.world.disk_slowness = self._random.choice((20.0, 200.0))
        self._later(self._duration_ms(), lambda: setattr(self.world, "disk_slowness", 1.0))
        return f"{self.world.disk_slowness:.0f} times"

    def torn_write(self) -> str | None:
        """Stop a node while it writes: the newest transaction is torn and so undone at the start,
        the file that was coming has lost its end, and the guard is the one before."""
        node = self._node()
        if node is None or not node.disk.unsynced:
            return None
        del node.disk.unsynced[-1]
        node.crash()
        self._later(self._duration_ms(), lambda: None if node.up else node.start())
        return node.name

    def sync_error(self) -> str | None:
        """Let one sync fail: what it was for is neither stored nor acknowledged."""
        node = self._node()
        if node is None or not node.disk.unsynced:
            return None
        return self._fail(node, 10 * self.world.disk_slowness)

    def disk_full(self) -> str | None:
        """Leave no room on a disk for a while."""
        node = self._node()
        return None if node is None else self._fail(node, self._duration_ms())

    def _fail(self, node: SimNode, duration_ms: float) -> str:
        node.disk.failing = True
        self._later(duration_ms, lambda: setattr(node.disk, "failing", False))
        return f"{node.name} for {duration_ms:.0f} ms"

    def bit_flip(self) -> str | None:
        """Let a disk give back a bit that was not written: nobody may take it, nor be stopped."""
        return self._misread(MISREAD_BIT)

    def misdirected_write(self) -> str | None:
        """Let a disk give back what was meant for another place."""
        return self._misread(MISREAD_PLACE)

    def _misread(self, failure: str) -> str | None:
        node = self._node()
        if node is None:
            return None
        node.next_misread = failure

        def replace_disk() -> None:
            node.next_misread = None
            if node.up and node.disk_misreads:
                node.crash()
                node.start()

        self._later(self._duration_ms(), replace_disk)
        return node.name

    def stale_backup(self) -> str | None:
        """Take a backup now, crash later, and start from that backup: the guard must hold."""
        node = self._node()
        if node is None:
            return None
        backup = node.disk.backup()

        def restore() -> None:
            may = node.name not in self.world.relied_on and not self._is_dead_end(node, backup)
            if node.up and may:
                node.crash(backup)
                node.start()

        self._later(self._duration_ms(), restore)
        return node.name

    def _is_dead_end(self, node: SimNode, backup: Backup) -> bool:
        """Whether some neighbour could not tell from what it holds that the key is the log's.

        Without its newest rotation a node shows by the key alone that it is the owner: the
        neighbour's present key, or its next one. Where neither holds, or the neighbour holds
        nothing of the log, the two are strangers until the sheet's key is in force:
        docs/reliability.md says that this is not survived.
        """
        newest = node.disk.key_generation
        if node.log in backup.heads and len(backup.heads[node.log].keys.periods) - 1 == newest:
            return False
        for name in self._neighbours(node):
            held = self.world.nodes[name].disk.heads.get(node.log)
            if held is None or newest > len(held.keys.periods):
                return True
        return False

    def wrong_restore_order(self) -> str | None:
        """Start from a newer backup, then from an older one, and leave the guard behind as well.

        Now nothing here knows how far the log went, and in the end a person lets the key that lies
        here sign on. It is not tried where that person would be wrong: where a neighbour lies, has
        lost something itself or has been removed. The drills have the other way, a new key.
        """
        node = self._node()
        if node is None or self.world.removals or not self._is_safe_without_guard(node):
            return None
        older = node.disk.backup()

        def restore_both() -> None:
            if not node.up or not self._is_safe_without_guard(node) or self.world.removals:
                return
            self.world.relied_on |= {node.name, *self._neighbours(node)}
            newer = node.disk.backup()
            node.crash(newer)
            node.start()
            node.crash(older)
            node.disk.guard = None
            node.start()
            self.world.count("restored_without_guard")

        self._later(self._random.uniform(0, RECOVERY_MS), restore_both)
        return node.name

    def _neighbours(self, node: SimNode) -> set[str]:
        return {name for edge in self.world.edges if node.name in edge for name in edge} - {
            node.name
        }

    def _is_safe_without_guard(self, node: SimNode) -> bool:
        """Whether every neighbour is honest, has lost nothing and holds all of the node's log, and
        the guard knows of no more."""
        others = [self.world.nodes[name] for name in self._neighbours(node)]
        return not node.disk.lacks_own_log(node.log) and all(
            other.correct
            and other.restores == 0
            and len(other.disk.chains.get(node.log, ())) == node.own_sequence()
            for other in others
        )
