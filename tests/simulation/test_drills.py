"""A municipality's identity outlives a theft, a loss, an old backup, a copy, and two at once."""

from __future__ import annotations

import pytest

from simulation.drills import DRILLS, run_drill
from simulation.memo import memoised_verification
from simulation.other_processes import printed

SEEDS = [(kind, seed) for kind in DRILLS for seed in (1, 2, 3)]
WERE_BROKEN = [
    *(("clone", 195), ("clone", 246), ("stale", 64), ("stale", 66)),
    *(("theft", 861), ("both", 996), ("clone", 388), ("theft", 964), ("both", 739)),
]
"""A neighbour's word about copies, begun before a rotation, came after it; nobody who answered had
the newest entries, and the guard was gone; a branch of more than a hundred small runs; a machine
was put back, and only the thief had what it had signed last; entries were being stored while the
key was changed."""
MUST_WAIT = [("theft", 646), ("theft", 940), ("both", 430)]


@pytest.mark.parametrize(("kind", "seed"), SEEDS + WERE_BROKEN)
def test_a_drill_ends_well(kind: str, seed: int) -> None:
    """No node signs twice at one number, all honest nodes agree, and the owner goes on."""
    print(f"seed={seed}")
    with memoised_verification():
        outcome = run_drill(seed, kind)
    assert outcome.violation is None, outcome.report()
    assert sum(outcome.fired[f"drill {name}"] for name in DRILLS) == (2 if kind == "both" else 1)


@pytest.mark.parametrize(("kind", "seed"), MUST_WAIT)
def test_an_owner_waits_for_who_was_on_the_thief_s_branch(kind: str, seed: int) -> None:
    """It signs nothing while a neighbour's word stands that it has more, and then goes on."""
    print(f"seed={seed}")
    with memoised_verification():
        outcome = run_drill(seed, kind)
    assert outcome.violation is None, outcome.report()
    assert outcome.fired["had to wait before signing"] == 1


def test_a_drill_is_played_the_same_way_every_time() -> None:
    """Equal seeds give equal traces in another process with other hash seeds, too."""
    script = (
        "from simulation.drills import run_drill\n"
        "print([run_drill(5, kind).digest for kind in ('theft', 'both')])"
    )

    assert len(printed(script)) == 1
