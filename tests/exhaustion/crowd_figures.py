"""What many at once come to."""

from __future__ import annotations

from tests.benchmarks.figures import percentile, shown
from tests.exhaustion.crowd import LOGS, PAGE_EVERY_SECONDS, PAGES, Crowd
from tests.proof_results import Line, keep

SESSIONS_MIN, NEIGHBOURS_MIN = 2_000, 50
PAGE_P99_MS_MAX = 500
MEGABYTE = 1e6


def lines(crowd: Crowd) -> list[Line]:
    """The figures, and what they are held to."""
    p95, p99 = (percentile(crowd.pages, share) * 1e3 for share in (0.95, 0.99))
    failed = sum(count for status, count in crowd.statuses.items() if status != 200)
    more = (crowd.memory_bytes - crowd.memory_before_bytes) / MEGABYTE
    return [
        Line("signed-in sessions", f"{crowd.sessions:,}", f"{SESSIONS_MIN:,}"),
        Line("connected neighbours", f"{crowd.neighbours}", f"{NEIGHBOURS_MIN}"),
        Line("connections open at the end", f"{crowd.connections:,}"),
        Line(
            "pages asked for, of these not answered with 200",
            f"{len(crowd.pages):,}, {failed}",
            "0",
        ),
        Line("a page, p95", f"{shown(p95)} ms"),
        Line("a page, p99", f"{shown(p99)} ms", f"at most {PAGE_P99_MS_MAX} ms"),
        Line(
            "entries published, of these at every neighbour",
            f"{crowd.published}, {len(crowd.arrivals)}",
        ),
        Line(
            "until the last neighbour has an entry, p95",
            f"{shown(percentile(crowd.arrivals, 0.95) * 1e3)} ms",
        ),
        Line(
            "memory of the node, and of that for the crowd",
            f"{crowd.memory_bytes / MEGABYTE:.0f} MB, {more:.0f} MB",
        ),
        Line("processor of the node", f"{crowd.cpu_share:.0%} of a core"),
        Line(
            "processor time of the node for each page, with all else it does",
            f"{crowd.cpu_seconds / max(1, len(crowd.pages)) * 1e3:.1f} ms",
        ),
    ]


def keep_crowd(crowd: Crowd, seconds: float) -> None:
    """Keep the figures."""
    keep(
        "exhaustion_crowd",
        title="Many at once at one node",
        command=f"make exhaustion SECONDS={seconds:.0f} ARGS='--part crowd --keep'",
        lines=lines(crowd),
        notes=[
            f"{seconds:,.0f} s; each session asks for a page every {PAGE_EVERY_SECONDS:.0f} s.",
            f"Its connection is its own and stays open. Pages: {', '.join(PAGES)}, in turn.",
            f"The node holds records of {LOGS} municipalities; everybody shares its two cores.",
        ],
    )
