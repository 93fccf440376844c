"""The simulator itself is tested: a bug planted in the real code must be caught."""

from __future__ import annotations

import pytest

from simulation.conformance import SCENARIOS
from simulation.memo import memoised_verification
from simulation.planted_bugs import BUGS, Plant
from simulation.scenario import run_seed

SEEDS_MAX = 60
PLANTS = [plant for plants in BUGS.values() for plant in plants]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_small_world_keeps_its_promise(scenario: object) -> None:
    """Without a planted bug the small worlds hold."""
    assert callable(scenario)
    with memoised_verification():
        outcome = scenario(1)
    assert outcome.violation is None, outcome.report()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_caught(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small worlds, or some seed among the first sixty, show that something is wrong."""
    plant(monkeypatch)
    caught = _find()
    print(f"{plant.__name__}: {caught}")
    assert caught is not None


def _find() -> str | None:
    """Return where a violation shows, and which."""
    with memoised_verification():
        for scenario in SCENARIOS:
            if violation := scenario(1).violation:
                return f"{scenario.__name__}: {violation}"
        for seed in range(1, SEEDS_MAX + 1):
            if violation := run_seed(seed).violation:
                return f"seed={seed}: {violation}"
    return None
