"""What one simulated node lived through, written down so that a real one can live through it.

A seed is played with one correct node under observation: every frame that it took in, in order,
whose connection each came on, what it wrote itself, and which logs it accepted. Nothing of the
simulation is changed by that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from protocol.directory import Item
from protocol.entry import Envelope
from protocol.identity import SigningKey
from simulation.ingest_model import generation_of
from simulation.network import Connection
from simulation.node_model import SimNode
from simulation.scenario import HOSTILE, Scenario

OURS = 0
"""Stands for the observed node's own pen, where others have the number of a connection."""


@dataclass(frozen=True)
class Party:
    """Who proved to be at the far end: its log, the key in force then, and its key events."""

    log: bytes
    key: SigningKey
    envelopes: tuple[Envelope, ...]


@dataclass(frozen=True)
class Opened:
    """A connection began; ``dialled`` says that the observed node had dialled."""

    link: int
    party: Party
    dialled: bool


@dataclass(frozen=True)
class Frame:
    """A frame was taken in; ``ended`` is the code with which the node ended the session for it.

    ``heads`` are the neighbour's, where the frame is part of comparing logs.
    """

    link: int
    data: bytes
    ended: str
    heads: tuple[Item, ...]


@dataclass(frozen=True)
class Lost:
    """A connection was gone."""

    link: int


@dataclass(frozen=True)
class Written:
    """Entries of the node's own log became durable."""

    envelopes: tuple[Envelope, ...]


@dataclass(frozen=True)
class Accepted:
    """A person made a log a member."""

    log: bytes


Event = Opened | Frame | Lost | Written | Accepted


@dataclass
class Recording:
    """One node's part of one seed; ``node`` and its neighbours are as they were at the end."""

    seed: int
    node: SimNode
    members: tuple[bytes, ...]
    events: list[Event] = field(default_factory=list)
    authenticated: set[int] = field(default_factory=set)

    @property
    def neighbours(self) -> list[SimNode]:
        """The observed node's neighbours."""
        nodes = self.node.world.nodes.values()
        return [other for other in nodes if other.log in self.node.disk.neighbours]

    @property
    def own(self) -> Party:
        """The observed node as its own pen."""
        return party_of(self.node)


def record(seed: int) -> Recording:
    """Play a seed twice: once to choose whom to observe, once to do so."""
    name = _choose(seed)
    scenario = Scenario(seed)
    node = scenario.world.nodes[name]
    recording = Recording(seed, node, tuple(sorted(node.disk.standings)))
    recording.events.append(Written(tuple(node.disk.chains[node.log])))
    _observe(recording)
    outcome = scenario.run()
    assert outcome.violation is None, outcome.report()
    return recording


def party_of(node: SimNode) -> Party:
    """Return how a node proves who it is just now."""
    head = node.disk.heads[node.log]
    return Party(node.log, node.key(generation_of(head)), node.disk.key_events(node.log))


def _choose(seed: int) -> str:
    """A correct node whose backup was never restored; a hostile node's neighbour where there is."""
    scenario = Scenario(seed)
    scenario.run()
    world = scenario.world
    whole = [node.name for node in world.correct_nodes() if not node.restores]
    exposed = {name for edge in world.edges if HOSTILE in edge for name in edge}
    return next((name for name in whole if name in exposed), whole[0])


def _observe(recording: Recording) -> None:
    """Write down what the node does from here on; its methods are called as before."""
    node, world, events = recording.node, recording.node.world, recording.events
    ended: dict[int, str] = {}

    def begin(real: Callable[..., None], connection: Connection, dialer: bool) -> None:
        other = world.nodes[connection.other(node.name)]
        events.append(Opened(connection.number, party_of(other), dialer))
        real(connection, dialer)

    def receive(real: Callable[..., None], connection: Connection, frame: bytes) -> None:
        link = connection.number
        if link not in node.links:
            return
        place = len(events)
        real(connection, frame)
        heads = tuple(world.nodes[connection.other(node.name)].directory.items())
        events.insert(place, Frame(link, frame, ended.get(link, ""), heads))

    def gone(real: Callable[..., None], connection: Connection) -> None:
        events.append(Lost(connection.number))
        real(connection)

    def close(real: Callable[..., None], effect: Any) -> None:
        if not effect.by_them:
            ended[effect.link] = effect.code
        events.append(Lost(effect.link))
        real(effect)

    def authenticated(real: Callable[..., None], effect: Any) -> None:
        recording.authenticated.add(effect.link)
        real(effect)

    def accept_log(real: Callable[..., None], log: bytes) -> None:
        events.append(Accepted(log))
        real(log)

    def committed(real: Callable[..., None], who: SimNode, log: bytes, envelopes: Any) -> None:
        if who is node and log == node.log:
            events.append(Written(envelopes))
        real(who, log, envelopes)

    _wrap(node, "_begin", begin)
    _wrap(node, "_receive", receive)
    _wrap(node, "_gone", gone)
    _wrap(node, "_on_close", close)
    _wrap(node, "_on_authenticated", authenticated)
    _wrap(node, "accept_log", accept_log)
    _wrap(world.oracle, "committed", committed)


def _wrap(owner: object, name: str, around: Callable[..., None]) -> None:
    real = getattr(owner, name)

    def wrapped(*arguments: Any) -> None:
        around(real, *arguments)

    setattr(owner, name, wrapped)
