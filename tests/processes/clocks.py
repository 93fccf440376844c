"""The clock of a running node jumps, far and to and fro, while it writes and its neighbour listens.

The node is a process; its clock is the program's own, wrong by as much as it is told
(jumping_node.py). It is also killed and started again while the clock is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from aiohttp import ClientSession

from node.clock import SystemClock
from node_factories import LOOPBACK_NETWORKS, TestNode, until
from storage.durable_file import write_durably
from storage.record_views import RecordFilter
from tests.kills.checking import Checking
from tests.kills.load import Load
from tests.kills.served import Served
from tests.processes.jumping_node import wrong_by
from tests.processes.started import started

DAY_MS = 24 * 60 * 60 * 1000
JUMPS_DAYS = (-365, 3_653, 0, -1, 3_653, -365, 0)
"""Back a year, forward ten, right again, and to and fro."""
WAIT_SECONDS_MAX = 120.0


@dataclass(slots=True)
class Outcome:
    """How often the clock jumped and the node was killed, what was acknowledged, what broke."""

    jumps: int = 0
    kills: int = 0
    acknowledged: int = 0
    problems: list[str] = field(default_factory=list)


class Jumping:
    """A node whose clock jumps, and a neighbour whose clock is right."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._folder = folder / "jumping"
        environment = {"TIDAN_NEIGHBOUR_NETWORKS": " ".join(LOOPBACK_NETWORKS)}
        self._maker = Served(self._folder, environment=environment)
        self.served = Served(
            self._folder, environment=environment, module="tests.processes.jumping_node"
        )
        self.steady = TestNode(folder, "9002", "Exempelköping")
        self._load = Load(self.served, random)
        self._checking = Checking(self.served)
        self._log = ""
        self.outcome = Outcome()

    async def start(self) -> None:
        """Make both, start them, and make them neighbours; the jumping one dials."""
        self._set(0)
        await self._maker.create()
        await self.served.start()
        await self.steady.start()
        self._log = (await self.served.ask("status"))["log"]
        await self.steady.node.operations.add_neighbour(self._log)
        await self.served.ask("add_neighbour", log=self.steady.log, url=self.steady.url)

    async def stop(self) -> None:
        """End both."""
        await self.served.kill()
        await self.steady.stop()

    async def jump(self, days: int, *, killed: bool) -> None:
        """Let the clock jump under load, maybe kill the node then; both must go on and agree."""
        self._load.begin()
        self._set(days * DAY_MS)
        self.outcome.jumps += 1
        await self._load.publish()
        if killed:
            await self.served.kill()
            self.outcome.kills += 1
        await self._load.end()
        if killed:
            await self.served.start()
        await self._load.publish()
        await self.steady.publish(f"Exempel: klockan går {days} dagar fel hos grannen")
        acknowledged = self._load.take()
        self.outcome.acknowledged += len(acknowledged)
        await until(self._agree, f"{days} days wrong: both hold the same", WAIT_SECONDS_MAX)
        found = await self._checking.problems(acknowledged)
        async with ClientSession() as client:
            for page in ("/", "/erfarenheter", "/kommuner/9001"):
                async with client.get(f"{self.served.url}{page}") as response:
                    found += [f"{page}: {response.status}"] if response.status != 200 else []
        self.outcome.problems += [f"{days} days wrong: {one}" for one in found]

    async def finish(self) -> None:
        """Everything at once: the whole log here and at the neighbour, and the times it shows."""
        self.outcome.problems += await self._checking.all_problems()
        node = self.steady.node
        verified = await node.operations.verify_log(self._log, every_signature=True)
        if verified.error:
            self.outcome.problems.append(f"at the neighbour: {verified.error}")
        latest_ms = SystemClock().time_ms()
        await node.projector.settled()
        shown = (await node.queries.list_records(RecordFilter())).rows
        if any(row.published_ms > latest_ms for row in shown):
            self.outcome.problems.append("the neighbour shows a time that has not come")

    def _set(self, wrong_ms: int) -> None:
        write_durably(wrong_by(self._folder), str(wrong_ms).encode("ascii"))

    async def _agree(self) -> bool:
        status = await self.served.ask("status")
        rows = {item.log: item.sequence for item in self.steady.node.directory.items()}
        theirs = await self.served.ask("log_entries", log=self.steady.log, after_sequence=0)
        own = len(theirs["entries"]), rows[self.steady.log_id]
        return rows.get(bytes.fromhex(self._log)) == status["sequence"] and own[0] == own[1]


async def run(folder: Path, seed: int, rounds: int) -> Outcome:
    """Let it jump through all of `JUMPS_DAYS`, so many times; it is killed at every second jump."""
    async with started(Jumping(folder, Random(f"clocks {seed}"))) as work:
        for number in range(rounds):
            for place, days in enumerate(JUMPS_DAYS):
                await work.jump(days, killed=(place + number) % 2 == 1)
            print(f"clock jumps, round {number + 1}", flush=True)
        await work.finish()
    return work.outcome
