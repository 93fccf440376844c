"""Real nodes in networks of their own, cut apart in several ways and joined again.

Four nodes in a ring, each in a name space with an address. While they are apart everybody writes;
once all ends have noticed the cut it is healed, and all must be equal again.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from node_factories import example_record, until
from tests.kills.served import REFUSED, Served
from tests.processes.cables import NETWORK, Network, address, inside
from tests.processes.started import started

COUNT = 4
PULLED, SPLIT, ONE_WAY = (
    "a cable was pulled",
    "packets between two halves were dropped",
    "packets were dropped one way",
)
WAYS = (PULLED, SPLIT, ONE_WAY)
WAIT_SECONDS_MAX = 240.0
Pair = tuple[int, int]


@dataclass(slots=True)
class Outcome:
    """How often which link was cut, how long everything took, and what broke."""

    cuts: Counter[str] = field(default_factory=Counter)
    noticed_seconds: dict[str, float] = field(default_factory=dict)
    equal_seconds: float = 0.0
    acknowledged: int = 0
    problems: list[str] = field(default_factory=list)


class Ring:
    """Four nodes, numbered from 1; each dials the next."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.network = Network(COUNT)
        self.outcome = Outcome()
        self._random = random
        self._nodes = {number: _node(folder, number) for number in self.network.numbers}
        self._logs: dict[int, str] = {}
        self._acknowledged: list[tuple[str, int, str]] = []

    async def start(self) -> None:
        """Lay the cables, make and start the nodes, and make them neighbours."""
        self.network.make()
        await asyncio.gather(*(node.create() for node in self._nodes.values()))
        await asyncio.gather(*(node.start() for node in self._nodes.values()))
        for number, node in self._nodes.items():
            self._logs[number] = (await node.ask("status"))["log"]
        for number, following in self._links():
            url = f"http://{address(following)}:{self._nodes[following].port}"
            await self._ask(following, "add_neighbour", log=self._logs[number])
            await self._ask(number, "add_neighbour", log=self._logs[following], url=url)
        await self._write()
        await until(self._are_equal, "the ring has found together", WAIT_SECONDS_MAX)

    async def stop(self) -> None:
        """End all nodes."""
        await asyncio.gather(*(node.kill() for node in self._nodes.values()))

    async def once(self, way: str) -> None:
        """Cut in one way, write everywhere, wait until it is noticed, heal, and wait until all are
        equal."""
        cut = self._cut(way)
        started = time.monotonic()
        self.outcome.cuts[way] += 1
        await self._write()
        await until(self._noticed(cut), f"{way}: all ends notice", WAIT_SECONDS_MAX)
        seconds = time.monotonic() - started
        longest = self.outcome.noticed_seconds
        longest[way] = max(seconds, longest.get(way, 0.0))
        await self._write()
        self.network.heal()
        healed = time.monotonic()
        await until(self._are_equal, f"{way}: all are equal again", WAIT_SECONDS_MAX)
        await until(self._are_joined, f"{way}: every link is there again", WAIT_SECONDS_MAX)
        self.outcome.equal_seconds = max(self.outcome.equal_seconds, time.monotonic() - healed)

    async def finish(self) -> None:
        """Verify every chain at every node, each signature."""
        for number in self._nodes:
            for log in self._logs.values():
                verified = await self._ask(number, "verify_log", log=log, every_signature=True)
                if verified["error"]:
                    self.outcome.problems.append(f"node {number}, {log[:8]}: {verified['error']}")
        self.outcome.acknowledged = len(self._acknowledged)

    def _links(self) -> list[Pair]:
        numbers = list(self._nodes)
        return list(zip(numbers, numbers[1:] + numbers[:1], strict=True))

    def _cut(self, way: str) -> list[Pair]:
        """Cut; returns the links that are cut by it."""
        number, following = self._random.choice(self._links())
        if way == ONE_WAY:
            self.network.drop(following, [number])
            return [(number, following)]
        if way == PULLED:
            self.network.pull(number)
            return [pair for pair in self._links() if number in pair]
        half = {number, following}
        others = self._nodes.keys() - half
        for one in half:
            self.network.drop(one, others)
        for one in others:
            self.network.drop(one, half)
        return [pair for pair in self._links() if len(half.intersection(pair)) == 1]

    def _noticed(self, cut: list[Pair]) -> Callable[[], Awaitable[bool]]:
        async def noticed() -> bool:
            return not any(
                [
                    await self._is_connected(one, other) or await self._is_connected(other, one)
                    for one, other in cut
                ]
            )

        return noticed

    async def _are_joined(self) -> bool:
        return all(
            [
                await self._is_connected(one, other) and await self._is_connected(other, one)
                for one, other in self._links()
            ]
        )

    async def _is_connected(self, at: int, to: int) -> bool:
        rows = {row["log"]: row for row in await self._ask(at, "neighbours")}
        return bool(rows[self._logs[to]]["connected"])

    async def _write(self) -> None:
        """A record at each node."""
        for number in self._nodes:
            content = example_record(f"Exempel {self._random.randrange(10**9)}")
            told = await self._ask(number, "publish", kind="experience", content=content)
            self._acknowledged.append((self._logs[number], told["sequence"], told["entry"]))

    async def _are_equal(self) -> bool:
        """Whether everybody holds all that was acknowledged anywhere, and shows the same."""
        shown = set()
        for number in self._nodes:
            for log in self._logs.values():
                if not await self._holds(number, log):
                    return False
            status = await self._ask(number, "status", with_digest=True)
            shown.add(status["projection_digest"])
        return len(shown) == 1

    async def _holds(self, number: int, log: str) -> bool:
        wanted = {sequence: id_ for of, sequence, id_ in self._acknowledged if of == log}
        after = min(wanted) - 1
        given = {"log": log, "after_sequence": after, "limit": 500}
        try:
            page = await self._ask(number, "log_entries", **given)
        except REFUSED:  # it has not heard of that log yet
            return False
        held = {item["sequence"]: item["entry"] for item in page["entries"]}
        return all(held.get(sequence) == id_ for sequence, id_ in wanted.items())

    async def _ask(self, number: int, verb: str, **arguments: object) -> Any:
        return await self._nodes[number].ask(verb, **arguments)


def _node(folder: Path, number: int) -> Served:
    environment = {
        "TIDAN_HOST": address(number),
        "TIDAN_INTRODUCTIONS": "auto-1",
        "TIDAN_NEIGHBOUR_NETWORKS": NETWORK,
    }
    return Served(
        folder / str(number),
        environment=environment,
        code=str(9000 + number),
        name=f"Exempelby {number}",
        before=tuple(inside(number)),
    )


async def run(folder: Path, seed: int, rounds: int) -> Outcome:
    """Cut in each way, so many times."""
    async with started(Ring(folder, Random(f"partitions {seed}"))) as made:
        for number in range(rounds):
            for way in WAYS:
                await made.once(way)
                print(f"partitions, round {number + 1}: {way}", flush=True)
        await made.finish()
    return made.outcome
