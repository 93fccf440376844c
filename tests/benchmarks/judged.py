"""How good a list of found records is, by grades that were given by hand. Pure.

Grades: 3 is what was looked for, 2 useful, 1 touches on it; what has no grade is no use.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

NDCG_AT = 10
RECALL_AT = 20
USEFUL = 2
WANTED = 3


def ndcg(found: Sequence[str], relevant: Mapping[str, int], at: int = NDCG_AT) -> float:
    """Return the normalised discounted cumulative gain of the first ``at``, 0 to 1.

    The gain is 2^grade − 1, divided by log2(place + 1). What is found twice counts once, and a
    query for which nothing is relevant counts 1.
    """
    best = _gain(sorted(relevant.values(), reverse=True)[:at])
    first = list(dict.fromkeys(found))[:at]
    return _gain(relevant.get(record, 0) for record in first) / best if best else 1.0


def _gain(grades: Iterable[int]) -> float:
    return sum(
        (2.0**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, start=1)
    )


def recall(found: Sequence[str], relevant: Mapping[str, int], at: int = RECALL_AT) -> float:
    """Return the share of useful records that are among the first ``at``.

    At most ``at`` can be there, so a query with more of them is judged against ``at``. One with
    none counts 1.
    """
    useful = {record for record, grade in relevant.items() if grade >= USEFUL}
    return len(useful.intersection(found[:at])) / min(len(useful), at) if useful else 1.0


def lacking(found: Sequence[str], relevant: Mapping[str, int], at: int = RECALL_AT) -> list[str]:
    """Return the useful records that are not among the first ``at``, the best first."""
    useful = [record for record, grade in relevant.items() if grade >= USEFUL]
    first = set(found[:at])
    return sorted(set(useful) - first, key=lambda record: (-relevant[record], record))


def finds_wanted(found: Sequence[str], relevant: Mapping[str, int], at: int = RECALL_AT) -> bool:
    """Return whether one that was looked for is among the first ``at``."""
    return any(relevant.get(record, 0) >= WANTED for record in found[:at])
