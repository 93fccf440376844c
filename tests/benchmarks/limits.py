"""What this machine can do at most, measured in the same run: the figures' yardsticks.

Each limit does one thing Tidan cannot avoid, as directly as Python allows, with nothing of Tidan
around it: one signature check, one insert, one write that is on disk.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair

from storage.sqlite_library import sqlite
from tests.benchmarks.figures import Figure, percentile

BATCH_ROWS = 1_000
SIGNED_BYTES = 200
ENTRY_BYTES = 300
SIGNATURES = 2_000
DIGESTS = 100_000
SYNCED_WRITES = 200
RESTED_WRITES = 60
REST_SECONDS = 0.02
"""As between the live entries: a machine that has rested is slower to begin."""


def limits(folder: Path, entries: int, size_bytes: int, rounds: int) -> Iterator[Figure]:
    """Every limit; ``folder`` is on the disk where the nodes keep theirs."""
    yield rate("limit: Ed25519 checks", "one core", "/s", rounds, SIGNATURES, check_signatures)
    yield rate(
        "limit: SHA-256",
        f"{size_bytes} B, one core",
        "/s",
        rounds,
        DIGESTS,
        lambda count: digests(count, size_bytes),
    )
    yield rate(
        "limit: SQLite insert",
        f"{size_bytes} B, {BATCH_ROWS} a commit",
        "rows/s",
        rounds,
        entries,
        lambda count: insert_sqlite(folder, count, size_bytes),
        "synchronous=FULL, one index",
    )
    for name, setting, work in (
        ("limit: write on disk", "4 KiB, fdatasync", synced_writes),
        ("limit: commit of one row", f"SQLite, {ENTRY_BYTES} B", one_row_commits),
    ):
        yield from latencies(name, setting, rounds, partial(work, folder))


def latencies(
    name: str, setting: str, rounds: int, work: Callable[[float], list[float]]
) -> Iterator[Figure]:
    """How long ``work`` takes one after another, and each time after a rest."""
    busy = [work(0) for _ in range(rounds)]
    yield Figure(name, setting, "ms", _milliseconds(busy, 0.5), "p50, one after another")
    rested = [work(REST_SECONDS) for _ in range(rounds)]
    for label, share in (("p50", 0.5), ("p95", 0.95)):
        note = f"each after {REST_SECONDS * 1_000:.0f} ms of rest, as live entries are"
        yield Figure(
            f"{name} after rest, {label}", setting, "ms", _milliseconds(rested, share), note
        )


def _milliseconds(runs: list[list[float]], share: float) -> tuple[float, ...]:
    return tuple(percentile(run, share) * 1_000 for run in runs)


def rate(
    name: str,
    setting: str,
    unit: str,
    rounds: int,
    count: int,
    work: Callable[[int], None],
    note: str = "",
) -> Figure:
    """How often a second ``work`` does its thing; the first, warming round is not counted."""
    work(max(1, count // 10))
    runs = []
    for _ in range(rounds):
        started = time.perf_counter()
        work(count)
        runs.append(count / (time.perf_counter() - started))
    return Figure(name, setting, unit, tuple(runs), note)


def check_signatures(count: int) -> None:
    """Check signatures of different messages under one key, as in one log."""
    public_key, secret_key = crypto_sign_seed_keypair(bytes(32))
    signed = crypto_sign(bytes(SIGNED_BYTES), secret_key)
    for _ in range(count):
        crypto_sign_open(signed, public_key)


def digests(count: int, size_bytes: int) -> None:
    """Digest content-sized bytes, as each commitment does."""
    content = os.urandom(size_bytes)
    for _ in range(count):
        hashlib.sha256(content).digest()


def insert_sqlite(folder: Path, count: int, size_bytes: int) -> None:
    """Insert rows of an entry's shape in large commits, durable each."""
    path = folder / "limit.sqlite"
    connection = sqlite.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(
            "CREATE TABLE entries (position INTEGER PRIMARY KEY, log INTEGER, sequence INTEGER,"
            " id BLOB, raw BLOB, salt BLOB, content BLOB, UNIQUE (log, sequence))"
        )
        raw, salt, content = os.urandom(ENTRY_BYTES), os.urandom(32), os.urandom(size_bytes)
        for start in range(0, count, BATCH_ROWS):
            rows = [
                (1, sequence, salt, raw, salt, content)
                for sequence in range(start, min(start + BATCH_ROWS, count))
            ]
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO entries (log, sequence, id, raw, salt, content)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute("COMMIT")
    finally:
        connection.close()
        for leftover in folder.glob("limit.sqlite*"):
            leftover.unlink()


def synced_writes(folder: Path, rest_seconds: float) -> list[float]:
    """Seconds for each of some small writes until the disk has them."""
    path = folder / "limit.bin"
    block = os.urandom(4_096)
    with path.open("wb", buffering=0) as file:

        def write() -> None:
            file.write(block)
            os.fdatasync(file.fileno())

        seconds = _timed(write, rest_seconds)
    path.unlink()
    return seconds


def one_row_commits(folder: Path, rest_seconds: float) -> list[float]:
    """Seconds for each of some transactions of one row, in a log that is written ahead."""
    path = folder / "limit.sqlite"
    connection = sqlite.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE entries (position INTEGER PRIMARY KEY, content BLOB)")
        content = os.urandom(ENTRY_BYTES)

        def commit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO entries (content) VALUES (?)", (content,))
            connection.execute("COMMIT")

        return _timed(commit, rest_seconds)
    finally:
        connection.close()
        for leftover in folder.glob("limit.sqlite*"):
            leftover.unlink()


def _timed(work: Callable[[], None], rest_seconds: float) -> list[float]:
    seconds = []
    for _ in range(RESTED_WRITES if rest_seconds else SYNCED_WRITES):
        time.sleep(rest_seconds)
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds
