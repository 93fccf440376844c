"""How far something has come, how fast it goes and how long it may take; time is passed in.

Numbers only: the command line and the pages each put them into words.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

WINDOW_MS = 5_000
"""Speeds are those of the last seconds: long enough to be calm, short enough to show a stop."""
SAMPLE_MS = 400
SPAN_MS_MIN = 800
"""Over less time than this, a speed would be a guess."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Something that is being worked through; `seconds_left` is None while nobody can tell."""

    done: int
    total: int
    per_second: float
    seconds_left: int | None

    @property
    def left(self) -> int:
        """How much is not done."""
        return self.total - self.done


def make_stage(done: int, left: int, per_second: float) -> Stage:
    """The stage with this much done and left, at this speed."""
    seconds_left = math.ceil(left / per_second) if per_second > 0 else None
    return Stage(done, done + left, round(per_second, 1), seconds_left if left else 0)


class Pace:
    """How fast a count grows, from samples of the last seconds; bounded however often it is fed."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque()

    def note(self, now_ms: int, count: int) -> None:
        """Take in the count at this moment; samples too close to the last one are left out."""
        self.forget_old(now_ms)
        if not self._samples or now_ms - self._samples[-1][0] >= SAMPLE_MS:
            self._samples.append((now_ms, count))

    def forget_old(self, now_ms: int) -> None:
        """Leave the past."""
        while self._samples and now_ms - self._samples[0][0] > WINDOW_MS:
            self._samples.popleft()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was noted for a while."""
        return not self._samples

    def per_second(self) -> float:
        """The speed now; 0 when it stands still or cannot be told yet."""
        if not self._samples:
            return 0.0
        (first_ms, first), (last_ms, last) = self._samples[0], self._samples[-1]
        span_ms = last_ms - first_ms
        return max(0.0, (last - first) * 1_000 / span_ms) if span_ms >= SPAN_MS_MIN else 0.0
