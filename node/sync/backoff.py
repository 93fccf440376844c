"""When to dial a neighbour again: pure arithmetic, no clock and no randomness of its own.

The first retry comes after about a second, so that a restart of the neighbour costs almost nothing;
each further one waits twice as long, up to half a minute; a spread keeps a whole county from
dialling at once when its network returns. Only a session that got as far as comparing logs starts
the count anew.
"""

from __future__ import annotations

FIRST_DELAY_MS = 1_000
DELAY_MS_MAX = 30_000
"""A call in vain costs a connection attempt; a longer wait would only keep news
from whoever is back (docs/adr/0035)."""
SPREAD = 0.5


class Backoff:
    """Counts failures of one neighbour and turns them into delays."""

    def __init__(self) -> None:
        self.failures = 0

    def succeeded(self) -> None:
        """A session worked: the next retry is a first one again."""
        self.failures = 0

    def next_delay_ms(self, uniform: float) -> int:
        """Count one failure and return how long to wait; `uniform` in [0, 1) spreads it."""
        base_ms = min(FIRST_DELAY_MS << min(self.failures, 16), DELAY_MS_MAX)
        self.failures += 1
        return min(round(base_ms * (1 - SPREAD / 2 + SPREAD * uniform)), DELAY_MS_MAX)
