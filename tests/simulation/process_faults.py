"""What goes wrong with a process and its clocks."""

from __future__ import annotations

from protocol.handshake import VERSIONS
from simulation.fault_base import TWIN, FaultBase
from simulation.node_model import SimNode

PROCESS_FAULTS = (
    "crash",
    "crash_between_effects",
    "crash_in_recovery",
    "power_cut",
    "out_of_memory",
    "pause",
    "older_version",
    "clock_drift",
    "clock_step",
    "clock_backwards",
)
TEN_YEARS_MS = 10 * 365 * 86_400_000
HOUR_MS = 3_600_000


class ProcessFaults(FaultBase):
    """Processes die, stand still, are of another version, and do not know the time."""

    def heal_process(self, node: SimNode) -> None:
        """Wake it, or start it; a forgotten second machine is found and switched off."""
        is_old, node.versions = node.versions != VERSIONS, VERSIONS
        node.dies_after = None
        if node.name == TWIN:
            node.crash()
        elif node.up and not is_old:
            node.wake()
        else:
            if node.up:
                node.crash()
            node.start()

    def _restart_later(self, node: SimNode, delay_ms: float) -> None:
        self._later(delay_ms, lambda: None if node.up else node.start())

    def crash(self) -> str | None:
        """Stop a node at any moment and start it again after a while."""
        node = self._node()
        if node is None:
            return None
        node.crash()
        self._restart_later(node, self._duration_ms())
        return node.name

    def crash_between_effects(self) -> str | None:
        """Stop a node between any two things that one event makes it do."""
        return self._doom("", self._random.randint(0, 12))

    def out_of_memory(self) -> str | None:
        """Let the system end a node when a run has just come in: then it holds most."""
        return self._doom("RunArrived", self._random.randint(0, 2))

    def _doom(self, at: str, after: int) -> str | None:
        node = self._node()
        if node is None:
            return None
        node.dies_at, node.dies_after = at, after
        self._restart_later(node, self._duration_ms())
        return f"{node.name} after {after} {at or 'effects'}"

    def crash_in_recovery(self) -> str | None:
        """Stop a node, and several times more while it starts and finds its neighbours again."""
        node = self._node()
        if node is None:
            return None
        node.crash()
        times = self._random.randint(2, 5)
        moments = sorted(self._random.uniform(0, 3_000) for _ in range(2 * times - 1))
        for order, moment_ms in enumerate(moments):
            if order % 2:
                self._later(moment_ms, lambda: node.crash() if node.up else None)
            else:
                self._later(moment_ms, lambda: None if node.up else node.start())
        self._restart_later(node, moments[-1] + 1_000)
        return f"{node.name} {times} times"

    def power_cut(self) -> str | None:
        """Take the power from several nodes at once; what none of them had synced is gone."""
        nodes = [node for node in self.world.nodes.values() if node.up and node.correct]
        if not nodes:
            return None
        chosen = self._random.sample(nodes, self._random.randint(1, len(nodes)))
        lost = sum(len(node.disk.unsynced) for node in chosen)
        for node in chosen:
            node.disk.lose()
            node.crash()
            self._restart_later(node, self._duration_ms())
        if lost:
            self.world.count("lost_unsynced_writes")
        return f"{sorted(node.name for node in chosen)}, {lost} writes lost"

    def pause(self) -> str | None:
        """Let a node do nothing for a while, as under a stalled machine."""
        node = self._node()
        if node is None or node.paused_until_ms > self.world.scheduler.now_ms:
            return None
        node.pause(int(self._duration_ms()))
        return node.name

    def older_version(self) -> str | None:
        """Put an older version of the program in a node's place, and later the newest again."""
        node = self._node()
        if node is None or node.versions != VERSIONS:
            return None
        node.crash()
        node.versions = VERSIONS[: self._random.randint(1, len(VERSIONS) - 1)]
        node.start()

        def upgrade() -> None:
            node.versions = VERSIONS
            if node.up:
                node.crash()
                node.start()

        self._later(self._duration_ms(), upgrade)
        return f"{node.name} speaks {node.versions}"

    def clock_drift(self) -> str | None:
        """Let a node's clock run fast or slow."""
        node = self._node()
        if node is None:
            return None
        node.set_drift(self._random.choice((0.8, 0.99, 1.01, 1.2)))
        return f"{node.name} {node.drift}"

    def clock_step(self) -> str | None:
        """Set a node's calendar ten years wrong."""
        node = self._node()
        if node is None:
            return None
        node.wall_step_ms = self._random.choice((-1, 1)) * TEN_YEARS_MS
        return f"{node.name} {node.wall_step_ms}"

    def clock_backwards(self) -> str | None:
        """Set a node's calendar back by an hour, again and again."""
        node = self._node()
        if node is None:
            return None

        def back() -> None:
            node.wall_step_ms -= HOUR_MS

        for _ in range(self._random.randint(1, 5)):
            self._later(self._duration_ms(), back)
        back()
        return node.name
