"""The faults: each has a name, a moment of its own choosing, and an end.

A fault is a method of :class:`Faults`; its name is the name it is counted under. Each seed
switches off a random half of them (a swarm), because faults that always happen together hide
what each of them finds alone. What stays broken is mended by :meth:`Faults.heal`.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from protocol.identity import KEY_KIND
from simulation.disk import Backup

if TYPE_CHECKING:
    from simulation.node_model import SimNode
    from simulation.scenario import World

TWIN = "T"
"""The name of a second machine with another's key."""
TEN_YEARS_MS = 10 * 365 * 86_400_000


class Faults:
    """Breaks one world at random, and mends it."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self._random = random
        self._backups: dict[str, Backup] = {}
        self._healed = False

    def schedule(self, names: list[str], safety_ms: int) -> None:
        """Let each named fault happen a few times during the safety phase."""
        for name in names:
            for _ in range(self._random.randint(1, 4)):
                delay_ms = self._random.uniform(0, safety_ms)
                self.world.scheduler.after(delay_ms, self._fire, name)

    def heal(self) -> None:
        """Mend the network, wake and start everybody; stop new faults."""
        self._healed = True
        self.world.network.weather.heal()
        self.world.disk_slowness = 1.0
        self.world.network.flush()
        for node in self.world.nodes.values():
            node.set_drift(1.0)
            node.wall_step_ms = 0
            if node.name == TWIN:  # people find the second machine and switch it off
                node.crash()
            elif node.up:
                node.wake()
            else:
                node.start()

    def _fire(self, name: str) -> None:
        if not self._healed:
            action: Callable[[], str | None] = getattr(self, name)
            told = action()
            if told is not None:
                self.world.count(name)
                self.world.trace.note("", f"fault {name}: {told}")

    def _later(self, duration_ms: float, action: Callable[[], None]) -> None:
        """End a fault after a while, unless everything has been healed before."""
        self.world.scheduler.after(duration_ms, lambda: None if self._healed else action())

    def _duration_ms(self) -> float:
        return self._random.choice((500, 5_000, 20_000, 60_000)) * self._random.uniform(0.5, 1.5)

    def _node(self, *, up: bool = True) -> SimNode | None:
        nodes = [node for node in self.world.nodes.values() if node.up == up and node.correct]
        return self._random.choice(nodes) if nodes else None

    def _pair(self) -> tuple[str, str]:
        first, second = self._random.choice(self.world.edges)
        return (first, second) if self._random.random() < 0.5 else (second, first)

    def _groups(self) -> tuple[list[str], list[str]]:
        names = list(self.world.nodes)
        self._random.shuffle(names)
        cut = self._random.randint(1, len(names) - 1)
        return names[:cut], names[cut:]

    # --- network ---------------------------------------------------------------------------

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

    def slow_disk(self) -> str:
        """Make every disk slow to sync."""
        self.world.disk_slowness = self._random.choice((20.0, 200.0))
        self._later(self._duration_ms(), lambda: setattr(self.world, "disk_slowness", 1.0))
        return f"{self.world.disk_slowness:.0f} times"

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

    # --- process, disk, clock ----------------------------------------------------------------

    def crash(self) -> str | None:
        """Stop a node at any moment and start it again after a while."""
        node = self._node()
        if node is None:
            return None
        node.crash()
        self._later(self._duration_ms(), lambda: None if node.up else node.start())
        return node.name

    def pause(self) -> str | None:
        """Let a node do nothing for a while, as under a stalled machine."""
        node = self._node()
        if node is None or node.paused_until_ms > self.world.scheduler.now_ms:
            return None
        node.pause(int(self._duration_ms()))
        return node.name

    def stale_backup(self) -> str | None:
        """Take a backup now, crash later, and start from that backup: the guard must hold."""
        node = self._node()
        if node is None:
            return None
        backup = node.disk.backup()

        def restore() -> None:
            rotated = node.disk.heads[node.log].keys != backup.heads[node.log].keys
            if not node.up or rotated:
                return
            node.crash(backup)
            node.start()

        self._later(self._duration_ms(), restore)
        return node.name

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

    # --- people ----------------------------------------------------------------------------

    def key_rotation(self) -> str | None:
        """Change a municipality's key, whatever else goes on."""
        node = self._node()
        if node is None:
            return None
        node.publish(KEY_KIND, b"")
        return node.name

    def late_member(self) -> str | None:
        """Let a node accept a log it did not want before."""
        undecided = self.world.undecided()
        if not undecided:
            return None
        node, log = self._random.choice(undecided)
        node.accept_log(log)
        return f"{node.name} accepts {self.world.title(log)}"


NETWORK_AND_NODE_FAULTS = (
    "drop",
    "delay",
    "slow_disk",
    "cut",
    "clog",
    "partition",
    "one_way_partition",
    "duplicate_connection",
    "crash",
    "pause",
    "stale_backup",
    "clock_drift",
    "clock_step",
    "key_rotation",
    "late_member",
)
