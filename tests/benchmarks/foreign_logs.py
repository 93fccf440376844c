"""Logs of many municipalities, made here and handed to a node as a neighbour would hand them over.

They are signed entry by entry as their authors would have done; the node verifies and stores them
on its only way in. Keys and salts come from the log's number, so a log is the same every time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
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


class Pace(NamedTuple):
    """When a log begins and how long after each entry the next is written, in milliseconds."""

    start_ms: int
    step_ms: int


MINUTES = Pace(START_MS, 60_000)


def place_of(number: int) -> tuple[str, str]:
    """Kommunkod and name of the author with this number, from 1; invented beyond the real ones."""
    others = [place for place in municipalities.all_municipalities() if place.code != OWN_CODE]
    if number <= len(others):
        return others[number - 1].code, others[number - 1].official_name
    return f"{INVENTED_CODES_FROM + number}", f"Exempel {number}"


def runs_of_log(
    number: int, entries: int, size_bytes: int, made: Made = contents, pace: Pace = MINUTES
) -> Iterator[Run]:
    """A whole log of so many entries, its first included, in runs as large as they may be."""
    written = enumerate(made(number, entries - 1, size_bytes), start=1)
    dated = ((pace.start_ms + place * pace.step_ms, content) for place, content in written)
    return signed_runs(f"{number}", place_of(number), pace.start_ms, dated, run_entries(size_bytes))


def signed_runs(
    label: str,
    place: tuple[str, str],
    start_ms: int,
    dated: Iterable[tuple[int, bytes]],
    room: int,
) -> Iterator[Run]:
    """A log begun at a time by the author with this label, kommunkod and name, ``room`` entries to
    a run; contents come with their times."""
    random = Random(f"log {label}")
    key = _key(label)
    next_digest = next_key_digest(_key(f"{label} next").public_key)
    salt = random.randbytes(SALT_BYTES)
    first = begin_log(key, next_digest, *place, time_ms=start_ms, salt=salt)
    log = first.entry.id
    author = Author(Head(log, 1, log, read_keys(log, [first])), key)
    waiting = [first]
    for time_ms, content in dated:
        salt = random.randbytes(SALT_BYTES)
        waiting.append(author.append("experience", content, time_ms=time_ms, salt=salt))
        if len(waiting) == room:
            yield _run(log, waiting)
            waiting = []
    if waiting:
        yield _run(log, waiting)


def many_logs(
    logs: int, entries: int, size_bytes: int, made: Made = contents, pace: Pace = MINUTES
) -> Iterator[Iterator[Run]]:
    """So many entries in logs of authors from 1 on, as evenly as may be."""
    for number, share in enumerate(shares(entries, logs), start=1):
        yield runs_of_log(number, share, size_bytes, made, pace)


def run_entries(size_bytes: int) -> int:
    """How many entries with so much content fit into one run."""
    return min(RUN_ENTRIES_MAX, RUN_BYTES_TARGET // (size_bytes + ENTRY_BYTES))


async def hand_over(node: Node, logs: Iterable[Iterator[Run]]) -> dict[bytes, int]:
    """Have the node take in whole logs; returns the number of each log's head."""
    heads: dict[bytes, int] = {}
    under_way: deque[asyncio.Future[None]] = deque()
    for runs in logs:
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
