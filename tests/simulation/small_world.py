"""What worlds built for one question have in common (see :mod:`simulation.conformance`)."""

from __future__ import annotations

from collections.abc import Callable

from protocol.directory import Standing
from simulation.node_model import SimNode
from simulation.scenario import InvariantError, Outcome, World

SmallWorld = Callable[[int], Outcome]
"""Plays one seed; federations at random (``run_seed``) are played in the same way."""
SETTLE_MS = 5_000


def world_of(seed: int, names: str, kinds: dict[str, type[SimNode]] | None = None) -> World:
    """Return municipalities that accept each other's logs, and are no neighbours yet."""
    world = World(seed)
    for number, name in enumerate(names, 1):
        world.add(name, number, (kinds or {}).get(name, SimNode))
    for node in world.nodes.values():
        for other in world.nodes.values():
            if other is not node:
                node.disk.standings[other.log] = Standing.MEMBER
    return world


def start(world: World, names: str = "") -> None:
    """Start these nodes, or every one, and give them time to meet."""
    for node in world.nodes.values():
        if not names or node.name in names:
            node.start()
    world.scheduler.run_until(world.scheduler.now_ms + SETTLE_MS)


def run_for(world: World, duration_ms: int) -> None:
    """Let time pass."""
    world.scheduler.run_until(world.scheduler.now_ms + duration_ms)


def expect(world: World, within_ms: int, what: str, condition: Callable[[], bool]) -> None:
    """Let time pass until something holds, which must be soon."""
    deadline_ms = world.scheduler.now_ms + within_ms
    while not condition():
        if world.scheduler.now_ms >= deadline_ms:
            raise InvariantError(f"not within {within_ms} ms: {what}")
        run_for(world, 250)


def expect_equal(world: World, within_ms: int, names: str) -> None:
    """Let time pass until these nodes hold the same."""
    nodes = [world.nodes[name] for name in names]
    expect(world, within_ms, "all hold the same", lambda: world.oracle.difference(nodes) is None)


def must(holds: bool, what: str) -> None:
    """Break the invariant ``what`` unless it holds."""
    if not holds:
        raise InvariantError(what)


def judged(seed: int, play: Callable[[int], None]) -> Outcome:
    """Play what needs no simulated network, and return what came of it."""
    outcome = Outcome(seed)
    try:
        play(seed)
    except InvariantError as error:
        outcome.violation = str(error)
    return outcome
