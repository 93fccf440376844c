"""Many seeds in a few processes: each comes back as the little that a tally needs."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from simulation.drills import run_drill
from simulation.memo import memoised_verification
from simulation.scenario import Outcome, run_seed
from tests.proof_stretches import Counts

HASH_SEEDS = ("1", "4711")
"""Two orders of sets and dictionaries, under which a seed must do the same."""
CHUNK = 8
OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""A world is one large heap of objects that live on: looking through it often finds nothing."""
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
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
        with memoised_verification():
            yield from map(play, jobs)
        return
    os.environ["PYTHONHASHSEED"] = hash_seed
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_remember) as pool:
        try:
            yield from pool.map(play, jobs, chunksize=CHUNK)
        finally:  # whoever has enough does not wait for the rest
            pool.shutdown(wait=False, cancel_futures=True)


def _remember() -> None:
    """Remember signatures for as long as this process lives."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    memoised_verification().__enter__()


def counts_of(outcome: Outcome) -> Counts:
    """What one seed adds to the counts of many; times after healing as how many had each."""
    counts: Counts = {
        "node_ms": outcome.virtual_ms * outcome.nodes,
        "events": outcome.events,
        "entries": outcome.entries,
        "fired": outcome.fired,
        "checked": outcome.checked,
    }
    if outcome.equal_after_ms is not None and outcome.hostile:
        counts["beside_hostile_ms"] = {outcome.equal_after_ms: 1}
    elif outcome.equal_after_ms is not None:
        counts["equal_after_ms"] = {outcome.size: {outcome.equal_after_ms: 1}}
    return counts


def percentile(counted: Mapping[str, int], share: float) -> int:
    """Return the smallest number that this share of all does not exceed, from counts by number."""
    ordered = sorted((int(number), times) for number, times in counted.items())
    rank = min(sum(counted.values()) - 1, int(share * sum(counted.values())))
    for number, times in ordered:
        rank -= times
        if rank < 0:
            return number
    raise ValueError("nothing was counted")
