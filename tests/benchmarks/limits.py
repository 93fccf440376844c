"""What this machine can do at most, measured in the same run: the figures' yardsticks.

Each limit does one thing Tidan cannot avoid, as directly as Python allows, with nothing of Tidan
around it: one signature check, one insert, one write that is on disk.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
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
    writes = [synced_writes(folder) for _ in range(rounds)]
    yield Figure(
        "limit: write on disk",
        "4 KiB, fdatasync",
        "ms",
        tuple(percentile(run, 0.5) * 1_000 for run in writes),
        "p50",
    )


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


def synced_writes(folder: Path) -> list[float]:
    """Seconds for each of some small writes until the disk has them."""
    path = folder / "limit.bin"
    seconds = []
    block = os.urandom(4_096)
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCED_WRITES):
            started = time.perf_counter()
            file.write(block)
            os.fdatasync(file.fileno())
            seconds.append(time.perf_counter() - started)
    path.unlink()
    return seconds
