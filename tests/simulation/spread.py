"""How one new record spreads: hops, time and bytes until everybody has it, with the real protocol.

Every node begins with the first entry of every log, and its links are up; then one node publishes
and the record is followed. With outages a share of all nodes is down at any time: whoever comes
back is replaced by another that goes down. Time is the simulation's, bytes are those of Tidan's own
frames (docs/protocol.md), without WebSocket, TLS and TCP. A seed decides everything.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import Any

from protocol.directory import Standing
from protocol.entry import Envelope
from simulation.checkers import InvariantError, Oracle
from simulation.network import Connection
from simulation.node_model import MESSAGE_NAMES, SimNode
from simulation.scenario import World
from simulation.spread_plans import Plan

RECORD_BYTES = 1_000
"""Of content; about what a short experience has."""
START_WITHIN_MS = 10_000
SETTLE_MAX_MS = 120_000
REACH_MAX_MS = 30 * 60_000
STEP_MS = 50
QUIET_MS = 2_000
DOWN_MS = (60_000, 300_000)
"""How long a node stays down: a restart or a short outage."""
ABOUT_RECORDS = frozenset({"HAVE", "WANT", "RUN", "STORED", "REFUSED"})


@dataclass(frozen=True)
class Arrival:
    """The record at one node: when after it was published, over how many hops, and how much had
    been sent for it anywhere by then; ``was_up`` when the node had been up all the time."""

    name: str
    after_ms: int
    hops: int
    sent_bytes: int
    was_up: bool


@dataclass(frozen=True)
class Spread:
    """One record's way to everybody, in order of arrival; the author comes first.

    ``record_bytes`` is what was sent for the record in all, ``session_bytes`` what was sent
    meanwhile to connect and compare.
    """

    arrivals: tuple[Arrival, ...]
    record_bytes: int
    session_bytes: int

    def reached(self, share: float) -> tuple[Arrival, ...]:
        """The first arrivals, as many as make up this share of all nodes."""
        return self.arrivals[: math.ceil(share * len(self.arrivals))]

    def ms(self, share: float) -> int:
        """Time until this share had it."""
        return self.reached(share)[-1].after_ms

    def hops(self, share: float) -> int:
        """Hops of the longest way among this share."""
        return max(arrival.hops for arrival in self.reached(share))

    def sent_bytes(self, share: float) -> int:
        """What had been sent for the record when this share had it."""
        return self.reached(share)[-1].sent_bytes

    @property
    def up_ms(self) -> int:
        """Time until everybody had it who was up all the time."""
        return max(arrival.after_ms for arrival in self.arrivals if arrival.was_up)


class Watch:
    """Follows one record through the world."""

    def __init__(self) -> None:
        self.log = b""
        self.arrivals: dict[str, Arrival] = {}
        self._published_ms = self._sequence = 0
        self._came_from: dict[str, str] = {}
        self._were_down: set[str] = set()
        self.record_bytes = self.session_bytes = 0

    def begin(self, author: SimNode, now_ms: int, down: Collection[str]) -> None:
        """Follow the next entry of a node's log from now on."""
        self.log, self._sequence = author.log, author.own_sequence() + 1
        self._published_ms = now_ms
        self.arrivals, self._came_from = {}, {author.name: ""}
        self._were_down = set(down)
        self.record_bytes = self.session_bytes = 0

    def coming(self, node: SimNode, log: bytes, source: str) -> None:
        """A run of the log has arrived and is on its way to the disk."""
        if log == self.log:
            self._came_from.setdefault(node.name, source)

    def stored(self, node: SimNode, log: bytes) -> None:
        """Entries of a log are durable at a node."""
        name = node.name
        if log != self.log or name in self.arrivals:
            return
        if len(node.disk.chains[log]) < self._sequence:
            self._came_from.pop(name, None)
            return
        source = self._came_from[name]
        hops = self.arrivals[source].hops + 1 if source else 0
        after_ms = node.world.scheduler.now_ms - self._published_ms
        was_up = name not in self._were_down
        self.arrivals[name] = Arrival(name, after_ms, hops, self.record_bytes, was_up)

    def went_down(self, name: str) -> None:
        """A node has stopped; what it had not stored is forgotten."""
        self._were_down.add(name)
        if name not in self.arrivals:
            self._came_from.pop(name, None)

    def sent(self, frame: bytes) -> None:
        """A frame has gone out."""
        if MESSAGE_NAMES[frame[1]] in ABOUT_RECORDS:
            self.record_bytes += len(frame)
        else:
            self.session_bytes += len(frame)


class WatchingOracle(Oracle):
    """The checks of every simulation, and the watch beside them."""

    watch: Watch

    def committed(self, node: SimNode, log: bytes, envelopes: tuple[Envelope, ...]) -> None:
        """Check, then tell the watch."""
        super().committed(node, log, envelopes)
        self.watch.stored(node, log)


class SpreadNode(SimNode):
    """A node whose frames and arrivals are counted."""

    watch: Watch

    def send(self, connection: Connection, frame: bytes) -> None:
        """Count, then send."""
        if self.up:
            self.watch.sent(frame)
        super().send(connection, frame)

    def crash(self, restored: Any = None) -> None:
        """Stop; what was on its way to the disk may be lost."""
        super().crash(restored)
        self.watch.went_down(self.name)

    def _on_runarrived(self, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None:
            self.watch.coming(self, effect.log, connection.other(self.name))
        super()._on_runarrived(effect)


class Outages:
    """Keeps the same number of nodes down at any time."""

    def __init__(self, world: World, share: float) -> None:
        self._world = world
        self._random = world.fork_random("outages")
        self._count = round(share * len(world.nodes))
        self._going_on = True
        self.down: set[str] = set()

    def begin(self) -> None:
        """Take the first ones down."""
        for name in self._random.sample(sorted(self._world.nodes), self._count):
            self._take_down(name, self._random.uniform(0, DOWN_MS[1]))

    def end(self) -> None:
        """Let everybody come back now."""
        self._going_on = False
        for name in sorted(self.down):
            self._world.nodes[name].start()
        self.down.clear()

    def _take_down(self, name: str, for_ms: float) -> None:
        self.down.add(name)
        self._world.nodes[name].crash()
        self._world.scheduler.after(for_ms, self._bring_back, name)

    def _bring_back(self, name: str) -> None:
        if not self._going_on:
            return
        self.down.discard(name)
        self._world.nodes[name].start()
        others = sorted(set(self._world.nodes) - self.down - {name})
        self._take_down(self._random.choice(others), self._random.uniform(*DOWN_MS))


class SpreadWorld:
    """A network of municipalities that all know each other's logs."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.watch = Watch()
        self.world = world = World(seed)
        self.scheduler = world.scheduler
        world.oracle = WatchingOracle(world.title)
        world.oracle.watch = self.watch
        random = world.fork_random("directions")
        for code in plan.codes:
            node = world.add(code, int(code), SpreadNode)
            assert isinstance(node, SpreadNode)
            node.watch = self.watch
        self._share_first_entries()
        for pair in plan.pairs:
            world.join(*random.sample(pair, 2))
        self.outages = Outages(world, plan.down_share)

    def _share_first_entries(self) -> None:
        """Give every disk the first entry of every log, as after a first sync."""
        nodes = list(self.world.nodes.values())
        firsts = [(node.log, node.disk.chains[node.log][0], node.disk.heads[node.log])
                  for node in nodes]  # fmt: skip
        for node in nodes:
            for log, first, head in firsts:
                if log != node.log:
                    node.disk.chains[log] = [first]
                    node.disk.heads[log] = head
                    node.disk.standings[log] = Standing.MEMBER
            self.world.oracle.restored(node)

    def begin(self) -> None:
        """Start everybody, wait until all are connected, and let outages begin."""
        random = self.world.fork_random("starts")
        for node in self.world.nodes.values():
            self.scheduler.after(random.uniform(0, START_WITHIN_MS), node.start)
        self._wait_for_connections()
        self.outages.begin()

    def follow(self, author: str) -> Spread:
        """Publish a record at a node once it is up, and follow it until everybody has it."""
        node, watch = self.world.nodes[author], self.watch
        while author in self.outages.down:
            self._run(STEP_MS)
        watch.begin(node, self.scheduler.now_ms, self.outages.down)
        text = Random(f"{self.world.seed}/{author}").randbytes(RECORD_BYTES // 2).hex()
        node.publish("experience", b'{"schema":1,"text":"%s"}' % text.encode())
        deadline_ms = self.scheduler.now_ms + REACH_MAX_MS
        while len(watch.arrivals) < len(self.world.nodes):
            if self.scheduler.now_ms >= deadline_ms:
                lacking = sorted(set(self.world.nodes) - set(watch.arrivals))
                raise InvariantError(f"the record of {author} has not come to {lacking}")
            self._run(STEP_MS)
        self._run(QUIET_MS)
        arrivals = tuple(sorted(watch.arrivals.values(), key=lambda item: item.after_ms))
        return Spread(arrivals, watch.record_bytes, watch.session_bytes)

    def finish(self) -> None:
        """Let all come back; everybody must be connected and hold the same, and all of it good."""
        self.outages.end()
        self._wait_for_connections()
        self._run(QUIET_MS)
        nodes = self.world.correct_nodes()
        if difference := self.world.oracle.difference(nodes):
            raise InvariantError(f"not equal at the end: {difference}")
        self.world.oracle.check_everything(nodes)

    def _wait_for_connections(self) -> None:
        deadline_ms = self.scheduler.now_ms + SETTLE_MAX_MS
        self._run(START_WITHIN_MS)
        while apart := self.world.apart():
            if self.scheduler.now_ms >= deadline_ms:
                raise InvariantError(f"not connected: {apart}")
            self._run(1_000)

    def _run(self, for_ms: int) -> None:
        self.scheduler.run_until(self.scheduler.now_ms + for_ms)


def play(plan: Plan, seed: int, records: int) -> list[Spread]:
    """Follow so many records one after the other, each by another author; check all at the end.

    The authors are the same for every plan among the same municipalities.
    """
    simulated = SpreadWorld(plan, seed)
    authors = simulated.world.fork_random("authors").sample(plan.codes, records)
    simulated.begin()
    found = [simulated.follow(author) for author in authors]
    simulated.finish()
    return found
