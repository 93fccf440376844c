"""How long pages wait for the log: what is committed comes first, what is shown a moment later.

Numbers only; time, in seconds, is passed in.
"""

from __future__ import annotations

from dataclasses import dataclass

GATHER_SECONDS = 0.005
"""What is committed one after another, with less than this between, is shown together: a step for
each entry would take as much time again as publishing them."""
GATHER_SECONDS_MAX = 0.1
"""How far pages may fall behind who writes without a break."""
QUIET_SECONDS = 0.2
"""When nothing has come in bulk for so long, the bulk is over."""
BULK_SECONDS_MAX = 3.0
"""How far pages may fall behind a bulk."""


@dataclass(slots=True)
class RightOfWay:
    """When the log last moved, by an entry and in bulk."""

    committed_at: float = float("-inf")
    bulk_at: float = float("-inf")

    def wait_seconds(self, now: float, *, since: float) -> float:
        """How long a step is to wait still that is due ``since`` then; 0 or less: not at all."""
        bulk_over = self.bulk_at + QUIET_SECONDS
        latest = since + (BULK_SECONDS_MAX if bulk_over > now else GATHER_SECONDS_MAX)
        calm = max(self.committed_at + GATHER_SECONDS, bulk_over)
        return min(calm, latest) - now
