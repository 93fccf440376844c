"""What people do while things break."""

from __future__ import annotations

from protocol.identity import KEY_KIND
from simulation.fault_base import FaultBase

PEOPLE_FAULTS = (
    "key_rotation",
    "rotation_in_partition",
    "late_member",
    "neighbour_removed",
)


class PeopleFaults(FaultBase):
    """Administrators decide, and change keys, at any moment."""

    def heal_people(self) -> None:
        """Invite again whoever has been removed and not been let in since: an invite can be lost,
        as when it was shown to a second machine of the host."""
        for host, guest in sorted(self.world.removals_open):
            self._invite_again(host, guest)

    def key_rotation(self) -> str | None:
        """Change a municipality's key, whatever else goes on."""
        node = self._node()
        if node is None:
            return None
        node.publish(KEY_KIND, b"")
        return node.name

    def rotation_in_partition(self) -> str | None:
        """Change a key while nobody can be told, write more, and let the others learn it later."""
        node = self._node()
        if node is None:
            return None
        weather, network = self.world.network.weather, self.world.network
        others = [name for name in self.world.nodes if name != node.name]
        walls = {wall for name in others for wall in ((node.name, name), (name, node.name))}
        weather.blocked |= walls
        node.publish(KEY_KIND, b"")
        node.later(2_000, node.publish, "comment", b'{"schema":1}')

        def open_again() -> None:
            weather.blocked -= walls
            network.flush()

        self._later(self._duration_ms(), open_again)
        return node.name

    def late_member(self) -> str | None:
        """Let a node accept a log it did not want before."""
        undecided = [(node, log) for node, log in self.world.undecided() if node.up]
        if not undecided:
            return None
        node, log = self._random.choice(undecided)
        node.accept_log(log)
        return f"{node.name} accepts {self.world.title(log)}"

    def neighbour_removed(self) -> str | None:
        """Remove a neighbour; later it is invited again and shows its invite."""
        host, guest = (self.world.nodes[name] for name in self._pair())
        apart = {(host.name, guest.name), (guest.name, host.name)} & self.world.removals_open
        honest = host.correct and guest.correct and host.up
        if not honest or apart or {host.name, guest.name} & self.world.relied_on:
            return None
        self.world.removals += 1
        host.set_neighbour(guest.log, False)
        self.world.removals_open.add((host.name, guest.name))
        self._later(self._duration_ms(), lambda: self._invite_again(host.name, guest.name))
        return f"{host.name} removes {guest.name}"

    def _invite_again(self, host_name: str, guest_name: str) -> None:
        host, guest = self.world.nodes[host_name], self.world.nodes[guest_name]
        if not (host.up and guest.up):
            if not self._healed:
                self._later(5_000, lambda: self._invite_again(host_name, guest_name))
                return
            for node in (host, guest):
                if not node.up:
                    node.start()
        host.invite(guest)
