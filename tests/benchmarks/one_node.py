"""What a node does by itself: publish, rebuild its projections, start, and stay quick as it grows.

The cost of one new entry is taken when the log is small and again when it is large, on the same
node, as the middle of many single entries; what counts is the ratio.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.processes import NodeProcess, node_process, start_seconds
from tests.benchmarks.targets import SIGNED, target

SMALL_ENTRIES = 10_000
AT_ONCE = 32
GROUP = 500
NOTES = {
    "publish, one after another": SIGNED,
    "publish, one each from 32 at once": SIGNED,
    "publish, in groups": f"{SIGNED}; 500 to a group",
    "publish, checked, in groups": f"content checked as from the form; {SIGNED}; in record list",
    "rebuild of all projections": "from the log as stored, all in the record list; committed",
    "start to ready": "the program started until /readyz says 200, imports included",
    "cost of one new entry, committed": f"{SIGNED}; middle of single entries",
    "cost of one new entry, listed": "the same until it is in the record list",
}


@dataclass(slots=True)
class OneNode:
    """How much is written on one node, and how often each is measured."""

    databases: Databases
    entries: int
    size_bytes: int
    rounds: int
    count: int
    small_entries: int = SMALL_ENTRIES
    _numbers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def figures(self, folder: Path) -> list[Figure]:
        """Publish in each way, small and large, then rebuild and start anew."""
        url = await self.databases.new()
        async with node_process(folder, url, code="1498") as node:
            await self._fill(node, self.small_entries)
            small = [await self._single_costs(node) for _ in range(self.rounds)]
            for _ in range(self.rounds):
                await self._publish(node)
            await self._fill(node, self.entries)
            large = [await self._single_costs(node) for _ in range(self.rounds)]
            for _ in range(self.rounds):
                rebuilt = await node.ask("rebuild")
                rate = rebuilt["entries"] / rebuilt["seconds"]
                self._numbers["rebuild of all projections"].append(rate)
            self._grown(small, large)
            self.entries = (await node.ask("head", log=node.log))["sequence"]
        for _ in range(self.rounds):
            self._numbers["start to ready"].append(await start_seconds(folder, url))
        return [self._figure(name) for name in NOTES]

    async def _fill(self, node: NodeProcess, entries: int) -> None:
        """Write until the log has so many entries and all of them are listed."""
        missing = entries - (await node.ask("head", log=node.log))["sequence"]
        if missing > 0:
            await self._write(node, missing, group=GROUP, at_once=2)
        await node.ask("settle")

    async def _single_costs(self, node: NodeProcess) -> tuple[float, float]:
        written = await self._write(node, self.count, group=1, at_once=1)
        await node.ask("settle")
        listed = []
        for number in range(self.count):
            title = f"Exempel {number}"
            published = await node.ask("publish", title=title, size_bytes=self.size_bytes)
            listed.append(published["stored"] - published["asked"])
        return percentile(written["latencies"], 0.5), percentile(listed, 0.5)

    async def _publish(self, node: NodeProcess) -> None:
        ways = (
            ("publish, one after another", 5 * self.count, 1, 1),
            ("publish, one each from 32 at once", 10 * self.count, 1, AT_ONCE),
            ("publish, in groups", 50 * self.count, GROUP, 2),
        )
        for name, count, group, at_once in ways:
            written = await self._write(node, count, group=group, at_once=at_once)
            self._numbers[name].append(count / written["seconds"])
            await node.ask("settle")
        count = 20 * self.count
        published = await node.ask(
            "publish_many", count=count, size_bytes=self.size_bytes, group=GROUP
        )
        self._numbers["publish, checked, in groups"].append(count / published["seconds"])

    async def _write(
        self, node: NodeProcess, count: int, *, group: int, at_once: int
    ) -> dict[str, Any]:
        size = self.size_bytes
        return await node.ask("write", count=count, size_bytes=size, group=group, at_once=at_once)

    def _grown(self, small: list[tuple[float, float]], large: list[tuple[float, float]]) -> None:
        names = ("cost of one new entry, committed", "cost of one new entry, listed")
        for name, befores, afters in zip(
            names, zip(*small, strict=True), zip(*large, strict=True), strict=True
        ):
            before = percentile(befores, 0.5)
            self._numbers[name] = [after / before for after in afters]

    def _figure(self, name: str) -> Figure:
        database = self.databases.name
        unit = "entries/s"
        setting = f"{database}; entries of {self.size_bytes} B"
        if name == "start to ready":
            unit, setting = "s", f"{database}; {self.entries} entries"
        elif name.startswith("cost"):
            unit, setting = "×", f"{database}; {self.entries} against {self.small_entries} entries"
        elif name.startswith("rebuild"):
            setting = f"{database}; {self.entries} entries of {self.size_bytes} B"
        held_to = target(name, database)
        runs = tuple(self._numbers[name])
        return Figure(name, setting, unit, runs, NOTES[name], held_to, self.entries)
