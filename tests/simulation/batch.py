"""Many seeds in a few processes: each comes back as the little that a tally needs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TypeVar

from simulation.drills import run_drill
from simulation.memo import memoised_verification
from simulation.scenario import Outcome, run_seed

HASH_SEEDS = ("1", "4711")
"""Two orders of sets and dictionaries, under which a seed must do the same."""
CHUNK = 8
Job = TypeVar("Job")


def play_seed(seed: int) -> Outcome:
    """Play one seed; the trace is kept only if something broke."""
    return _lightened(run_seed(seed))


def play_drill(job: tuple[str, int]) -> Outcome:
    """Play one drill, given as kind and seed."""
    kind, seed = job
    return _lightened(run_drill(seed, kind))


def _lightened(outcome: Outcome) -> Outcome:
    if not outcome.violation:
        outcome.lines = []
    return outcome


def outcomes(
    play: Callable[[Job], Outcome], jobs: Iterable[Job], processes: int, hash_seed: str
) -> Iterator[Outcome]:
    """Play all jobs, in their order; with one process in this one."""
    if processes == 1 and os.environ.get("PYTHONHASHSEED") == hash_seed:
        with memoised_verification():
            yield from map(play, jobs)
        return
    os.environ["PYTHONHASHSEED"] = hash_seed
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_remember) as pool:
        yield from pool.map(play, jobs, chunksize=CHUNK)


def _remember() -> None:
    """Remember signatures for as long as this process lives."""
    memoised_verification().__enter__()


@dataclass
class Tally:
    """What many seeds came to together."""

    seeds: int = 0
    node_ms: int = 0
    events: int = 0
    entries: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    broken: list[Outcome] = field(default_factory=list)
    equal_after_ms: dict[int, list[int]] = field(default_factory=dict)
    beside_hostile_ms: list[int] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count one seed."""
        self.seeds += 1
        self.node_ms += outcome.virtual_ms * outcome.nodes
        self.events += outcome.events
        self.entries += outcome.entries
        self.fired.update(outcome.fired)
        self.checked.update(outcome.checked)
        if outcome.violation:
            self.broken.append(outcome)
        elif outcome.equal_after_ms is not None and outcome.hostile:
            self.beside_hostile_ms.append(outcome.equal_after_ms)
        elif outcome.equal_after_ms is not None:
            self.equal_after_ms.setdefault(outcome.size, []).append(outcome.equal_after_ms)

    @property
    def node_hours(self) -> float:
        """Virtual time of all nodes together."""
        return self.node_ms / 3_600_000


def percentile(values: list[int], share: float) -> int:
    """Return the smallest value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
