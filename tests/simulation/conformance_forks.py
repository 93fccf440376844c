"""Small worlds about two machines with one key: the fork is known, and the next key ends it."""

from __future__ import annotations

from simulation.faults import TWIN
from simulation.ingest_model import Job
from simulation.node_model import SimNode
from simulation.repair_model import bring_sheet_in_force
from simulation.scenario import Outcome, World, finish
from simulation.small_world import expect, expect_equal, must, run_for, start, world_of

COMMENT = b'{"schema":1}'
KNOWN_WITHIN_MS = 60_000


def frozen_log(seed: int) -> Outcome:
    """A log that has forked grows no further with anybody, whatever its author goes on to sign."""

    def play(world: World) -> None:
        original, _ = _forked(world)
        held = _lengths(world, original)
        for _ in range(5):
            original.ingest.add(Job(original.log, kind="comment", content=COMMENT))
            run_for(world, 2_000)
        must(_lengths(world, original) == held, "a log grew after it had forked")

    return finish(world_of(seed, "ABC"), play)


def settled_fork(seed: int) -> Outcome:
    """A rotation by the next key ends a fork: everybody follows its branch, on either side."""

    def play(world: World) -> None:
        original, twin = _forked(world)
        twin.crash()
        answer = bring_sheet_in_force(original)
        expect(world, KNOWN_WITHIN_MS, "the key is changed", answer.done)
        chain = original.disk.chains[original.log]
        for name in "BC":
            disk = world.nodes[name].disk
            expect(
                world,
                KNOWN_WITHIN_MS,
                f"{name} follows the branch of the rotation",
                lambda disk=disk: (
                    original.log not in disk.frozen and disk.chains[original.log] == chain
                ),
            )
        original.publish("comment", COMMENT)
        expect(
            world,
            KNOWN_WITHIN_MS,
            "the log goes on",
            lambda: _lengths(world, original) == [len(chain)] * 2,
        )

    return finish(world_of(seed, "ABC"), play)


def late_witness(seed: int) -> Outcome:
    """Who meets the others only after a fork was found is told of it, by whoever knows."""

    def play(world: World) -> None:
        original, _ = _forked(world)
        late = world.nodes["D"]
        world.join("D", "B")
        world.nodes["B"].directory.neighbours.add(late.log)
        late.start()
        expect(
            world,
            KNOWN_WITHIN_MS,
            "a late neighbour knows of the fork",
            lambda: original.log in late.disk.frozen,
        )

    return finish(world_of(seed, "ABCD"), play)


def _forked(world: World) -> tuple[SimNode, SimNode]:
    """Let A's machine be copied, and both write; returns them once B and C know of the fork."""
    for dialer, responder in ("BA", "CB"):
        world.join(dialer, responder)
    start(world, "ABC")
    original = world.nodes["A"]
    original.publish("comment", COMMENT)
    expect_equal(world, 10_000, "ABC")
    twin = world.clone(original, TWIN)
    world.join(TWIN, "C")
    world.nodes["C"].directory.neighbours.add(twin.log)
    twin.start()
    for node in (original, twin):
        node.publish("comment", COMMENT)
    frozen = [world.nodes[name].disk.frozen for name in "BC"]
    expect(
        world,
        KNOWN_WITHIN_MS,
        "both neighbours know of the fork",
        lambda: all(original.log in known for known in frozen),
    )
    return original, twin


def _lengths(world: World, author: SimNode) -> list[int]:
    return [len(world.nodes[name].disk.chains[author.log]) for name in "BC"]
