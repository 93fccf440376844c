"""How many records more, or fewer, a step of the projections lists: counts are moved on by that.

Pure. Each record is looked at as it was before the step and as it is after it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from storage.projected_rows import Row
from storage.tally import Kind

Pairs = Iterable[tuple[Row | None, Row | None]]
"""A row before and after; None where there is none."""


class Listing(NamedTuple):
    """What is counted together: records of one kind that the same readers may see."""

    visibility: str
    kind: Kind


@dataclass(slots=True)
class ListedChanges:
    """What one step changed in the lists of one log.

    ``come_ms`` and ``gone_ms``: by visibility, when the newest of the records was published that
    are listed after the step, and before it; only of those that it touched.
    """

    more: Counter[Listing] = field(default_factory=Counter)
    come_ms: dict[str, int] = field(default_factory=dict)
    gone_ms: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0

    def latest_ms(self, before: int | None, visible: Sequence[str]) -> int | None:
        """Return when the newest record was published that a reader sees, from when it was before.

        Raises :class:`LookupError` when that one may be gone, so that another is the newest.
        """
        come = _newest(self.come_ms, visible)
        gone = _newest(self.gone_ms, visible)
        if (
            gone is not None
            and (come is None or come < gone)
            and (before is None or gone >= before)
        ):
            raise LookupError("the newest record is not listed any more")
        known = [one for one in (before, come) if one is not None]
        return max(known) if known else None


def listed_changes(records: Pairs, unreadable: Pairs) -> dict[int, ListedChanges]:
    """Return what changed, by the number of the log, from the rows of two tables that a step
    wrote."""
    found: dict[int, ListedChanges] = defaultdict(ListedChanges)
    for before, after in records:
        for row, more in ((before, -1), (after, 1)):
            if row is not None and row["withdrawn"] is None:
                _count(found[row["log_no"]], row, more)
    for before, after in unreadable:
        for row, more in ((before, -1), (after, 1)):
            if row is not None:
                found[row["log_no"]].unreadable += more
    return dict(found)


def _count(changes: ListedChanges, row: Row, more: int) -> None:
    kind = Kind(row["type"], row["area"], row["status"])
    changes.more[Listing(row["visibility"], kind)] += more
    times = changes.come_ms if more > 0 else changes.gone_ms
    seen = row["visibility"]
    times[seen] = max(row["published_ms"], times.get(seen, row["published_ms"]))


def _newest(times: dict[str, int], visible: Sequence[str]) -> int | None:
    return max((ms for seen, ms in times.items() if seen in visible), default=None)
