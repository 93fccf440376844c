"""How many steps it is from one to another over links that are known. Pure.

Links go both ways. Ends are any text: a kommunkod, or a log's id where no kommunkod is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

Links = Mapping[str, Collection[str]]
"""Each end with those it has a link to."""


class Way(NamedTuple):
    """A shortest way: its number of steps, and the first end on it ("" at the start itself)."""

    steps: int
    through: str


def both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The links of these pairs; a pair of one and the same is none."""
    links: dict[str, set[str]] = defaultdict(set)
    for first, second in pairs:
        if first != second:
            links[first].add(second)
            links[second].add(first)
    return dict(links)


def ways_from(start: str, links: Links) -> dict[str, Way]:
    """A shortest way to each end that can be reached, the start included (0 steps).

    Of several equally short ones the same is taken each time: the first in order of code.
    """
    ways = {start: Way(0, "")}
    rim = [start]
    while rim:
        outside: list[str] = []
        for end in rim:
            way = ways[end]
            for other in sorted(links.get(end, ())):
                if other not in ways:
                    ways[other] = Way(way.steps + 1, way.through or other)
                    outside.append(other)
        rim = outside
    return ways


def longest_way(links: Links) -> int | None:
    """Steps between the two ends farthest apart; None when some cannot reach each other."""
    longest = 0
    for start in links:
        ways = ways_from(start, links)
        if len(ways) < len(links):
            return None
        longest = max(longest, *(way.steps for way in ways.values()))
    return longest


def all_within(links: Links, steps_max: int) -> bool:
    """Whether everybody reaches everybody in so many steps; stops at the first who does not."""
    return all(
        len(ways) == len(links) and all(way.steps <= steps_max for way in ways.values())
        for ways in (ways_from(start, links) for start in links)
    )
