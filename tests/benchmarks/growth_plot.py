"""The plot of `make bench-growth`: one log-log panel for each thing that grows, as SVG.

Every line is a cost relative to the one at the smallest size, so that different units share an
axis: flat means that the size does not matter, the dashed diagonal that twice as much costs twice
as much. Below each panel the lines are named with their exponents. Colours follow the reader's
light or dark setting; lines differ in their markers too, so nothing depends on colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10

from tests.benchmarks.fit import Series, exponent, exponent_text

PANEL_WIDTH, PANEL_HEIGHT, GAP = 300, 220, 52
LEFT, TOP, LEGEND_TOP, LEGEND_STEP, BOTTOM = 52, 58, 78, 20, 10
RATIO_LOW, RATIO_HIGH = 0.5, 10.0
"""Every panel shows at least this much, so that a small growth looks small."""
COLOURS = ("#1f5fbf", "#b4510a", "#157a50", "#8a3fb5", "#93700a", "#b8326e", "#0d7c8c")
COLOURS_DARK = ("#7db1ff", "#f5a05a", "#63cf9b", "#cf9bf2", "#e0bd4f", "#f490bd", "#5fd0df")
MARKERS = (
    '<circle r="3.4"/>',
    '<rect x="-3" y="-3" width="6" height="6"/>',
    '<path d="M0-4 4 3.2H-4z"/>',
    '<path d="M0-4.4 4.4 0 0 4.4-4.4 0z"/>',
    '<path d="M0 4 4-3.2H-4z"/>',
    '<path d="M-3.4-3.4 3.4 3.4M3.4-3.4-3.4 3.4" class="open"/>',
    '<path d="M-4 0H4M0-4V4" class="open"/>',
)
TICKS_ALL_RATIO_MAX = 200


def growth_svg(series: Sequence[Series]) -> str:
    """The whole picture."""
    lines_max = max((len(one.runs) for one in series), default=0)
    width = LEFT + len(series) * (PANEL_WIDTH + GAP) - GAP + 24
    height = TOP + PANEL_HEIGHT + LEGEND_TOP + lines_max * LEGEND_STEP + BOTTOM
    panels = [
        f'<g transform="translate({LEFT + place * (PANEL_WIDTH + GAP)} {TOP})">{panel(one)}</g>'
        for place, one in enumerate(series)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img" aria-labelledby="title text">\n'
        '<title id="title">How the cost of Tidan grows</title>\n'
        f'<desc id="text">{escape(description(series))}</desc>\n'
        f"<style>{style()}</style>\n" + "\n".join(panels) + "\n</svg>\n"
    )


def style() -> str:
    """Colours for light and dark, and the text's size and face."""
    light = "".join(f".c{n}{{--c:{colour}}}" for n, colour in enumerate(COLOURS))
    dark = "".join(f".c{n}{{--c:{colour}}}" for n, colour in enumerate(COLOURS_DARK))
    return (
        "svg{font:12px/1.2 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
        "--ink:#22272e;--faint:#66707c;--grid:#dfe3e8}"
        "text{fill:var(--ink)}.h{font-size:15px;font-weight:600}.f{fill:var(--faint)}"
        ".g{stroke:var(--grid)}.r1{stroke:var(--faint)}"
        ".r{stroke:var(--faint);stroke-dasharray:4 4;fill:none}"
        ".l{stroke:var(--c);stroke-width:2;fill:none;stroke-linejoin:round}"
        ".m{fill:var(--c);stroke:var(--c)}.open{fill:none;stroke-width:2}"
        ".e{text-anchor:end}.x{text-anchor:middle}.n{font-variant-numeric:tabular-nums}"
        f"{light}@media(prefers-color-scheme:dark){{svg{{--ink:#e4e8ed;--faint:#9aa5b1;"
        f"--grid:#343b44}}{dark}}}"
    )


def description(series: Sequence[Series]) -> str:
    """The picture in words, for whoever does not see it."""
    parts = []
    for one in series:
        exponents = ", ".join(
            f"{metric} {exponent_text(exponent(one.costs(metric)))}" for metric in one.runs
        )
        parts.append(f"By {one.grows} ({one.held}), exponents: {exponents}.")
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Axes:
    """Where sizes and ratios lie in a panel, both on a log scale."""

    sizes: tuple[int, int]
    ratios: tuple[float, float]

    def x(self, size: float) -> float:
        """Pixels from the left."""
        first, last = self.sizes
        span = log10(last / first) or 1.0
        return round(log10(size / first) / span * PANEL_WIDTH, 1)

    def y(self, ratio: float) -> float:
        """Pixels from the top."""
        low, high = self.ratios
        return round((1 - log10(ratio / low) / log10(high / low)) * PANEL_HEIGHT, 1)


def panel(series: Series) -> str:
    """One log-log panel with its axes, lines and legend; the origin is the plot's upper left."""
    relative = {}
    for metric in series.runs:
        costs = series.costs(metric)
        first = next(iter(costs.values()))
        relative[metric] = {size: cost / first for size, cost in costs.items()}
    sizes = series.sizes
    values = [value for by_size in relative.values() for value in by_size.values()]
    axes = Axes((sizes[0], sizes[-1]), bounds(min(values), max(values)))
    out = [
        f'<text class="h" y="-36">by {escape(series.grows)}</text>',
        f'<text class="f" y="-18">{escape(series.held)}</text>',
        grid(axes, sizes),
        diagonal(axes),
        legend_head(),
    ]
    for number, (metric, by_size) in enumerate(relative.items()):
        places = [(axes.x(size), axes.y(value)) for size, value in by_size.items()]
        out.append(line(number, places))
        out.append(legend(number, metric, exponent_text(exponent(series.costs(metric)))))
    return "\n".join(out)


def bounds(low: float, high: float) -> tuple[float, float]:
    """The nearest of …, 1, 2, 5, 10, … around all ratios, at least `RATIO_LOW` to `RATIO_HIGH`."""
    nice = [step * 10.0**power for power in range(-4, 8) for step in (1, 2, 5)]
    below = [value for value in nice if value <= min(low, RATIO_LOW)]
    above = [value for value in nice if value >= max(high, RATIO_HIGH)]
    return below[-1], above[0]


def ticks(low: float, high: float) -> list[float]:
    """What to write at the upright axis: 1, 2, 5, … within the bounds, or tens when many."""
    steps = (1, 2, 5) if high / low <= TICKS_ALL_RATIO_MAX else (1,)
    nice = [step * 10.0**power for power in range(-4, 8) for step in steps]
    return [value for value in nice if low * 0.999 <= value <= high * 1.001]


def grid(axes: Axes, sizes: Sequence[int]) -> str:
    """Lines and names of both axes; the line of an unchanged cost stands out."""
    out = []
    for tick in ticks(*axes.ratios):
        kind = "r1" if tick == 1 else "g"
        out.append(f'<path class="{kind}" d="M0 {axes.y(tick)}H{PANEL_WIDTH}"/>')
        out.append(f'<text class="e f n" x="-8" y="{axes.y(tick) + 4:.1f}">{tick:g}×</text>')
    for size in sizes:
        out.append(f'<path class="g" d="M{axes.x(size)} 0V{PANEL_HEIGHT}"/>')
        out.append(
            f'<text class="x f n" x="{axes.x(size)}" y="{PANEL_HEIGHT + 18}">{short(size)}</text>'
        )
    return "".join(out)


def diagonal(axes: Axes) -> str:
    """Where a cost lies that grows as the size does, as far as the panel reaches."""
    first, last = axes.sizes
    if first == last:
        return ""
    end = min(last / first, axes.ratios[1])
    x, y = axes.x(first * end), axes.y(end)
    named = first * end**0.8
    return (
        f'<path class="r" d="M0 {axes.y(1)}L{x} {y}"/>'
        f'<text class="e f" x="{axes.x(named) - 10:.1f}" y="{axes.y(end**0.8)}">proportional</text>'
    )


def line(number: int, places: Sequence[tuple[float, float]]) -> str:
    """One cost, with a marker at each size that was measured."""
    marker = MARKERS[number % len(MARKERS)]
    path = "L".join(f"{x} {y}" for x, y in places)
    marks = "".join(f'<g class="m" transform="translate({x} {y})">{marker}</g>' for x, y in places)
    return f'<g class="c{number % len(COLOURS)}"><path class="l" d="M{path}"/>{marks}</g>'


def legend_head() -> str:
    """What the columns of the legend are."""
    y = PANEL_HEIGHT + LEGEND_TOP - LEGEND_STEP
    return (
        f'<text class="f" y="{y}">times the cost at the smallest size</text>'
        f'<text class="e f" x="{PANEL_WIDTH}" y="{y}">exponent</text>'
    )


def legend(number: int, metric: str, exponent_shown: str) -> str:
    """The line's name with its marker, and its exponent to the right."""
    y = PANEL_HEIGHT + LEGEND_TOP + number * LEGEND_STEP
    marker = MARKERS[number % len(MARKERS)]
    return (
        f'<g class="c{number % len(COLOURS)}" transform="translate(0 {y})">'
        f'<path class="l" d="M0-4H22"/><g class="m" transform="translate(11 -4)">{marker}</g>'
        f'<text x="30">{escape(metric)}</text>'
        f'<text class="e n" x="{PANEL_WIDTH}">{exponent_shown}</text></g>'
    )


def short(size: int) -> str:
    """A size as an axis shows it: 10 k, 3 M."""
    for unit, factor in (("M", 1_000_000), ("k", 1_000)):
        if size >= factor:
            return f"{size / factor:g} {unit}"
    return str(size)
