"""Whether a simulated node may sign: the real node's own rules, on a simulated disk.

The decisions are :class:`node.ground.recovery.Recovery` and :func:`storage.guard_file.compare`
themselves; this file only hands them what happens, as :mod:`node.sync.own_log` and
:mod:`node.ground.ground` do, and keeps on the disk what those keep there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.errors import FrozenError, RecoveringError
from node.ground.first_asking import FirstAsking
from node.ground.last_run import is_long
from node.ground.recovery import COPY_MET, OWN_LOG_CLAIM, Recovery
from protocol.identity import SigningKey
from storage.guard_file import Guard, GuardState, compare

if TYPE_CHECKING:
    from simulation.node_model import SimNode

KEEP_MS = 5
ASK_MS_MAX = 40_000
"""What `ask_neighbours_seconds` is when nobody has changed it."""


class OwnLog:
    """One life of a node, as far as its own log and key go."""

    def __init__(self, node: SimNode) -> None:
        """Compare database, guard and key, as at every start."""
        self._node = node
        disk = node.disk
        head, chain = disk.heads.get(node.log), disk.chains.get(node.log, [])
        place = (head.sequence, head.id) if head else None
        state, known = GuardState.MISSING, 0
        if disk.guard is not None:
            guard = Guard(*disk.guard)
            known = guard.sequence
            at_guard = chain[known - 1].entry.id if len(chain) >= known else None
            state = compare(guard, place, at_guard)
        if state is GuardState.DATABASE_AHEAD:
            disk.guard = place
        claimed = int(disk.facts.get(OWN_LOG_CLAIM) or 0) > (head.sequence if head else 0)
        self.recovery = Recovery(state, known, claimed=claimed)
        asked = node.directory.neighbours if node.world.asks_first else set()
        noted_ms = disk.last_run_ms
        off = noted_ms is not None and is_long(node.now_ms() - noted_ms)
        give_up = self._give_up if off else None
        self.first_asking = FirstAsking(lambda: asked, node.now_ms, ASK_MS_MAX, give_up=give_up)
        if disk.facts.get(COPY_MET):
            self.recovery.note_copy()
        self.compare_key()

    @property
    def key(self) -> SigningKey:
        """The key that lies on this machine."""
        return self._node.key(self._node.disk.key_generation)

    def compare_key(self) -> None:
        """See whether the machine's key is the log's."""
        self.recovery.compare_key(self._node.directory.get(self._node.log), self.key)

    def _give_up(self) -> None:
        self._node.world.count("signed nothing before all had answered")
        self.recovery.note_off()

    def note_run(self) -> None:
        """Note that the node runs, unless that would hide how long it was off."""
        if not self.first_asking.must_hear_all:
            self._node.disk.last_run_ms = self._node.now_ms()

    def may_sign(self) -> bool:
        """Whether an ordinary entry may be signed now."""
        if self.is_asking():
            return False
        try:
            self.recovery.require_signing(self._node.directory.get(self._node.log))
        except (RecoveringError, FrozenError):
            return False
        return True

    def is_asking(self) -> bool:
        """Whether neighbours are still asked for our log."""
        if self.first_asking.ms_left:
            return True
        self.first_asking.settle()
        if self._node.was_put_back and self.recovery.reason is None:
            self._node.was_put_back = False
            self._node.world.oracle.forget_unseen(self._node.log, self._node.world.nodes.values())
        return False

    def may_rotate(self) -> bool:
        """Whether the key of the recovery sheet may be brought in force now."""
        view = self._node.directory.get(self._node.log)
        return view is not None and view.head is not None and self.recovery.may_rotate(view)

    def override(self) -> None:
        """A person lets the key on this machine sign on, although more may have been signed."""
        self.recovery.override(self._node.own_sequence())
        self.first_asking.end()
        self._node.disk.facts.clear()

    def rotated(self) -> None:
        """The next key is in force: whatever the one before has signed beyond gives way."""
        self._node.disk.facts.clear()
        self.recovery.note_rotated()
        self.first_asking.end()

    # --- what neighbours say -----------------------------------------------------------------

    def claimed(self, neighbour: bytes, sequence: int) -> None:
        """A neighbour has more of our log than we do."""
        self.recovery.neighbour_ahead(neighbour, sequence)
        self._node.later(KEEP_MS, self._keep_claim)

    def _keep_claim(self) -> None:
        needed = self.recovery.needed_sequence
        self._node.disk.facts[OWN_LOG_CLAIM] = str(needed) if needed else ""

    def copy_met(self, neighbour: bytes) -> None:
        """A neighbour has met a second node with our key."""
        self.recovery.note_copy()
        self._node.disk.facts[COPY_MET] = neighbour.hex()

    def claim_failed(self, neighbour: bytes) -> None:
        """What a neighbour offered as our log was not."""
        self.recovery.claim_failed(neighbour)
        self.settle()

    def compared(self, neighbour: bytes) -> None:
        """A neighbour has compared all logs with us."""
        self.recovery.neighbour_compared(neighbour)
        self.first_asking.heard(neighbour)
        self.settle()

    def settle(self) -> None:
        """See whether the log is back; if so the guard is written and signing resumes."""
        node = self._node
        view = node.directory.get(node.log)
        if view is None or view.head is None:
            return
        self.compare_key()
        if self.recovery.settle(view.head.sequence, node.directory.neighbours):
            node.world.trace.note(node.name, "own log is back")
            self.raise_guard()
            node.disk.facts.pop(OWN_LOG_CLAIM, None)

    def raise_guard(self) -> None:
        """Make the guard remember our head, unless it knows of more or the log may not be whole."""
        head, guard = self._node.disk.heads.get(self._node.log), self._node.disk.guard
        if head is not None and (guard is None or guard[0] < head.sequence):
            self._node.disk.guard = (head.sequence, head.id)
