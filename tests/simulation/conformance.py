"""Small worlds built for one question each, where chance would ask it too rarely.

Each returns an :class:`Outcome` as a seed does, so a planted bug can be looked for in both.
"""

from __future__ import annotations

from collections.abc import Callable

from protocol import messages
from protocol.directory import Standing
from protocol.identity import KEY_KIND
from simulation.hostile import SPOILED_RUNS, HostileNode
from simulation.network import Connection
from simulation.node_model import SimNode
from simulation.scenario import InvariantError, Outcome, World, finish

LARGE_CONTENT = 60_000
LARGE_COUNT = 300


class WithholdingNode(HostileNode):
    """Says what it holds and never delivers any of it."""

    def send(self, connection: Connection, frame: bytes) -> None:
        """Swallow every run."""
        if frame[1] != messages_number(messages.Run):
            SimNode.send(self, connection, frame)


def messages_number(kind: type[messages.Message]) -> int:
    """Return the number a message travels under."""
    return next(number for number, known, _ in messages._KINDS if known is kind)


def _world(seed: int, names: str, kinds: dict[str, type[SimNode]] | None = None) -> World:
    world = World(seed)
    for number, name in enumerate(names, 1):
        world.add(name, number, (kinds or {}).get(name, SimNode))
    for node in world.nodes.values():
        for other in world.nodes.values():
            if other is not node:
                node.disk.standings[other.log] = Standing.MEMBER
    return world


def _start(world: World) -> None:
    for node in world.nodes.values():
        node.start()
    world.scheduler.run_until(world.scheduler.now_ms + 5_000)


def _expect_equal(world: World, within_ms: int, names: str) -> None:
    deadline_ms = world.scheduler.now_ms + within_ms
    nodes = [world.nodes[name] for name in names]
    difference = world.oracle.difference(nodes)
    while difference and world.scheduler.now_ms < deadline_ms:
        world.scheduler.run_until(world.scheduler.now_ms + 250)
        difference = world.oracle.difference(nodes)
    if difference:
        raise InvariantError(f"not equal within {within_ms} ms: {difference}")


def large_log(seed: int) -> Outcome:
    """More than all credit of one log, to a neighbour with a slow disk: flow control holds."""

    def play(world: World) -> None:
        world.nodes["A"].batch_entries = 1_000
        _start(world)
        source = world.fork_random("content")
        for _ in range(LARGE_COUNT):
            content = b'"' + source.randbytes(LARGE_CONTENT // 2).hex().encode() + b'"'
            world.nodes["A"].publish("experience", content)
        world.scheduler.run_until(world.scheduler.now_ms + 200)
        world.join("B", "A")
        world.nodes["A"].directory.neighbours.add(world.nodes["B"].log)
        world.nodes["B"].directory.neighbours.add(world.nodes["A"].log)
        world.disk_slowness = 100.0
        world.nodes["B"].dial("A")
        _expect_equal(world, 120_000, "AB")

    return finish(_world(seed, "AB"), play)


def withholding_neighbour(seed: int) -> Outcome:
    """A neighbour offers everything and delivers nothing: the other neighbour is asked."""

    def play(world: World) -> None:
        world.join("Z", "B")
        world.join("A", "Z")
        _start(world)
        world.nodes["B"].publish("experience", b'{"schema":1}')
        world.scheduler.run_until(world.scheduler.now_ms + 5_000)
        world.edges.append(("A", "B"))
        for first, second in ("AB", "BA"):
            node, other = world.nodes[first], world.nodes[second]
            node.disk.neighbours.add(other.log)
            node.directory.neighbours.add(other.log)
        world.nodes["A"].dial("B")
        _expect_equal(world, 60_000, "AB")

    return finish(_world(seed, "ABZ", {"Z": WithholdingNode}), play)


def quiet_network(seed: int) -> Outcome:
    """Nothing new costs nothing: an hour without entries is an hour without frames."""

    def play(world: World) -> None:
        for first, second in ("AB", "BC", "CD"):
            world.join(first, second)
        _start(world)
        world.nodes["B"].publish("comment", b'{"schema":1}')
        _expect_equal(world, 2_000, "ABCD")
        world.scheduler.run_until(world.scheduler.now_ms + 1_000)
        before = world.network.frames
        world.scheduler.run_until(world.scheduler.now_ms + 3_600_000)
        if world.network.frames != before:
            raise InvariantError(f"{world.network.frames - before} frames about nothing")

    return finish(_world(seed, "ABCD"), play)


def hostile_relay(seed: int) -> Outcome:
    """Two nodes know each other only through one that spoils most runs it passes on."""

    def play(world: World) -> None:
        world.join("A", "Z")
        world.join("Z", "B")
        relay = world.nodes["Z"]
        assert isinstance(relay, HostileNode)
        relay.hostilities, relay.rate = SPOILED_RUNS, 0.7
        _start(world)
        for turn in range(40):
            for node in world.nodes.values():
                node.publish(KEY_KIND if turn % 4 == 2 else "comment", b'{"schema":1}')
            world.scheduler.run_until(world.scheduler.now_ms + 3_000)
            for connection in list(world.network.connections.values()):
                world.network.cut(connection)
            world.scheduler.run_until(world.scheduler.now_ms + 3_000)
        relay.behave()
        _expect_equal(world, 60_000, "AB")
        world.oracle.check_everything(world.correct_nodes())

    return finish(_world(seed, "ABZ", {"Z": HostileNode}), play)


SCENARIOS: tuple[Callable[[int], Outcome], ...] = (
    large_log,
    withholding_neighbour,
    quiet_network,
    hostile_relay,
)
