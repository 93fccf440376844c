"""The simulated world's time, record and wires.

One thread, one heap, one virtual clock. A connection behaves as TCP does: frames of one
direction arrive in order or the connection ends; a lost frame therefore ends it. Different
connections know nothing of each other's order. Nothing here knows the protocol.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import Any, Protocol

TRACE_LINES_KEPT = 60
TRACE_LINES_TOGETHER = 1_000


class Scheduler:
    """Runs actions in order of virtual time; equal times run in order of scheduling."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.events = 0
        self._order = 0
        self._heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []

    def after(self, delay_ms: float, action: Callable[..., None], *arguments: Any) -> None:
        """Run ``action(*arguments)`` once, ``delay_ms`` from now."""
        self._order += 1
        due_ms = self.now_ms + int(delay_ms) if delay_ms > 0 else self.now_ms
        heappush(self._heap, (due_ms, self._order, action, arguments))

    def run_until(self, deadline_ms: int) -> None:
        """Run everything that is due up to and including ``deadline_ms``."""
        heap = self._heap
        while heap and heap[0][0] <= deadline_ms:
            self.now_ms, _, action, arguments = heappop(heap)
            self.events += 1
            action(*arguments)
        self.now_ms = deadline_ms


class Trace:
    """What happened, as a running digest and the last lines for a person to read."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._digest = hashlib.sha256()
        self._fresh: list[str] = []
        self.lines: deque[str] = deque(maxlen=TRACE_LINES_KEPT)
        self.everything: list[str] | None = None

    def note(self, who: str, what: str) -> None:
        """Record one line; every line is part of the digest."""
        line = f"{self._scheduler.now_ms:>8} {who:<3} {what}"
        self._fresh.append(line)
        if len(self._fresh) >= TRACE_LINES_TOGETHER:
            self._take_in()
        self.lines.append(line)
        if self.everything is not None:
            self.everything.append(line)

    def digest(self) -> str:
        """Return the digest of all lines so far: equal for equal seeds."""
        self._take_in()
        return self._digest.hexdigest()

    def _take_in(self) -> None:
        self._digest.update("".join(self._fresh).encode())
        self._fresh.clear()


class Station(Protocol):
    """What the network needs of a node."""

    name: str
    up: bool

    def connected(self, connection: Connection, dialer: bool) -> None:
        """A connection is open."""

    def dial_failed(self, other: str) -> None:
        """Nobody could be reached."""

    def received(self, connection: Connection, frame: bytes) -> None:
        """A frame has arrived."""

    def disconnected(self, connection: Connection) -> None:
        """A connection is gone."""


@dataclass
class Wire:
    """One direction of a connection: what is on its way, in order."""

    source: str
    target: str
    free_at_ms: float = 0.0
    waiting: deque[bytes | None] = field(default_factory=deque)  # None is the end of the stream


@dataclass
class Connection:
    """One transport connection; ``number`` is unique in the whole world, times are true ones."""

    number: int
    dialer: str
    responder: str
    wires: dict[str, Wire]
    opened_ms: int
    closed_at: set[str] = field(default_factory=set)
    lost: bool = False

    def other(self, name: str) -> str:
        """Return the name of the station at the far end."""
        return self.responder if name == self.dialer else self.dialer


@dataclass
class Weather:
    """How good the wires are just now; faults change these numbers."""

    latency_ms: float = 20.0
    jitter_ms: float = 20.0
    bytes_per_ms: float = 5_000.0
    loss: float = 0.0
    disorder_ms: float = 0.0
    narrow_pairs: dict[frozenset[str], float] = field(default_factory=dict)
    slow_pairs: dict[frozenset[str], float] = field(default_factory=dict)
    clogged: set[frozenset[str]] = field(default_factory=set)
    blocked: set[tuple[str, str]] = field(default_factory=set)

    def heal(self) -> None:
        """Undo every fault, keeping the plain latency of the world."""
        self.loss = self.disorder_ms = 0.0
        self.narrow_pairs.clear()
        self.slow_pairs.clear()
        self.clogged.clear()
        self.blocked.clear()

    def pace(self, source: str, target: str) -> float:
        """Bytes that go through in a millisecond."""
        if not self.slow_pairs and not self.narrow_pairs:
            return self.bytes_per_ms
        pair = frozenset((source, target))
        slow = self.slow_pairs.get(pair, 1.0)
        return self.narrow_pairs.get(pair, self.bytes_per_ms) / slow

    def holds(self, source: str, target: str) -> bool:
        """Whether nothing gets from ``source`` to ``target`` just now."""
        if not self.blocked and not self.clogged:
            return False
        return (source, target) in self.blocked or frozenset((source, target)) in self.clogged

    def slowness(self, source: str, target: str) -> float:
        """How many times as long as usual everything takes between two stations."""
        if not self.slow_pairs:
            return 1.0
        return self.slow_pairs.get(frozenset((source, target)), 1.0)


class Network:
    """Carries frames between stations under the weather of the moment."""

    def __init__(self, scheduler: Scheduler, trace: Trace, random: Random) -> None:
        self.scheduler = scheduler
        self.trace = trace
        self.weather = Weather()
        self.stations: dict[str, Station] = {}
        self.connections: dict[int, Connection] = {}
        self.frames = 0
        self.bytes = 0
        self.lost = 0
        self._random = random
        self._number = 0

    def dial(self, dialer: str, responder: str) -> None:
        """Try to connect; the dialer hears of success or failure after a round trip."""
        self.scheduler.after(2 * self._latency_ms(dialer, responder), self._meet, dialer, responder)

    def send(self, connection: Connection, source: str, frame: bytes) -> None:
        """Put ``frame`` on its way; a lost frame cuts the connection as TCP would."""
        if connection.lost or source in connection.closed_at:
            return
        self.frames += 1
        self.bytes += len(frame)
        if self.weather.loss and self._random.random() < self.weather.loss:
            self.lost += 1
            self.cut(connection)
            return
        self._launch(connection, source, frame)

    def close(self, connection: Connection, source: str) -> None:
        """End the stream from ``source``; the far end hears of it after what was sent before."""
        if source in connection.closed_at:
            return
        connection.closed_at.add(source)
        if not connection.lost:
            self._launch(connection, source, None)

    def cut(self, connection: Connection) -> None:
        """Lose the connection: frames on their way are gone, both ends hear of it."""
        connection.lost = True
        for wire in connection.wires.values():
            wire.waiting.clear()
        self.connections.pop(connection.number, None)
        for name in (connection.dialer, connection.responder):
            self.scheduler.after(self._random.uniform(0, 50), self._end, connection, name)

    def station_down(self, name: str) -> None:
        """Reset every connection of a station that has just stopped."""
        for connection in list(self.connections.values()):
            if name in connection.wires:
                connection.closed_at.add(name)
                self.cut(connection)

    def flush(self) -> None:
        """Deliver what was held back by weather that has since passed."""
        for connection in list(self.connections.values()):
            for wire in connection.wires.values():
                wire.free_at_ms = self.scheduler.now_ms
                for _ in range(len(wire.waiting)):
                    delay_ms = self._latency_ms(wire.source, wire.target)
                    self.scheduler.after(delay_ms, self._deliver, connection, wire)

    def _meet(self, dialer: str, responder: str) -> None:
        weather, caller, called = self.weather, self.stations[dialer], self.stations[responder]
        unreachable = weather.holds(dialer, responder) or weather.holds(responder, dialer)
        if unreachable or not called.up or not caller.up:
            if caller.up:
                caller.dial_failed(responder)
            return
        self._number += 1
        wires = {dialer: Wire(dialer, responder), responder: Wire(responder, dialer)}
        connection = Connection(self._number, dialer, responder, wires, self.scheduler.now_ms)
        self.connections[connection.number] = connection
        called.connected(connection, dialer=False)
        caller.connected(connection, dialer=True)

    def _latency_ms(self, source: str, target: str) -> float:
        weather = self.weather
        factor = weather.slowness(source, target)
        plain_ms = weather.latency_ms + self._random.random() * weather.jitter_ms
        return plain_ms * factor + self._random.random() * weather.disorder_ms

    def _launch(self, connection: Connection, source: str, frame: bytes | None) -> None:
        wire = connection.wires[source]
        wire.waiting.append(frame)
        size_bytes = len(frame) if frame is not None else 0
        now_ms = self.scheduler.now_ms
        travel_ms = self._latency_ms(source, wire.target)
        travel_ms += size_bytes / self.weather.pace(source, wire.target)
        wire.free_at_ms = max(wire.free_at_ms, now_ms + travel_ms)
        self.scheduler.after(wire.free_at_ms - now_ms, self._deliver, connection, wire)

    def _deliver(self, connection: Connection, wire: Wire) -> None:
        if not wire.waiting or self.weather.holds(wire.source, wire.target):
            return
        frame = wire.waiting.popleft()
        if frame is None:
            self.connections.pop(connection.number, None)
            self._end(connection, wire.target)
        elif wire.target not in connection.closed_at:
            self.stations[wire.target].received(connection, frame)

    def _end(self, connection: Connection, name: str) -> None:
        if name in connection.closed_at:
            return
        connection.closed_at.add(name)
        self.stations[name].disconnected(connection)
