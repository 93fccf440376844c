"""What federation a seed stands for: how many nodes, who knows whom, who is hostile."""

from __future__ import annotations

import string
from itertools import pairwise
from random import Random

from memory_blobs import blob_of
from protocol.directory import Standing
from simulation.fault_base import TWIN
from simulation.hostile import HOSTILITIES, HostileNode
from simulation.hostile_frames import SPOILED_PIECES
from simulation.world import HOSTILE, World

NAMES = [letter for letter in string.ascii_uppercase if letter not in (TWIN, HOSTILE)]
SIZES = (*(3, 4, 5, 6, 7, 8) * 4, 9, 10, 12, 14, 16, 20, 24)
"""Of federations; the large ones cost most and come seldom."""
LARGEST = max(SIZES)
GRAPHS = ("line", "ring", "star", "random")
FILES_ONLY_SHARE = 0.25
"""Of hostile neighbours, those that are hostile about files alone: of others, most sessions end
over something else before a piece of a file has travelled."""


def build(seed: int, *, keep_lines: bool = False) -> World:
    """Return the federation a seed stands for, not started yet."""
    world = World(seed, keep_lines=keep_lines)
    random = world.fork_random("plan")
    names = NAMES[: random.choice(SIZES)]
    for number, name in enumerate(names, 1):
        world.add(name, number).batch_entries = random.choice((1, 3, 10, 50))
    for dialer, responder in _graph(world, random, names):
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


def _graph(world: World, random: Random, names: list[str]) -> list[tuple[str, str]]:
    """Return connected edges: a line, a ring, a star or a random graph."""
    pairs = list(pairwise(names))
    kind = random.choice(GRAPHS)
    world.count(f"graph {kind}")
    match kind:
        case "ring":
            pairs.append((names[-1], names[0]))
        case "star":
            pairs = [(names[0], name) for name in names[1:]]
        case "random":
            pairs = [(random.choice(names[:n]), names[n]) for n in range(1, len(names))]
            for _ in range(max(1, len(names) // 3)):
                extra = random.sample(names, 2)
                if tuple(extra) not in pairs and tuple(extra[::-1]) not in pairs:
                    pairs.append((extra[0], extra[1]))
    pairs = sorted(set(pairs) - {(b, a) for a, b in pairs if a > b})
    return [pair if random.random() < 0.5 else pair[::-1] for pair in pairs]


def _add_files(world: World, names: list[str]) -> None:
    """Let some node have each of two files that all of them want."""
    random = world.fork_random("files")
    large = random.randint(300_000, 600_000) if random.random() < 0.3 else 30_000
    for size in (random.randint(1, 1_000), large):
        data = random.randbytes(size)
        world.files[blob_of(data)] = data
        world.nodes[random.choice(names)].files.hold(data)


def _add_hostile(world: World, random: Random, names: list[str]) -> None:
    node = world.add(HOSTILE, 50, HostileNode)
    assert isinstance(node, HostileNode)
    node.hostilities = tuple(random.sample(HOSTILITIES, len(HOSTILITIES) // 2))
    node.rate = random.choice((0.05, 0.3, 0.8))
    kind = world.fork_random("kind of hostility")
    if kind.random() < FILES_ONLY_SHARE:
        node.hostilities = tuple(kind.sample(SPOILED_PIECES, 2))
    for data in world.files.values():
        node.files.hold(data)
    for name in random.sample(names, random.randint(1, min(3, len(names)))):
        world.join(*random.choice(((HOSTILE, name), (name, HOSTILE))))
