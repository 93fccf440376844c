"""How cost follows size: the exponent of the power law that fits best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from statistics import linear_regression, median

from tests.benchmarks.figures import aligned, shown


def exponent(costs: Mapping[int, float]) -> float | None:
    """The slope of log cost against log size, by least squares; None for fewer than two sizes.

    0: the size does not matter; 1: twice the size costs twice as much.
    """
    if len(costs) < 2:
        return None
    sizes = [log(size) for size in costs]
    return linear_regression(sizes, [log(cost) for cost in costs.values()]).slope


@dataclass(slots=True)
class Series:
    """What was measured while one thing grew: for each metric, its runs at each size."""

    grows: str
    held: str
    runs: dict[str, dict[int, list[float]]] = field(default_factory=dict)

    def add(self, size: int, found: Mapping[str, float]) -> None:
        """One run at one size."""
        for metric, value in found.items():
            self.runs.setdefault(metric, {}).setdefault(size, []).append(value)

    @property
    def sizes(self) -> list[int]:
        """All sizes, the smallest first."""
        return sorted({size for by_size in self.runs.values() for size in by_size})

    def costs(self, metric: str) -> dict[int, float]:
        """The middle run at each size, the smallest size first."""
        return {size: median(runs) for size, runs in sorted(self.runs[metric].items())}

    def described(self) -> dict[str, object]:
        """The series as the JSON file has it."""
        return {
            "grows": self.grows,
            "held": self.held,
            "runs": self.runs,
            "exponents": {metric: exponent(self.costs(metric)) for metric in self.runs},
        }


def exponent_text(value: float | None) -> str:
    """An exponent as it is read: two digits and a sign."""
    if value is None:
        return "–"
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "−")


def growth_table(series: Sequence[Series]) -> str:
    """One block for each series: a row for each metric, its cost at each size, its exponent."""
    blocks = []
    for one in series:
        header = [
            f"by {one.grows} ({one.held})",
            *(f"{size:,}".replace(",", " ") for size in one.sizes),
            "exponent",
        ]
        rows = [header]
        for metric in one.runs:
            costs = one.costs(metric)
            cells = [shown(costs[size]) if size in costs else "" for size in one.sizes]
            rows.append([metric, *cells, exponent_text(exponent(costs))])
        lines = aligned(rows, right=range(1, len(header)))
        blocks.append("\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]]))
    return "\n\n".join(blocks)
