"""Which municipalities are neighbours in a spreading simulation: SCB's borders, and the rule.

The borders and the rule are the program's own (node/municipal).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from node.municipal import borders, municipalities
from node.municipal.steps import both_ways, longest_way, ways_from
from node.municipal.suggested_neighbours import Why, wished

Pairs = tuple[tuple[str, str], ...]
BORDERS = "borders"
BORDERS_AND_SHORTCUTS = "borders and shortcuts"
SUGGESTED = "suggested"


@dataclass(frozen=True)
class Plan:
    """A network to simulate: its name, its links (each pair once), and how many are down."""

    name: str
    pairs: Pairs
    down_share: float = 0.0

    @property
    def codes(self) -> tuple[str, ...]:
        """Everybody, in order of code."""
        return tuple(sorted({code for pair in self.pairs for code in pair}))

    @property
    def longest_way(self) -> int | None:
        """Steps between the two who are farthest apart."""
        return longest_way(both_ways(self.pairs))

    @property
    def links_most(self) -> int:
        """Links of whoever has most."""
        return max(len(others) for others in both_ways(self.pairs).values())


def everybody() -> tuple[str, ...]:
    """All 290 kommunkoder."""
    return tuple(item.code for item in municipalities.all_municipalities())


def plan(name: str, codes: Collection[str], down_share: float = 0.0) -> Plan:
    """The plan of this name among these municipalities."""
    pairs = {
        BORDERS: lambda: border_pairs(codes),
        BORDERS_AND_SHORTCUTS: lambda: border_pairs(codes) | suggested_pairs(codes, far_only=True),
        SUGGESTED: lambda: suggested_pairs(codes),
    }[name]()
    return Plan(name, tuple(sorted(pairs)), down_share)


def border_pairs(codes: Collection[str]) -> set[tuple[str, str]]:
    """Who shares a border or lies close across water, so that islands take part."""
    return {
        (min(code, other), max(code, other))
        for code in codes
        for other in (*borders.neighbours_of(code), *borders.near(code))
        if other in codes
    }


def suggested_pairs(codes: Collection[str], *, far_only: bool = False) -> set[tuple[str, str]]:
    """What there is when everybody has followed every suggestion, or those across the map."""
    return {
        (min(code, other), max(code, other))
        for code in codes
        for other, why in wished(code, codes).items()
        if why is Why.SHORTCUT or not far_only
    }


def along_the_longest_way() -> tuple[str, ...]:
    """The municipalities on the longest of all shortest ways over borders, end to end."""
    links = both_ways(border_pairs(everybody()))
    farthest = [
        max((way.steps, code, start) for code, way in ways_from(start, links).items())
        for start in links
    ]
    _, end, start = max(farthest)
    path = [start]
    while path[-1] != end:
        path.append(ways_from(path[-1], links)[end].through)
    return tuple(path)
