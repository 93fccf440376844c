"""What the windows of an attack come to, side by side with those without it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.benchmarks.figures import percentile, shown
from tests.exhaustion.town import Window
from tests.proof_results import Line, keep

SHARE_MIN = 0.9
GROWTH_MB_MAX = 64
MEGABYTE = 1e6
NOTES = """\
Each window follows one a tenth as long without the attack. Each behaviour has its own; in the \
last all go on side by side.
Before all of them bulks follow each other without a pause, so that the node holds much already, \
and then the load goes on as later, without the attack: what memory is compared with.
Two honest neighbours write five entries a second each and bulks of 500; what one writes reaches \
the other through the attacked node. A window counts what arrives in it.
Attacker, three nodes and who asks for pages share the machine's cores; the attacker has the \
lowest priority. The node's memory includes what honest entries add to it.
""".splitlines()


def line_of(window: Window) -> str:
    """One window in one line, for whoever waits."""
    return (
        f"{window.what}: {len(window.arrivals)} of {window.asked} entries,"
        f" p95 {_milliseconds(window.arrivals)}, bulk {_rate(window.bulks)}/s,"
        f" page p95 {_milliseconds(window.pages)}, {window.memory_bytes / MEGABYTE:.0f} MB,"
        f" cpu {window.cpu_seconds / window.seconds:.0%},"
        f" disk {window.disk_bytes / MEGABYTE:.1f} MB"
    )


def lines(before: Window, quiet: Sequence[Window], attacked: Sequence[Window]) -> list[Line]:
    """The figures, and what they are held to; memory is the most of a window."""
    calm = before.memory_bytes
    growth = (max(window.memory_bytes for window in attacked) - calm) / MEGABYTE
    worst = min(attacked, key=lambda window: per_second([window]))
    return [
        Line(
            "honest neighbours' entries a second, of what it is without the attack",
            f"{per_second(attacked) / per_second(quiet):.1%}",
            f"{SHARE_MIN:.0%}",
        ),
        Line(
            f"the same in the worst window ({worst.what})",
            f"{per_second([worst]) / per_second(quiet):.1%}",
        ),
        Line(
            "entries of a bulk a second, median, of what it is without the attack",
            _bulk_share(_all(quiet, "bulks"), _all(attacked, "bulks")),
        ),
        Line(
            "memory of the node, beyond what it was before",
            f"{growth:.0f} MB",
            f"at most {GROWTH_MB_MAX} MB",
        ),
        Line(
            "memory before the attack and in the last window without it",
            f"{calm / MEGABYTE:.0f} / {quiet[-1].memory_bytes / MEGABYTE:.0f} MB",
        ),
        _both("until an entry is at the other end, p95", quiet, attacked, "arrivals"),
        _both("a page for everybody, p95", quiet, attacked, "pages"),
        Line(
            "processor of the node, without / with the attack",
            f"{_share_of_core(quiet):.0%} / {_share_of_core(attacked):.0%} of a core",
        ),
        Line(
            "processor time of the node for each honest entry, without / with the attack",
            " / ".join(f"{_each_milliseconds(windows):.1f} ms" for windows in (quiet, attacked)),
        ),
        Line(
            "disk taken in an hour, without / with the attack",
            f"{_hourly_mb(quiet):,.0f} / {_hourly_mb(attacked):,.0f} MB",
        ),
    ]


def keep_attack(
    before: Window,
    quiet: Sequence[Window],
    attacked: Sequence[Window],
    done: dict[str, int],
    seconds: float,
) -> None:
    """Keep the figures, and those of each behaviour beside them."""
    keep(
        "exhaustion",
        title="A hostile approved neighbour",
        command=f"make exhaustion SECONDS={seconds:.0f} ARGS='--part attack --keep'",
        lines=lines(before, quiet, attacked),
        notes=[f"The attack lasts {seconds:,.0f} s, in {len(attacked)} windows.", *NOTES],
        details={
            "attacker": dict(sorted(done.items())),
            "windows": [line_of(window) for window in (before, *attacked)],
        },
    )


def per_second(windows: Sequence[Window]) -> float:
    """Honest entries that reached the other end, for each second."""
    arrived = sum(len(window.arrivals) for window in windows)
    return arrived / sum(window.seconds for window in windows)


def _both(what: str, quiet: Sequence[Window], attacked: Sequence[Window], name: str) -> Line:
    both = [_milliseconds(_all(windows, name)) for windows in (quiet, attacked)]
    return Line(f"{what}, without / with the attack", " / ".join(both))


def _all(windows: Sequence[Window], name: str) -> list[float]:
    return [value for window in windows for value in getattr(window, name)]


def _milliseconds(values: Sequence[float]) -> str:
    return f"{shown(percentile(values, 0.95) * 1e3)} ms" if values else "–"


def _bulk_share(quiet: Sequence[float], attacked: Sequence[float]) -> str:
    """The ratio of the medians, and how many each is of: few say little."""
    if not quiet or not attacked:
        return "no bulk lay within a window"
    ratio = percentile(attacked, 0.5) / percentile(quiet, 0.5)
    return f"{ratio:.0%} (of {len(quiet)} and {len(attacked)} bulks)"


def _rate(values: Sequence[float]) -> str:
    return shown(percentile(values, 0.5)) if values else "–"


def _share_of_core(windows: Sequence[Window]) -> float:
    return sum(window.cpu_seconds for window in windows) / sum(window.seconds for window in windows)


def _each_milliseconds(windows: Sequence[Window]) -> float:
    arrived = sum(len(window.arrivals) for window in windows)
    return sum(window.cpu_seconds for window in windows) / max(1, arrived) * 1e3


def _hourly_mb(windows: Sequence[Window]) -> float:
    taken = sum(window.disk_bytes for window in windows) / MEGABYTE
    return taken / sum(window.seconds for window in windows) * 3600
