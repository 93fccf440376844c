"""Two hubs that are neighbours, and what they sent each other."""

from __future__ import annotations

from factories import LogMaker
from memory_world import MemoryNode, World
from protocol.messages import decode


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
