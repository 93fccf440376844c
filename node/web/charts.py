"""Drawings of numbers as plain SVG, whose words stand beside them as text. Pure.

A drawing is stretched to the width there is; its lines keep their thickness. So nothing in it is
text, which would be stretched as well and be too small to read on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 100, 40
_STEPS = (1, 2, 5)


class LineChart(NamedTuple):
    """A line over time in a box of `WIDTH` by `HEIGHT`, and what its highest rule stands for."""

    line: str
    surface: str
    top: int
    highest: int
    highest_at: int


def line_chart(values: Sequence[int]) -> LineChart:
    """Draw at least two values, the earliest first; `highest_at` is where the highest stands."""
    top = round_above(max(values))
    step = WIDTH / (len(values) - 1)
    points = [
        f"{place * step:.2f} {HEIGHT - value / top * HEIGHT:.2f}"
        for place, value in enumerate(values)
    ]
    line = "M" + "L".join(points)
    highest = max(values)
    return LineChart(
        line, f"{line}L{WIDTH} {HEIGHT}L0 {HEIGHT}Z", top, highest, list(values).index(highest)
    )


def round_above(value: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50 and so on that is not below a value."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size >= value:
                return step * size
        size *= 10


def share(value: int, most: int) -> float:
    """How long a bar is, of 100, when the longest stands for `most`."""
    return round(value / most * 100, 2) if most else 0
