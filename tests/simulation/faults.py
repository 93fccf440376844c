"""The faults: each has a name, a moment of its own choosing, and an end.

A fault is a method; its name is the name it is counted under. Each seed switches off a random half
of them (a swarm), because faults that always happen together hide what each of them finds alone.
What stays broken is mended by :meth:`Faults.heal`. Which fault stands for which kind of the
programme of proof is said in docs/simulation.md.
"""

from __future__ import annotations

from collections.abc import Callable

from simulation.disk_faults import DISK_FAULTS, DiskFaults
from simulation.fault_base import TWIN
from simulation.network_faults import NETWORK_FAULTS, NetworkFaults
from simulation.people_faults import PEOPLE_FAULTS, PeopleFaults
from simulation.process_faults import PROCESS_FAULTS, ProcessFaults

__all__ = ["NETWORK_AND_NODE_FAULTS", "TWIN", "Faults"]

NETWORK_AND_NODE_FAULTS = (*NETWORK_FAULTS, *PROCESS_FAULTS, *DISK_FAULTS, *PEOPLE_FAULTS)


class Faults(NetworkFaults, ProcessFaults, DiskFaults, PeopleFaults):
    """Breaks one world at random, and mends it."""

    def schedule(self, names: list[str], safety_ms: int) -> None:
        """Let each named fault happen a few times during the safety phase."""
        for name in names:
            for _ in range(self._random.randint(1, 4)):
                delay_ms = self._random.uniform(0, safety_ms)
                self.world.scheduler.after(delay_ms, self._fire, name)

    def heal(self) -> None:
        """Mend the network, wake and start everybody; stop new faults."""
        self._healed = True
        self.heal_network()
        self.heal_people()
        for node in self.world.nodes.values():
            node.set_drift(1.0)
            node.wall_step_ms = 0
            self.heal_disk(node)
            self.heal_process(node)

    def _fire(self, name: str) -> None:
        if not self._healed:
            action: Callable[[], str | None] = getattr(self, name)
            told = action()
            if told is not None:
                self.world.count(name)
                self.world.trace.note("", f"fault {name}: {told}")
