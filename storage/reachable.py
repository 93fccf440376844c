"""How far a log can be worked through: up to what the disk has changed, until that is back.

Records and the search index are made from the log in order. A damaged run stops its own log there
and no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from storage.damage_schema import damaged_runs
from storage.damage_store import DamageStore, Gap
from storage.errors import DamagedLogError
from storage.prepared import Prepared, Step, Steps
from storage.run_rows import LogPlace

_DAMAGED = Prepared(
    select(damaged_runs.c.log_no, damaged_runs.c.first_sequence, damaged_runs.c.last_sequence)
)
UNDATED_MS = 0
"""Found by somebody without a clock; whoever looks closer knows when that was."""

Gaps = Mapping[int, Sequence[Gap]]
"""What is known to be damaged, by the log's number."""


def read_gaps() -> Steps[Gaps]:
    """Read all that is known to be damaged: nothing, as a rule."""
    found: dict[int, list[Gap]] = defaultdict(list)
    for log_no, first, last in (yield Step(_DAMAGED)):
        found[log_no].append(Gap(first, last))
    return found


def reach(gaps: Gaps, log_no: int, after: int, last: int) -> int:
    """Return how far a log can be read from after one number on, up to another."""
    ahead = [gap.first - 1 for gap in gaps.get(log_no, ()) if gap.last > after]
    return max(after, min([last, *ahead]))


def within_reach(behind: Iterable[tuple[LogPlace, int]], gaps: Gaps) -> list[tuple[LogPlace, int]]:
    """Leave out of what is to be worked through, from after a number on, what cannot be read."""
    cut = [
        (place._replace(head_sequence=reach(gaps, place.log_no, after, place.head_sequence)), after)
        for place, after in behind
    ]
    return [(place, after) for place, after in cut if place.head_sequence > after]


class Obstacles:
    """Notes what a piece of work met, so that it can go on with the rest."""

    def __init__(self, damage: DamageStore) -> None:
        self._damage = damage
        self._met: set[tuple[bytes, int]] = set()

    async def note(self, error: DamagedLogError) -> None:
        """Keep where an entry could not be read; raises ``error`` when that is known already, or
        is not about an entry."""
        if not error.sequence or (error.log, error.sequence) in self._met:
            raise error
        self._met.add((error.log, error.sequence))
        gap = Gap(error.sequence, error.sequence)
        await self._damage.note(error.log, gap, [gap], UNDATED_MS)
