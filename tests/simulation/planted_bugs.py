"""Bugs to plant in the real code, one at a time, to see that the simulator would notice.

Each is one function that takes pytest's monkeypatch and breaks one rule, such as people break;
its docstring says what the broken node does. They lie in ``planted``, by subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import pytest

from simulation.memo import memoised_verification
from simulation.planted import chain, files, forks, meaning, node, strangers, syncing
from simulation.planted.bug import Bug

BUGS: dict[str, tuple[Bug, ...]] = {
    "chain": chain.BUGS,
    "neighbours": strangers.BUGS,
    "exchange": syncing.BUGS,
    "forks": forks.BUGS,
    "files": files.BUGS,
    "disk": node.BUGS,
    "meaning": meaning.BUGS,
}
"""All of them, by subject."""
PLANTED = tuple(bug for bugs in BUGS.values() for bug in bugs)


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """Run the block with a bug in the code."""
    with pytest.MonkeyPatch.context() as patch, memoised_verification():
        bug.plant(patch)
        yield


def violation_of(bug: Bug, seed: int) -> str | None:
    """Return what the bug's world says with this seed, or None when it notices nothing."""
    with planted(bug):
        return bug.world(seed).violation


def seeds_to_catch(bug: Bug, first: int, seeds_max: int) -> tuple[int, str] | None:
    """Play seeds from ``first`` on; returns how many it took and what was said, None for never."""
    for count in range(1, seeds_max + 1):
        violation = violation_of(bug, first + count - 1)
        if violation is not None:
            return count, violation
    return None


def median_count(counts: list[int | None]) -> float | None:
    """Return the median of how many seeds it took; never (None) is more than any number."""
    middle = median(count if count is not None else float("inf") for count in counts)
    return middle if middle != float("inf") else None
