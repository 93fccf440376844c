"""Small worlds about a file that two neighbours have, one of whom does not give it."""

from __future__ import annotations

from memory_blobs import blob_of
from simulation.hostile import HostileNode
from simulation.scenario import Outcome, World, finish
from simulation.small_world import expect, run_for, world_of

FILE_BYTES = 1_500_000
COMES_WITHIN_MS = 240_000


def lying_source(seed: int) -> Outcome:
    """A neighbour changes what it sends of a file: the file comes, and nobody else is blamed."""

    def play(world: World) -> None:
        _begin(world, "wrong_piece", 0.5)
        random = world.fork_random("cuts")
        for _ in range(10):  # so that one goes on where another has stopped
            run_for(world, random.randint(2_000, 12_000))
            for connection in list(world.network.connections.values()):
                if "Z" in connection.wires:
                    world.network.cut(connection)
        _must_come(world)

    return finish(_world(seed), play)


def silent_source(seed: int) -> Outcome:
    """A neighbour promises a file and never sends any of it: the file comes from another."""

    def play(world: World) -> None:
        _begin(world, "withheld_piece", 1.0)
        _must_come(world)

    return finish(_world(seed), play)


def _world(seed: int) -> World:
    world = world_of(seed, "ABZ", {"Z": HostileNode})
    data = world.fork_random("file").randbytes(FILE_BYTES)
    world.files[blob_of(data)] = data
    for name in "AZ":
        world.nodes[name].files.hold(data)
    return world


def _begin(world: World, hostility: str, rate: float) -> None:
    """Let B meet the bad source a little before the good one."""
    source = world.nodes["Z"]
    assert isinstance(source, HostileNode)
    source.hostilities, source.rate = (hostility,), rate
    world.network.weather.bytes_per_ms = 100.0
    world.join("B", "Z")
    world.join("B", "A")
    for name in "ZB":
        world.nodes[name].start()
    run_for(world, 1_000)
    world.nodes["A"].start()


def _must_come(world: World) -> None:
    held = world.nodes["B"].files
    expect(world, COMES_WITHIN_MS, "the file", lambda: held.held == world.files)
