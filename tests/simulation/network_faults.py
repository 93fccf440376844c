"""What goes wrong between nodes."""

from __future__ import annotations

from simulation.fault_base import FaultBase
from simulation.wiretap import Ghost

NETWORK_FAULTS = (
    "drop",
    "delay",
    "reorder",
    "trickle",
    "cut",
    "clog",
    "partition",
    "one_way_partition",
    "duplicate_connection",
    "late_replay",
)


class NetworkFaults(FaultBase):
    """Frames are lost, late, out of turn, told twice; nobody is reached."""

    def heal_network(self) -> None:
        """Undo all of it, and deliver what was held back."""
        self.world.network.weather.heal()
        self.world.network.flush()

    def drop(self) -> str:
        """Lose frames, each of which ends its connection."""
        weather = self.world.network.weather
        weather.loss = self._random.choice((0.002, 0.02, 0.1))
        self._later(self._duration_ms(), lambda: setattr(weather, "loss", 0.0))
        return f"{weather.loss:.1%} of frames"

    def delay(self) -> str:
        """Make one pair slow to answer, so that its frames fall behind those of others."""
        slow = self.world.network.weather.slow_pairs
        pair = frozenset(self._pair())
        slow[pair] = self._random.choice((10.0, 50.0, 200.0))
        self._later(self._duration_ms(), lambda: slow.pop(pair, None))
        return f"{sorted(pair)} {slow[pair]:.0f} times"

    def reorder(self) -> str:
        """Let what is sent on different connections arrive in any order."""
        weather = self.world.network.weather
        weather.disorder_ms = self._random.choice((500.0, 3_000.0))
        self._later(self._duration_ms(), lambda: setattr(weather, "disorder_ms", 0.0))
        return f"within {weather.disorder_ms:.0f} ms"

    def trickle(self) -> str:
        """Let next to nothing through between two nodes."""
        narrow = self.world.network.weather.narrow_pairs
        pair = frozenset(self._pair())
        narrow[pair] = self._random.choice((0.2, 2.0, 20.0))
        self._later(self._duration_ms(), lambda: narrow.pop(pair, None))
        return f"{sorted(pair)} {narrow[pair]} bytes a ms"

    def cut(self) -> str | None:
        """Lose one connection in the middle of whatever it does."""
        connections = list(self.world.network.connections.values())
        if not connections:
            return None
        connection = self._random.choice(connections)
        self.world.network.cut(connection)
        return f"#{connection.number}"

    def clog(self) -> str:
        """Clog several pairs one by one and free them in another order (swizzle)."""
        weather, network = self.world.network.weather, self.world.network
        pairs = [frozenset(pair) for pair in self.world.edges]
        chosen = self._random.sample(pairs, self._random.randint(1, len(pairs)))
        for order, pair in enumerate(chosen):

            def free(pair: frozenset[str] = pair) -> None:
                weather.clogged.discard(pair)
                network.flush()

            self._later(order * 300, lambda pair=pair: weather.clogged.add(pair))  # type: ignore[misc]
            self._later(order * 300 + self._duration_ms(), free)
        return f"{len(chosen)} pairs"

    def partition(self) -> str:
        """Let nothing pass between two groups."""
        left, right = self._groups()
        walls = [(a, b) for a in left for b in right] + [(b, a) for a in left for b in right]
        return self._block(walls, f"{left} | {right}")

    def one_way_partition(self) -> str:
        """Let nothing pass from one group to the other, but back."""
        left, right = self._groups()
        return self._block([(a, b) for a in left for b in right], f"{left} -x-> {right}")

    def _block(self, walls: list[tuple[str, str]], told: str) -> str:
        weather, network = self.world.network.weather, self.world.network
        weather.blocked.update(walls)

        def open_again() -> None:
            weather.blocked.difference_update(walls)
            network.flush()

        self._later(self._duration_ms(), open_again)
        return told

    def duplicate_connection(self) -> str | None:
        """Dial a neighbour that is connected already, from either side."""
        first, second = self._pair()
        if not self.world.nodes[first].up:
            return None
        self.world.network.dial(first, second)
        return f"{first} to {second}"

    def late_replay(self) -> str | None:
        """Let somebody on the wire play an earlier session again, to the node it was held with."""
        sessions = self.world.wiretap.sessions()
        if not sessions:
            return None
        dialer, responder, frames = self._random.choice(sessions)
        ghost = self.world.network.stations.setdefault(Ghost.name, Ghost(self.world.network))
        assert isinstance(ghost, Ghost)
        ghost.tape = frames
        self.world.network.dial(ghost.name, responder)
        return f"{len(frames)} frames of {dialer} to {responder}"
