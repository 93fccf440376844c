"""A long programme goes on where it was stopped, and comes to what it would have come to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulation.drills import run_drill
from simulation.memo import memoised_verification
from simulation.outcome_file import OutcomeFile
from simulation.scenario import Outcome

SEEDS = range(1, 4)


def played(path: Path, seeds: range = SEEDS) -> tuple[list[Outcome], list[int]]:
    """The outcomes of these seeds, and which of them had to be played for it."""
    now: list[int] = []

    def play(left: list[int]) -> Iterator[Outcome]:
        for seed in left:
            now.append(seed)
            yield run_drill(seed, "clone")

    with memoised_verification():
        return list(OutcomeFile(path).play(seeds, play)), now


def test_what_was_played_is_not_played_again(tmp_path: Path) -> None:
    """Also when the last line was cut off in the middle; the outcomes are equal."""
    path = tmp_path / "new" / "clone.jsonl"
    whole, first = played(path)
    path.write_text(path.read_text("utf-8")[:-20], "utf-8")

    again, second = played(path)
    third, nothing = played(path)

    assert (first, second, nothing) == (list(SEEDS), [SEEDS[-1]], [])
    assert [vars(outcome) for outcome in again] == [vars(outcome) for outcome in whole]
    assert [vars(outcome) for outcome in third] == [vars(outcome) for outcome in whole]
