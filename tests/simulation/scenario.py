"""One seed: a small federation, what its people do, what breaks, and the verdict.

A run has two phases. In the safety phase entries are written while faults happen; nothing
wrong may be stored, but nothing need arrive. Then everything is mended, and in the liveness
phase all correct nodes must become equal within bounded virtual time, twice: first what was
missed, then one new entry each, pushed live.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from factories import LogMaker
from memory_blobs import blob_of
from protocol.blob_messages import Blob
from protocol.chain import verify_run
from protocol.directory import Standing
from simulation.checkers import InvariantError, Oracle
from simulation.faults import NETWORK_AND_NODE_FAULTS, TWIN, Faults
from simulation.hostile import HOSTILITIES, HostileNode
from simulation.network import Connection, Network, Scheduler, Trace
from simulation.node_model import SimNode

CATCH_UP_MS = 240_000
LIVE_PUSH_MS = 5_000
BESIDE_HOSTILE_MS = 90_000
STEP_MS = 1_000
HOSTILE = "Z"


@dataclass
class Outcome:
    """What one seed came to; ``violation`` is None when every invariant held."""

    seed: int
    violation: str | None = None
    digest: str = ""
    virtual_ms: int = 0
    nodes: int = 0
    events: int = 0
    entries: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def report(self) -> str:
        """Return a short readable account of a failure."""
        return "\n".join(
            [f"seed={self.seed}: {self.violation}", *self.lines, f"replay: seed={self.seed}"]
        )


class World:
    """Everything of one simulated federation."""

    def __init__(self, seed: int, *, keep_lines: bool = False) -> None:
        self.seed = seed
        self.scheduler = Scheduler()
        self.trace = Trace(self.scheduler)
        if keep_lines:
            self.trace.everything = []
        self.network = Network(self.scheduler, self.trace, self.fork_random("network"))
        self.oracle = Oracle(self.title)
        self.nodes: dict[str, SimNode] = {}
        self.edges: list[tuple[str, str]] = []
        self.fired: Counter[str] = Counter()
        self.disk_slowness = 1.0
        self.files: dict[Blob, bytes] = {}
        self.stranger = LogMaker(99, code="0001", name="Okänd kommun")
        self.stranger.extend(3)
        self._handshakes: dict[tuple[str, str], list[bytes]] = {}
        self._titles: dict[bytes, str] = {self.stranger.log: "log stranger"}

    def fork_random(self, purpose: str) -> Random:
        """Return a source of randomness of its own for one purpose."""
        return Random(f"{self.seed}/{purpose}")

    def count(self, name: str) -> None:
        """Take note that something happened."""
        self.fired[name] += 1

    def overheard(self, connection: Connection, frame: bytes) -> None:
        """Keep what a dialer said in its last handshake, for whoever listens on the wire."""
        frames = self._handshakes.setdefault((connection.dialer, connection.responder), [])
        if len(frames) == 2:
            frames.clear()
        frames.append(frame)

    def handshakes_with(self, responder: str, *, but: str) -> list[tuple[str, list[bytes]]]:
        """Return the dialer's half of others' handshakes with a node, by dialer."""
        return [
            (dialer, list(frames))
            for (dialer, called), frames in self._handshakes.items()
            if called == responder and dialer != but and len(frames) == 2
        ]

    def title(self, log: bytes) -> str:
        """Return a log's short name for people."""
        return self._titles.get(log, log.hex()[:8])

    def add(self, name: str, number: int, kind: type[SimNode] = SimNode) -> SimNode:
        """Add a municipality with a log of one entry, and its node."""
        maker = LogMaker(number, code=f"{number:04}", name=f"Kommun {name}", seed=self.seed)
        node = kind(self, name, number, maker.envelopes[0])
        self._titles[node.log] = f"log {name}"
        self._place(node)
        node.disk.write([verify_run(None, node.log, maker.envelopes)])
        node.disk.sync()
        node.disk.standings[node.log] = Standing.OWN
        node.disk.guard = (1, node.log)
        self.oracle.written(maker.envelopes)
        self.oracle.restored(node)
        return node

    def clone(self, original: SimNode, name: str) -> SimNode:
        """Add a second machine with the same key and log, which knows of no other."""
        node = SimNode(self, name, original.number, original.disk.chains[original.log][0])
        node.disk = original.disk.copy()
        for twin in (original, node):
            twin.correct, twin.signs_always = False, True
        self.oracle.may_fork(original.log)
        self._place(node)
        self.oracle.restored(node)
        return node

    def _place(self, node: SimNode) -> None:
        self.nodes[node.name] = node
        self.network.stations[node.name] = node

    def join(self, dialer: str, responder: str) -> None:
        """Make two nodes neighbours; the first dials the second."""
        self.edges.append((dialer, responder))
        first, second = self.nodes[dialer], self.nodes[responder]
        first.disk.neighbours.add(second.log)
        second.disk.neighbours.add(first.log)
        first.dials.append(responder)

    def correct_nodes(self) -> list[SimNode]:
        """Return the nodes that are held to the rules."""
        return [node for node in self.nodes.values() if node.correct]

    def apart(self) -> list[tuple[str, str]]:
        """Return which neighbours that relay honestly have no session in sync."""
        return [
            (dialer, responder)
            for dialer, responder in self.edges
            if not {dialer, responder} & {HOSTILE, TWIN}
            and not self.nodes[dialer].is_live_with(responder)
        ]

    def undecided(self) -> list[tuple[SimNode, bytes]]:
        """Return which nodes have not accepted which logs."""
        return [
            (node, log)
            for node in self.nodes.values()
            for log in sorted(node.disk.standings)
            if node.disk.standings[log] is Standing.INTRODUCED
        ]


def _graph(random: Random, names: list[str]) -> list[tuple[str, str]]:
    """Return connected edges: a line, a ring, a star or a random graph."""
    pairs = list(pairwise(names))
    match random.choice(("line", "ring", "star", "random")):
        case "ring":
            pairs.append((names[-1], names[0]))
        case "star":
            pairs = [(names[0], name) for name in names[1:]]
        case "random":
            pairs = [(random.choice(names[:n]), names[n]) for n in range(1, len(names))]
            extra = random.sample(names, 2)
            if tuple(extra) not in pairs and tuple(extra[::-1]) not in pairs:
                pairs.append((extra[0], extra[1]))
    pairs = sorted(set(pairs) - {(b, a) for a, b in pairs if a > b})
    return [pair if random.random() < 0.5 else pair[::-1] for pair in pairs]


def build(seed: int, *, keep_lines: bool = False) -> World:
    """Return the federation a seed stands for, not started yet."""
    world = World(seed, keep_lines=keep_lines)
    random = world.fork_random("plan")
    names = list("ABCDEFGH"[: random.randint(3, 8)])
    for number, name in enumerate(names, 1):
        world.add(name, number).batch_entries = random.choice((1, 3, 10, 50))
    for dialer, responder in _graph(random, names):
        world.join(dialer, responder)
    _add_files(world, names)
    if random.random() < 0.5:
        _add_hostile(world, random, names)
    for node in world.nodes.values():
        for log in sorted(other.log for other in world.nodes.values() if other is not node):
            undecided = node.correct and random.random() < 0.1
            node.disk.standings[log] = Standing.INTRODUCED if undecided else Standing.MEMBER
    world.network.weather.latency_ms = random.choice((2, 20, 80))
    world.network.weather.jitter_ms = random.choice((1, 20, 200))
    return world


def _add_files(world: World, names: list[str]) -> None:
    """Let some node have each of two files that all of them want."""
    random = world.fork_random("files")
    for size in (random.randint(1, 1_000), random.randint(300_000, 600_000)):
        data = random.randbytes(size)
        world.files[blob_of(data)] = data
        world.nodes[random.choice(names)].files.hold(data)


def _add_hostile(world: World, random: Random, names: list[str]) -> None:
    node = world.add(HOSTILE, 50, HostileNode)
    assert isinstance(node, HostileNode)
    node.hostilities = tuple(random.sample(HOSTILITIES, len(HOSTILITIES) // 2))
    node.rate = random.choice((0.05, 0.3, 0.8))
    for data in world.files.values():
        node.files.hold(data)
    for name in random.sample(names, random.randint(1, min(3, len(names)))):
        world.join(*random.choice(((HOSTILE, name), (name, HOSTILE))))


def finish(world: World, play: Callable[[World], None]) -> Outcome:
    """Play a world to its end and return what came of it."""
    outcome = Outcome(world.seed, nodes=len(world.nodes))
    try:
        play(world)
    except InvariantError as error:
        outcome.violation = str(error)
    except Exception as error:  # noqa: BLE001  # whatever was sent, a node never raises
        place = traceback.extract_tb(error.__traceback__)[-1]
        outcome.violation = f"a node raised {error!r} at {place.name}:{place.lineno}"
    outcome.digest = world.trace.digest()
    outcome.virtual_ms = world.scheduler.now_ms
    outcome.events = world.scheduler.events
    outcome.entries = world.oracle.entries
    outcome.fired = world.fired
    outcome.lines = list(world.trace.everything or world.trace.lines)
    return outcome


class Scenario:
    """Plays one seed to its end."""

    def __init__(self, seed: int, *, keep_lines: bool = False) -> None:
        self.world = build(seed, keep_lines=keep_lines)
        self._random = self.world.fork_random("workload")
        self.safety_ms = self._random.choice((60_000, 120_000, 300_000))
        self.faults = Faults(self.world, self.world.fork_random("faults"))

    def run(self) -> Outcome:
        """Play both phases and return what came of it."""
        return finish(self.world, self._play)

    def _play(self, _: World) -> None:
        self._safety()
        self._liveness()

    def _safety(self) -> None:
        swarm = self.world.fork_random("swarm")
        names = swarm.sample(NETWORK_AND_NODE_FAULTS, len(NETWORK_AND_NODE_FAULTS) // 2)
        self.faults.schedule(names, self.safety_ms)
        if swarm.random() < 0.2:
            self.world.scheduler.after(swarm.uniform(0, self.safety_ms), self._clone)
        for node in self.world.nodes.values():
            self.world.scheduler.after(self._random.uniform(0, 2_000), node.start)
            self._schedule_writing(node)
        self.world.scheduler.run_until(self.safety_ms)

    def _schedule_writing(self, node: SimNode) -> None:
        for _ in range(self._random.randint(1, 8)):
            delay_ms = self._random.uniform(0, self.safety_ms)
            burst = self._random.choice((1, 1, 1, 2, 30))
            self.world.scheduler.after(delay_ms, self._write, node.name, burst)

    def _write(self, name: str, burst: int) -> None:
        node = self.world.nodes[name]
        for _ in range(burst):
            size = self._random.choice((0, 20, 20, 200, 2_000))
            content = b'{"schema":1,"text":"%s"}' % self._random.randbytes(size).hex().encode()
            node.publish(
                self._random.choice(("comment", "experience", "use", "unknown-kind")), content
            )

    def _clone(self) -> None:
        """Let a municipality run two machines with one key: sooner or later its log forks."""
        world = self.world
        original = self._random.choice([node for node in world.nodes.values() if node.correct])
        others = [node for node in world.nodes.values() if node.correct and node is not original]
        if len(others) < 2:
            return
        world.count("cloned_machine")
        twin = world.clone(original, TWIN)
        for other in self._random.sample(others, 2):
            world.join(TWIN, other.name)
        twin.start()
        for name in (original.name, TWIN):
            world.scheduler.after(self._random.uniform(0, 5_000), self._write, name, 2)

    def _liveness(self) -> None:
        world = self.world
        world.trace.note("", "heal everything")
        self.faults.heal()
        nodes = list(world.nodes.values())
        for node in nodes:
            if isinstance(node, HostileNode) and self._random.random() < 0.5:
                node.behave()  # else it goes on, and the others must become equal beside it
        for node, log in world.undecided():
            node.accept_log(log)
        self._must_become_equal(CATCH_UP_MS, "after healing")
        self._must_be_connected(CATCH_UP_MS)
        for node in world.correct_nodes():
            node.override()
        before = {node.name: node.own_sequence() for node in world.correct_nodes()}
        for node in world.correct_nodes():
            node.publish("comment", b'{"schema":1,"text":"live"}')
        hostile = any(isinstance(node, HostileNode) and node.hostile for node in nodes)
        within_ms = BESIDE_HOSTILE_MS if hostile else LIVE_PUSH_MS
        self._must_become_equal(within_ms, "with live entries")
        for node in world.correct_nodes():
            if node.own_sequence() == before[node.name] and not node.disk.lacks_own_log(node.log):
                raise InvariantError(f"{node.name} can no longer publish")
        self._must_hold_files(CATCH_UP_MS)
        world.oracle.check_everything(world.correct_nodes())

    def _must_hold_files(self, within_ms: int) -> None:
        """Let every file come to everybody, whatever was sent instead of it."""
        world = self.world
        deadline_ms = world.scheduler.now_ms + within_ms
        while lacking := [n.name for n in world.correct_nodes() if n.files.held != world.files]:
            if world.scheduler.now_ms >= deadline_ms:
                raise InvariantError(f"files have not come to {lacking}")
            world.scheduler.run_until(world.scheduler.now_ms + STEP_MS)

    def _must_be_connected(self, within_ms: int) -> None:
        """Let everybody who lost a neighbour find it again, whatever the backoff."""
        world = self.world
        deadline_ms = world.scheduler.now_ms + within_ms
        while apart := world.apart():
            if world.scheduler.now_ms >= deadline_ms:
                raise InvariantError(f"no connection after healing: {apart}")
            world.scheduler.run_until(world.scheduler.now_ms + STEP_MS)

    def _must_become_equal(self, within_ms: int, when: str) -> None:
        world = self.world
        deadline_ms = world.scheduler.now_ms + within_ms
        difference: str | None = "nothing has happened"
        while difference and world.scheduler.now_ms < deadline_ms:
            world.scheduler.run_until(world.scheduler.now_ms + STEP_MS)
            difference = world.oracle.difference(world.correct_nodes())
        if difference:
            raise InvariantError(f"not equal {when} within {within_ms} ms: {difference}")


def run_seed(seed: int, *, keep_lines: bool = False) -> Outcome:
    """Play one seed."""
    return Scenario(seed, keep_lines=keep_lines).run()
