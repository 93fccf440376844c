"""What the figures are held to, and the words for what each of them contains."""

from __future__ import annotations

from tests.benchmarks.figures import Target

RUN_RULE = "verified: each link and commitment, the newest signature of each run, every key event"
EVERY_SIGNATURE = "verified: each link, commitment and signature"
DURABLE = {
    "SQLite": "durable: synchronous=FULL, fsynced each commit",
    "PostgreSQL": "durable: fsync and synchronous_commit on",
}

PAGE_P95 = Target(50, entries=100_000)
"""Any staff page, in milliseconds."""
SEARCH_P95 = Target(25, entries=1_000_000)
"""Any search with its facets, in milliseconds of the server."""
SIGNED = "signed and verified, committed, fsynced, guard file fsynced"

TARGETS = {
    ("first sync", "SQLite"): Target(25_000, at_least=True),
    ("first sync", "PostgreSQL"): Target(20_000, at_least=True),
    ("first sync, every signature", ""): Target(14_000, at_least=True),
    ("first sync, receiver's memory", ""): Target(150, entries=1_000_000),
    ("first sync, wire", ""): Target(450),
    ("disk, log with its indexes", ""): Target(900),
    ("reconnect, nothing new", ""): Target(900),
    ("reconnect, sync messages", ""): Target(450),
    ("reconnect, time", ""): Target(10),
    ("live, committed at B, p50", ""): Target(2.5),
    ("live, committed at B, p95", ""): Target(5),
    ("live, in B's record list, p50", ""): Target(50),
    ("live, in B's record list, p95", ""): Target(100),
    ("publish, one after another", ""): Target(3_000, at_least=True),
    ("publish, one each from 32 at once", ""): Target(3_000, at_least=True),
    ("publish, in groups", ""): Target(15_000, at_least=True),
    ("rebuild of all projections", ""): Target(8_000, at_least=True),
    ("start to ready", ""): Target(2, entries=3_000_000),
    ("cost of one new entry, committed", ""): Target(1.5, entries=3_000_000),
    ("cost of one new entry, listed", ""): Target(1.5, entries=3_000_000),
    ("search, nDCG@10", ""): Target(0.85, at_least=True),
    ("search, recall@20", ""): Target(0.97, at_least=True),
    ("search, index ÷ texts", ""): Target(0.45, entries=1_000_000),
    ("search, from commit until found, p95", ""): Target(2, entries=1_000_000),
}
"""By name of the figure and database, or for both; 7,000 a core with every signature, two cores."""


def target(name: str, database: str) -> Target | None:
    """What a figure is held to, if anything."""
    return TARGETS.get((name, database), TARGETS.get((name, "")))
