"""Small worlds built for one question each, where chance would ask it too rarely.

Each returns an :class:`Outcome` as a seed does, so a planted bug can be looked for in both.
"""

from __future__ import annotations

from protocol import messages
from protocol.directory import Standing
from protocol.identity import KEY_KIND
from simulation.hostile import SPOILED_RUNS, HostileNode
from simulation.network import Connection
from simulation.node_model import SimNode
from simulation.scenario import InvariantError, Outcome, World, finish
from simulation.small_world import expect_equal, must, run_for, start, world_of

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


def large_log(seed: int) -> Outcome:
    """More than all credit of one log, to a neighbour with a slow disk: flow control holds."""

    def play(world: World) -> None:
        world.nodes["A"].batch_entries = 1_000
        start(world)
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
        expect_equal(world, 120_000, "AB")

    return finish(world_of(seed, "AB"), play)


def withholding_neighbour(seed: int) -> Outcome:
    """A neighbour offers everything and delivers nothing: the other neighbour is asked."""

    def play(world: World) -> None:
        world.join("Z", "B")
        world.join("A", "Z")
        start(world)
        world.nodes["B"].publish("experience", b'{"schema":1}')
        world.scheduler.run_until(world.scheduler.now_ms + 5_000)
        world.edges.append(("A", "B"))
        for first, second in ("AB", "BA"):
            node, other = world.nodes[first], world.nodes[second]
            node.disk.neighbours.add(other.log)
            node.directory.neighbours.add(other.log)
        world.nodes["A"].dial("B")
        expect_equal(world, 60_000, "AB")

    return finish(world_of(seed, "ABZ", {"Z": WithholdingNode}), play)


def quiet_network(seed: int) -> Outcome:
    """Nothing new costs nothing: an hour without entries is an hour without frames."""

    def play(world: World) -> None:
        for first, second in ("AB", "BC", "CD"):
            world.join(first, second)
        start(world)
        world.nodes["B"].publish("comment", b'{"schema":1}')
        expect_equal(world, 2_000, "ABCD")
        world.scheduler.run_until(world.scheduler.now_ms + 1_000)
        before = world.network.frames
        world.scheduler.run_until(world.scheduler.now_ms + 3_600_000)
        if world.network.frames != before:
            raise InvariantError(f"{world.network.frames - before} frames about nothing")

    return finish(world_of(seed, "ABCD"), play)


def hostile_relay(seed: int) -> Outcome:
    """Two nodes know each other only through one that spoils most runs it passes on."""

    def play(world: World) -> None:
        world.join("A", "Z")
        world.join("Z", "B")
        relay = world.nodes["Z"]
        assert isinstance(relay, HostileNode)
        relay.hostilities, relay.rate = SPOILED_RUNS, 0.7
        start(world)
        for turn in range(40):
            for node in world.nodes.values():
                node.publish(KEY_KIND if turn % 4 == 2 else "comment", b'{"schema":1}')
            world.scheduler.run_until(world.scheduler.now_ms + 3_000)
            for connection in list(world.network.connections.values()):
                world.network.cut(connection)
            world.scheduler.run_until(world.scheduler.now_ms + 3_000)
        relay.behave()
        expect_equal(world, 60_000, "AB")
        world.oracle.check_everything(world.correct_nodes())

    return finish(world_of(seed, "ABZ", {"Z": HostileNode}), play)


def blocked_log(seed: int) -> Outcome:
    """A log that a person has blocked is not stored, whoever else passes it on."""

    def play(world: World) -> None:
        blocker, blocked = world.nodes["A"], world.nodes["C"]
        blocker.disk.standings[blocked.log] = Standing.BLOCKED
        world.join("A", "B")
        world.join("B", "C")
        start(world)
        blocked.publish("comment", b'{"schema":1}')
        expect_equal(world, 10_000, "BC")
        run_for(world, 30_000)
        must(blocked.log not in blocker.disk.chains, "a blocked log was stored")

    return finish(world_of(seed, "ABC"), play)


def removed_neighbour(seed: int) -> Outcome:
    """Whoever is no neighbour any more gets nothing more, in open sessions as in new ones."""

    def play(world: World) -> None:
        world.join("B", "A")
        start(world)
        node, former = world.nodes["A"], world.nodes["B"]
        former.correct = False  # it will dial on, and be told no
        node.disk.neighbours.discard(former.log)
        node.directory.neighbours.discard(former.log)
        node.perform(node.hub.standing_changed(former.log, node.now_ms()))
        held = len(former.disk.chains[node.log])
        node.publish("comment", b'{"schema":1}')
        run_for(world, 30_000)
        must(not node.is_live_with("B"), "a former neighbour keeps its session")
        must(len(former.disk.chains[node.log]) == held, "a former neighbour was sent an entry")

    return finish(world_of(seed, "AB"), play)


def backup_put_back(seed: int) -> Outcome:
    """An old database is put back while nobody can be reached: nothing is signed until it may."""

    def play(world: World) -> None:
        world.join("A", "B")
        start(world)
        node = world.nodes["A"]
        backup = node.disk.backup()
        for _ in range(world.fork_random("entries").randint(1, 5)):
            node.publish("comment", b'{"schema":1}')
        run_for(world, 1_000)
        expect_equal(world, 10_000, "AB")
        written = node.own_sequence()
        world.network.weather.blocked.update({("A", "B"), ("B", "A")})
        node.crash(backup)
        node.start()
        node.publish("comment", b'{"schema":1,"text":"again"}')
        run_for(world, 10_000)
        world.network.weather.heal()
        expect_equal(world, 60_000, "AB")
        must(node.own_sequence() >= written, "its own log has not come back")
        node.publish("comment", b'{"schema":1,"text":"at last"}')
        run_for(world, 1_000)
        must(node.own_sequence() > written, "it can no longer publish")

    return finish(world_of(seed, "AB"), play)


def image_put_back(seed: int) -> Outcome:
    """A whole machine is put back as it was, its guard too: what neighbours know is heard first."""

    def play(world: World) -> None:
        world.join("A", "B")
        start(world)
        node = world.nodes["A"]
        image, guard = node.disk.backup(), node.disk.guard
        for _ in range(5):
            node.publish("comment", b'{"schema":1}')
        run_for(world, 1_000)
        expect_equal(world, 10_000, "AB")
        written = node.own_sequence()
        node.crash(image)
        node.disk.guard = guard
        node.start()
        deadline_ms = world.scheduler.now_ms + 60_000
        while node.own_sequence() < written and world.scheduler.now_ms < deadline_ms:
            run_for(world, 5)
            if any(_says_more(node, link) for link in node.links):
                node.publish("comment", b'{"schema":1,"text":"again"}')
        expect_equal(world, 10_000, "AB")
        must(node.own_sequence() >= written, "its own log has not come back")

    return finish(world_of(seed, "AB"), play)


def _says_more(node: SimNode, link: int) -> bool:
    """Whether the neighbour on a link has told of more of our log than is here."""
    item = node.hub.heads_told(link).get(node.log)
    return item is not None and item.sequence > node.own_sequence()
