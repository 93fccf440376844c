"""`make kills COUNT=…`: a real node under load, killed at random moments and started again.

On SQLite the node's whole process group is killed, now and then while it is starting. On
PostgreSQL the node is killed as well, or the server with all its processes, or both. Afterwards
everything that was acknowledged must be there. With ``--keep`` the kills of earlier runs count as
well, and what is new adds to them.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count as numbers_from
from pathlib import Path
from random import Random

from tests.kills.checking import Checking
from tests.kills.load import Load
from tests.kills.served import REFUSED, Served
from tests.postgresql_cluster import Server, server
from tests.proof_results import Line, keep
from tests.proof_stretches import Stretches

AT_LEAST, AIM = 500, 10_000
DATABASES = ("sqlite", "postgresql")
NODE, STARTING = "the node", "the node while it started"
SERVER, SERVER_AT_ONCE = "the database server", "the database server, told to stop at once"
BOTH = "node and database server together"
LOAD_SECONDS_MAX = 0.6
START_SECONDS_MAX = 1.5
DURING_START = 0.15
SEEDS = "seeds"
ALL_EVERY = 50
"""After so many kills the whole log is verified, everything compared, and a new node made."""
BACK_SECONDS_MAX = 240.0
SHOWN_MAX = 20
NOTES = f"""\
Four writers at a node started by `tidan serve`; what ends is ended at a random moment within \
{LOAD_SECONDS_MAX} s.
Each time, every new acknowledged entry is looked up, the guard must agree and the node must sign; \
a node is killed {ALL_EVERY} times, and then its whole log is verified with each signature.
A kill leaves what the kernel has not written yet, so this says nothing of power cuts.
""".splitlines()


@dataclass(slots=True)
class Outcome:
    """Kills of one database: how many of which kind, acknowledged entries, and what broke."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    problems: list[str] = field(default_factory=list)


class Killing:
    """One node, its load, and whoever ends it."""

    def __init__(self, served: Served, random: Random, cluster: Server | None) -> None:
        self._served = served
        self._random = random
        self._cluster = cluster
        self._load = Load(served, random)
        self._checking = Checking(served)
        self.outcome = Outcome()

    async def once(self, what: str = "") -> None:
        """Load a running node, end something (at random when it is not named), bring it back, and
        look."""
        ways = self._ways
        what = what or self._random.choice(list(ways))
        self._load.begin()
        await asyncio.sleep(self._random.uniform(0, LOAD_SECONDS_MAX))
        await ways[what]()
        self.outcome.kills[what] += 1
        await self._look()

    @property
    def _ways(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What can be ended here, by what it is called in the result."""
        ways = {NODE: self._end_node}
        if self._cluster is not None:
            ways |= {
                SERVER: self._end_server,
                SERVER_AT_ONCE: self._end_server_at_once,
                BOTH: self._end_both,
            }
        return ways

    async def finish(self) -> None:
        """Stop it as an operator would; it must end well."""
        await self._look(everything=True)
        code = await self._served.stop()
        if code:
            self.outcome.problems.append(f"it ended with {code} when it was asked to stop")

    async def _look(self, *, everything: bool = False) -> None:
        acknowledged = self._load.take()
        self.outcome.acknowledged += len(acknowledged)
        found = await self._checking.problems(acknowledged)
        number = self.outcome.kills.total()
        if everything or number % ALL_EVERY == 0:
            found += await self._checking.all_problems()
        self.outcome.problems += [f"after kill {number}: {problem}" for problem in found]

    async def _end_node(self) -> None:
        await self._served.kill()
        await self._load.end()
        while self._random.random() < DURING_START:
            await self._served.begin()
            await asyncio.sleep(self._random.uniform(0, START_SECONDS_MAX))
            await self._served.kill()
            self.outcome.kills[STARTING] += 1
        await self._served.start()

    async def _end_server(self) -> None:
        """The node goes on; once the server is back, so is all that it does."""
        assert self._cluster is not None
        await asyncio.to_thread(self._cluster.kill)
        await asyncio.to_thread(self._cluster.start)
        await self._writes_again()
        await self._load.end()

    async def _end_server_at_once(self) -> None:
        assert self._cluster is not None
        await asyncio.to_thread(self._cluster.stop)
        await asyncio.to_thread(self._cluster.start)
        await self._writes_again()
        await self._load.end()

    async def _end_both(self) -> None:
        assert self._cluster is not None
        await asyncio.gather(self._served.kill(), asyncio.to_thread(self._cluster.kill))
        await self._load.end()
        await asyncio.to_thread(self._cluster.start)
        await self._served.start()

    async def _writes_again(self) -> None:
        """Wait until the node, which was not restarted, stores something."""
        async with asyncio.timeout(BACK_SECONDS_MAX):
            while True:
                try:
                    await self._load.publish()
                    return
                except REFUSED:
                    await asyncio.sleep(0.05)


@asynccontextmanager
async def killing(kind: str, random: Random) -> AsyncIterator[Killing]:
    """A running node on a database of this kind."""
    with tempfile.TemporaryDirectory(prefix="tidan-kills-") as made:
        folder = Path(made) / "nod"
        if kind == "sqlite":
            async with _started(Served(folder)) as served:
                yield Killing(served, random, None)
            return
        with server() as cluster:
            async with _started(Served(folder, f"{cluster.url}/postgres")) as served:
                yield Killing(served, random, cluster)


@asynccontextmanager
async def _started(served: Served) -> AsyncIterator[Served]:
    await served.create()
    await served.start()
    try:
        yield served
    finally:
        await served.kill()


async def run(kind: str, seed: int, count: int, ends_at: float = math.inf) -> Outcome:
    """Kill so many times, or until then; returns what came of it."""
    started = time.monotonic()
    async with killing(kind, Random(f"{kind} {seed}")) as work:
        while work.outcome.kills.total() < count and time.monotonic() < ends_at:
            await work.once()
        await work.finish()
    outcome = work.outcome
    print(
        f"{kind}, seed {seed}: {outcome.kills.total()} kills, {outcome.acknowledged} acknowledged"
        f" entries, {len(outcome.problems)} problems, {time.monotonic() - started:.0f} s",
        *outcome.problems[:SHOWN_MAX],
        sep="\n",
        flush=True,
    )
    return outcome


def run_seeds(stretches: Stretches, kind: str, seed: int, count: int, ends_at: float) -> None:
    """Kill a new node of each seed, some times each, until all kept kills are so many."""
    for number in numbers_from(seed):
        left = count - _kills(stretches).total()
        if left <= 0 or time.monotonic() >= ends_at:
            return
        if stretches.left(SEEDS, [number]):
            outcome = asyncio.run(run(kind, number, min(left, ALL_EVERY), ends_at))
            counts = {"kills": outcome.kills, "acknowledged": outcome.acknowledged}
            problems = "; ".join(outcome.problems[:SHOWN_MAX]) or None
            stretches.add(SEEDS, number, counts, problems)
            stretches.save()


def main() -> int:
    """Read what is asked for, run it, and tell."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--count", type=int, default=100, help="on each database")
    reader.add_argument("--database", choices=DATABASES, action="append")
    reader.add_argument("--seconds", type=float, default=math.inf, help="stop after so long")
    reader.add_argument("--keep", action="store_true", help="add to docs/results/kills_….json")
    given = reader.parse_args()
    print(f"seed={given.seed}")
    command = f"make kills SEED={given.seed} COUNT={given.count} ARGS=--keep"
    broken, kinds = 0, given.database or DATABASES
    for number, kind in enumerate(kinds, 1):
        ends_at = time.monotonic() + given.seconds / len(kinds)
        save = partial(_keep, kind, command) if given.keep else None
        with Stretches(f"kills_{kind}", save) as stretches:
            run_seeds(stretches, kind, given.seed, given.count, ends_at)
        print(f"{kind}: {_kills(stretches).total()} kills in all; {number} of {len(kinds)} done")
        broken += len(stretches.broken())
    return 1 if broken else 0


def _kills(stretches: Stretches) -> Counter[str]:
    return Counter(stretches.total().get("kills", {}))


def _keep(kind: str, command: str, stretches: Stretches) -> None:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    kills, broken = _kills(stretches), stretches.broken()
    acknowledged = stretches.total().get("acknowledged", 0)
    keep(
        f"kills_{kind}",
        title=f"kill -9 under load, {name}",
        command=command,
        lines=[
            Line("kills", f"{kills.total():,}", f"{AT_LEAST:,}", f"{AIM:,}"),
            *(Line(f"of these: {what}", f"{n:,}") for what, n in sorted(kills.items())),
            Line("entries acknowledged under load", f"{acknowledged:,}"),
            Line("seeds in which an acknowledged entry was lost or a promise broken",
                 f"{len(broken)}", "0", "0"),
        ],
        notes=NOTES,
        details={"broken": broken},
        stretches=stretches.as_json(),
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
