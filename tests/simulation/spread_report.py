"""The tables and the plot of a spreading simulation, from its result file.

Each figure is the middle one of all records followed, with the worst in parentheses.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from html import escape
from math import log10
from typing import Any

from tests.benchmarks.growth_plot import style

BEGIN, END = "<!-- spread: begin -->", "<!-- spread: end -->"
SHARES = ("0.5", "0.99", "1.0")
PANEL_WIDTH, PANEL_HEIGHT, GAP, LEFT, TOP, BOTTOM = 330, 220, 56, 52, 58, 112
LEGEND_STEP = 20
DASHES = ("none", "8 4", "2 3")
"""Lines differ in these too, so that nothing depends on colour."""
TICKS = {0.01: "10 ms", 0.1: "0.1 s", 1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min"}


def middle(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def seconds(values: Sequence[float]) -> str:
    """Milliseconds as seconds or minutes: the middle one, and the worst."""
    return f"{_time(middle(values))} ({_time(max(values))})"


def _time(ms: float) -> str:
    if ms >= 100_000:
        return f"{ms / 60_000:.1f} min"
    return f"{ms / 1_000:.2f} s" if ms < 10_000 else f"{ms / 1_000:.0f} s"


def hops(values: Sequence[float]) -> str:
    """The middle number of hops, and the most."""
    return f"{middle(values):g} ({max(values):g})"


def table(result: dict[str, Any], *, down: bool) -> str:
    """Markdown for the networks in which all are up, or in which some are down."""
    shown = [item for item in result["networks"] if (item["down_share"] > 0) is down]
    heads = ["network", "links", "most at one", "longest way"]
    heads += [f"{what} to {float(share):.0%}" for what in ("hops", "time") for share in SHARES]
    if down:
        heads.append("time to all who stayed up")
    heads.append("bytes a node")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for item in shown:
        cells = [item["name"], str(item["links"]), str(item["links_most"])]
        cells.append(str(item["longest_way"]))
        cells += [hops(item["hops"][share]) for share in SHARES]
        cells += [seconds(item["ms"][share]) for share in SHARES]
        if down:
            cells.append(seconds(item["up_ms"]))
        cells.append(f"{middle(item['record_bytes']) / item['nodes']:,.0f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def section(result: dict[str, Any]) -> str:
    """What stands between the marks in docs/network.md."""
    up = next(item for item in result["networks"] if not item["down_share"])
    out = next(item for item in result["networks"] if item["down_share"])
    shortest, longest = (ms // 60_000 for ms in result["down_ms"])
    all_up = (
        f"{up['nodes']} municipalities, seed {result['seed']}; {up['records']} records of"
        f" {result['record_bytes']:,} bytes, each by another municipality."
    )
    some_down = (
        f"With {out['down_share']:.0%} of all nodes down at any time, each for {shortest} to"
        f" {longest} minutes; {out['records']} records:"
    )
    parts = [all_up, table(result, down=False), some_down, table(result, down=True)]
    return f"{BEGIN}\n" + "\n\n".join(parts) + f"\n{END}"


def plot(result: dict[str, Any]) -> str:
    """Share of the municipalities that have a record, by time; a panel with all up, one without."""
    groups = [
        [item for item in result["networks"] if (item["down_share"] > 0) is down]
        for down in (False, True)
    ]
    width = LEFT + 2 * PANEL_WIDTH + GAP + 24
    height = TOP + PANEL_HEIGHT + BOTTOM
    said = " ".join(
        f"{item['name']}, {item['down_share']:.0%} down: half have it after"
        f" {_time(middle(item['ms']['0.5']))}, all after {_time(middle(item['ms']['1.0']))}."
        for group in groups
        for item in group
    )
    panels = [
        f'<g transform="translate({LEFT + place * (PANEL_WIDTH + GAP)} {TOP})">{_panel(group)}</g>'
        for place, group in enumerate(groups)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img" aria-labelledby="title text">\n'
        '<title id="title">How a new record spreads</title>\n'
        f'<desc id="text">{escape(said)}</desc>\n<style>{style()}</style>\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def _panel(group: list[dict[str, Any]]) -> str:
    down = group[0]["down_share"]
    title = f"{down:.0%} down at any time" if down else "all up"
    out = [
        f'<text class="h" y="-36">{title}</text>',
        '<text class="f" y="-18">share of municipalities that have the record</text>',
    ]
    for percent in (0, 25, 50, 75, 100):
        y = _y(percent)
        out.append(f'<path class="g" d="M0 {y}H{PANEL_WIDTH}"/>')
        out.append(f'<text class="e f n" x="-8" y="{y + 4}">{percent} %</text>')
    for tick, name in TICKS.items():
        x = _x(tick * 1_000)
        out.append(f'<path class="g" d="M{x} 0V{PANEL_HEIGHT}"/>')
        out.append(f'<text class="x f n" x="{x}" y="{PANEL_HEIGHT + 18}">{name}</text>')
    for number, item in enumerate(group):
        points = [f"{_x(ms)} {_y(percent)}" for percent, ms in enumerate(item["curve_ms"], 1)]
        y = PANEL_HEIGHT + 48 + number * LEGEND_STEP
        out.append(
            f'<g class="c{number}" stroke-dasharray="{DASHES[number]}">'
            f'<path class="l" d="M{"L".join(points)}"/>'
            f'<path class="l" d="M0 {y - 4}H22"/>'
            f'<text x="30" y="{y}" stroke="none">{escape(item["name"])}</text></g>'
        )
    return "\n".join(out)


def _x(ms: float) -> float:
    first, last = min(TICKS), max(TICKS)
    place = log10(max(ms / 1_000, first) / first) / log10(last / first)
    return round(place * PANEL_WIDTH, 1)


def _y(percent: float) -> float:
    return round((1 - percent / 100) * PANEL_HEIGHT, 1)
