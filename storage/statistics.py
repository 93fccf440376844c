"""What the network shares, asks and uses, in numbers: for the page about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.record_views import Facets, MunicipalityRow, RecordRow
from storage.reuse_queries import Reuse


@dataclass(frozen=True, slots=True)
class Statistics:
    """Numbers as one kind of reader is told them.

    ``shared`` counts all records by each kind of choice, ``asked`` the questions among them,
    ``unanswered`` those without any answer and ``waiting`` those without one that helped.
    ``months`` counts records by the month they were published in, "2026-11", as the index has
    them.
    """

    records: int
    municipalities: tuple[MunicipalityRow, ...]
    shared: Facets
    asked: Facets
    waiting: Facets
    unanswered: Facets
    months: Mapping[str, int]
    reuse: Reuse
    most_used: tuple[RecordRow, ...]

    @property
    def years(self) -> dict[str, int]:
        """Records by year, the newest first."""
        found: dict[str, int] = {}
        for month in sorted(self.months, reverse=True):
            year = month.partition("-")[0]
            found[year] = found.get(year, 0) + self.months[month]
        return found
