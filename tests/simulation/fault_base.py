"""What every fault needs: a world to break, a source of chance, and an end."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.node_model import SimNode
    from simulation.world import World

TWIN = "T"
"""The name of a second machine with another's key."""


class FaultBase:
    """Chooses victims and ends what has begun."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self._random = random
        self._healed = False

    def _later(self, duration_ms: float, action: Callable[[], object]) -> None:
        """End a fault after a while, unless everything has been healed before."""
        self.world.scheduler.after(duration_ms, lambda: None if self._healed else action())

    def _duration_ms(self) -> float:
        """From a moment to longer than an hour: short cuts and long ones find different things."""
        base_ms = self._random.choice((500, 5_000, 20_000, 60_000, 600_000, 3_600_000))
        return base_ms * self._random.uniform(0.5, 1.5)

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
