"""Which municipalities take part in the demo, and which of them are neighbours.

Rules: only Skaraborg, only real land borders, and the same order each time: growing the demo keeps
those that were there, with their ports. However many take part, the borders connect them all.
"""

from __future__ import annotations

from itertools import combinations

from node.errors import ArgumentError
from node.municipal import borders, municipalities
from node.municipal.municipalities import Municipality

FIRST = ("1498", "1497", "1496", "1499")
"""Tidaholm, Hjo, Skövde and Falköping, who meet each other along the river."""


def taking_part(count: int) -> tuple[Municipality, ...]:
    """The first `count` municipalities; raises `ArgumentError` when there are not so many."""
    rest = {item.code: item for item in municipalities.skaraborg()}
    if not 1 <= count <= len(rest):
        raise ArgumentError(f"The demo has 1 to {len(rest)} municipalities, not {count}.")
    chosen = [rest.pop(code) for code in FIRST]
    while rest:
        next_code = max(rest, key=lambda code: (_border_with(chosen, code), code))
        chosen.append(rest.pop(next_code))
    return tuple(chosen[:count])


def _border_with(chosen: list[Municipality], code: str) -> float:
    return sum(borders.border_length_km(code, item.code) for item in chosen)


def borders_among(codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The pairs of these municipalities that share a land border."""
    return tuple(
        (first, second)
        for first, second in combinations(codes, 2)
        if second in borders.neighbours_of(first)
    )
