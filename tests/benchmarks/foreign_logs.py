"""Logs of many municipalities, made here and handed to a node as a neighbour would hand them over.

They are signed entry by entry as their authors would have done; the node verifies and stores them
on its only way in. Keys and salts come from the log's number, so a log is the same every time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from node.intake.step import Arrival, Outcome
from node.municipal import municipalities
from node.operations.node import Node
from node.operations.standings import ADMIN
from protocol.chain import Author, Head, begin_log, read_keys
from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.identity import SigningKey, next_key_digest
from protocol.limits import RUN_BYTES_TARGET, RUN_ENTRIES_MAX, SALT_BYTES
from protocol.run import encode_run
from tests.benchmarks.writing import contents, shares

START_MS = 1_767_225_600_000
LINK = 1_000_000_000
"""Number of the session the runs seem to come from; real sessions count from 1."""
ENTRY_BYTES = 300
RUNS_UNDER_WAY = 4
OWN_CODE = "1498"
INVENTED_CODES_FROM = 3_000

Made = Callable[[int, int, int], Iterator[bytes]]
"""Contents by author, their number and the size of each in bytes."""


class Run(NamedTuple):
    """Consecutive entries of a log, encoded as they travel, and the number of the last."""

    log: bytes
    sequence: int
    payload: bytes


def place_of(number: int) -> tuple[str, str]:
    """Kommunkod and name of the author with this number, from 1; invented beyond the real ones."""
    others = [place for place in municipalities.all_municipalities() if place.code != OWN_CODE]
    if number <= len(others):
        return others[number - 1].code, others[number - 1].official_name
    return f"{INVENTED_CODES_FROM + number}", f"Exempel {number}"


def runs_of_log(number: int, entries: int, size_bytes: int, made: Made = contents) -> Iterator[Run]:
    """A whole log of so many entries, its first included, in runs as large as they may be."""
    random = Random(f"log {number}")
    key = _key(f"{number}")
    next_digest = next_key_digest(_key(f"{number} next").public_key)
    code, name = place_of(number)
    salt = random.randbytes(SALT_BYTES)
    first = begin_log(key, next_digest, code, name, time_ms=START_MS, salt=salt)
    log = first.entry.id
    author = Author(Head(log, 1, log, read_keys(log, [first])), key)
    waiting, room = [first], run_entries(size_bytes)
    for place, content in enumerate(made(number, entries - 1, size_bytes), start=1):
        time_ms, salt = START_MS + place * 60_000, random.randbytes(SALT_BYTES)
        waiting.append(author.append("experience", content, time_ms=time_ms, salt=salt))
        if len(waiting) == room:
            yield _run(log, waiting)
            waiting = []
    if waiting:
        yield _run(log, waiting)


def run_entries(size_bytes: int) -> int:
    """How many entries with so much content fit into one run."""
    return min(RUN_ENTRIES_MAX, RUN_BYTES_TARGET // (size_bytes + ENTRY_BYTES))


async def hand_over(
    node: Node, logs: int, entries: int, size_bytes: int, made: Made = contents
) -> dict[bytes, int]:
    """Make the logs and have the node take them in; returns the number of each log's head."""
    heads: dict[bytes, int] = {}
    under_way: deque[asyncio.Future[None]] = deque()
    for number, share in enumerate(shares(entries, logs), start=1):
        runs = runs_of_log(number, share, size_bytes, made)
        while (run := await asyncio.to_thread(next, runs, None)) is not None:
            if run.log not in heads:
                await node.standings.decide(run.log, Standing.MEMBER, "benchmark", ADMIN)
            heads[run.log] = run.sequence
            under_way.append(_arrive(node, run))
            if len(under_way) == RUNS_UNDER_WAY:
                await under_way.popleft()
    for answer in under_way:
        await answer
    return heads


def _arrive(node: Node, run: Run) -> asyncio.Future[None]:
    stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(outcome: Outcome) -> None:
        if outcome.error is not None or outcome.failed:
            stored.set_exception(outcome.error or RuntimeError("a run could not be stored"))
        else:
            stored.set_result(None)

    node.ingest.arrive(Arrival(LINK, run.log, run.payload, answer))
    return stored


def _run(log: bytes, envelopes: list[Envelope]) -> Run:
    return Run(log, envelopes[-1].entry.header.sequence, encode_run(envelopes))


def _key(text: str) -> SigningKey:
    return SigningKey(hashlib.sha256(b"tidan benchmark " + text.encode()).digest())
