"""The order of what was found: by its text first, then by use, age and nearness.

Pure. The score of the text is raised by a few hundredths for each of the three, so they decide
between records that match about as well and never lift one that hardly matches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

USE_SHARE = 0.10
"""What many municipalities' use adds at most."""
_USES_FOR_ALL = 8
FRESH_SHARE = 0.06
_YEARS_HALVED = 3.0
NEAR_SHARE = 0.04
_MS_A_YEAR = 31_556_952_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record with what its place is decided by; ``uses`` counts municipalities."""

    record: bytes
    text_score: float
    uses: int
    published_ms: int
    is_near: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """A record's score and what each reason made of it."""

    record: bytes
    score: float
    text_score: float
    by_use: float
    by_age: float
    by_nearness: float


def rank(candidates: Iterable[Candidate], now_ms: int) -> list[Ranked]:
    """Return the candidates, the best first; at equal scores the newest first."""
    found = [(_ranked(one, now_ms), one.published_ms) for one in candidates]
    found.sort(key=lambda item: (item[0].score, item[1], item[0].record), reverse=True)
    return [ranked for ranked, _ in found]


def _ranked(one: Candidate, now_ms: int) -> Ranked:
    by_use = USE_SHARE * min(1.0, math.log1p(one.uses) / math.log1p(_USES_FOR_ALL))
    years = max(0, now_ms - one.published_ms) / _MS_A_YEAR
    by_age = FRESH_SHARE * 0.5 ** (years / _YEARS_HALVED)
    by_nearness = NEAR_SHARE if one.is_near else 0.0
    score = one.text_score * (1 + by_use + by_age + by_nearness)
    return Ranked(one.record, score, one.text_score, by_use, by_age, by_nearness)
