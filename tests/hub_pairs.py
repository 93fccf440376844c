"""Two hubs that are neighbours, and what they sent each other."""

from __future__ import annotations

from typing import NamedTuple

from factories import LogMaker
from memory_world import MemoryNode, World
from protocol.fork import encode_proof, make_proof
from protocol.messages import decode


class Forked(NamedTuple):
    """A log that has two second entries: one branch, the other, and the encoded proof of it."""

    log: LogMaker
    twin: LogMaker
    proof: bytes


def make_forked(number: int = 9) -> Forked:
    """Return a log of somebody else with a fork at its second entry."""
    log = LogMaker(number)
    twin = log.fork()
    log.append(content=b'{"a":1}')
    other = twin.append(content=b'{"b":1}')
    proof = make_proof(tuple(log.envelopes[:1]), log.envelopes[1].entry, other.entry)
    return Forked(log, twin, encode_proof(proof))


def make_pair(seed: int = 0) -> tuple[World, MemoryNode, MemoryNode]:
    """Return two neighbours that are not yet connected."""
    world = World(seed)
    left, right = world.add(LogMaker(1)), world.add(LogMaker(2, code="1497", name="Hjo kommun"))
    world.befriend(left, right)
    return world, left, right


def sent(world: World, kind: type, link: int | None = None) -> list:
    """Return the messages of one kind that travelled, on one link or on all."""
    messages = [decode(frame) for number, frame in world.frames if link in (None, number)]
    return [message for message in messages if isinstance(message, kind)]
