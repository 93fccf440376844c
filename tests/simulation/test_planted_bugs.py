"""The simulator itself is tested: a bug planted in the real code must be caught.

`make planted` counts the seeds that each takes; here each is planted once, with the seed that the
kept result of that programme says will notice it.
"""

from __future__ import annotations

import pytest

from simulation import (
    conformance,
    conformance_files,
    conformance_forks,
    conformance_stored,
    conformance_strangers,
)
from simulation.memo import memoised_verification
from simulation.planted.bug import Bug
from simulation.planted_bugs import PLANTED, median_count, seeds_to_catch, violation_of
from simulation.scenario import Outcome
from simulation.small_world import SmallWorld
from tests.proof_results import kept

SEEDS_MAX = 100
AT_LEAST = 40
MODULES = (
    conformance,
    conformance_files,
    conformance_forks,
    conformance_strangers,
    conformance_stored,
)
SMALL_WORLDS: tuple[SmallWorld, ...] = tuple(
    world
    for module in MODULES
    for world in vars(module).values()
    if getattr(world, "__module__", "") == module.__name__
    and getattr(world, "__annotations__", {}).get("return") == Outcome.__name__
)


@pytest.mark.parametrize("world", SMALL_WORLDS, ids=lambda world: world.__name__)
def test_a_small_world_keeps_its_promise(world: SmallWorld) -> None:
    """Without a planted bug the small worlds hold."""
    with memoised_verification():
        outcome = world(1)
    assert outcome.violation is None, outcome.report()


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.plant.__name__)
def test_a_planted_bug_is_caught(bug: Bug) -> None:
    """The seed that caught it, or some other when the simulator has changed, catches it."""
    seed = kept()["planted-bugs"]["details"].get(bug.plant.__name__, {}).get("seed") or 1
    violation = violation_of(bug, seed)
    print(f"{bug.name}: seed={seed}: {violation}")
    assert violation or seeds_to_catch(bug, 1, SEEDS_MAX)


def test_there_are_bugs_enough() -> None:
    """Each is there once, and there are as many as were promised."""
    names = [bug.plant.__name__ for bug in PLANTED]
    assert len(names) == len(set(names)) >= AT_LEAST


@pytest.mark.parametrize(
    ("counts", "middle"),
    [([1, 2, 9], 2), ([1, 2], 1.5), ([3, None, 1], 3), ([1, None, None], None), ([None], None)],
)
def test_never_is_more_than_any_number(counts: list[int | None], middle: float | None) -> None:
    """A bug that is not caught in a batch makes its median larger, never smaller."""
    assert median_count(counts) == middle
