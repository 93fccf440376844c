"""Staff pages over real HTTP, one request after another, with much in the node.

Records are spread evenly over 290 municipalities and all that one can filter on, which is the worst
case for counting. Pages are those of an operator who is signed in, with all that is shown then.
What is timed includes the client's own work. A page that comes right after a
new entry finds nothing counted beforehand.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, CookieJar
from yarl import URL

from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.foreign_logs import OWN_CODE, place_of
from tests.benchmarks.processes import NodeProcess, node_process
from tests.benchmarks.targets import PAGE_P95

AFTER = ", right after a new entry"
GROUP = 500
WARM_REQUESTS = 3
NOTE = "complete answer, status 200, read to its end"
PAGES = {
    "start page": "/",
    "list": "/erfarenheter",
    "list, page 50": "/erfarenheter?sida=50",
    "list, last page": "/erfarenheter?sida=99999",
    "list of an area": "/erfarenheter?amne=skola",
    "list of an area and a status, page 5": "/erfarenheter?amne=skola&status=drift&sida=5",
    "list of a type, page 50": "/erfarenheter?typ=fraga&sida=50",
    "list of a municipality": f"/erfarenheter?kommun={place_of(1)[0]}",
    "list of a county": "/erfarenheter?trakt=lan-14",
    "list of neighbours": "/erfarenheter?trakt=grannar",
    "list of municipalities like ours, page 5": "/erfarenheter?grupp=liknar-oss&sida=5",
    "areas": "/amnen",
    "area": "/amnen/skola",
    "municipality": "",
    "municipalities": "/kommuner",
    "record": "",
    "what a record's change changed": "",
    "neighbours": "/grannar",
    "write": "/skriv",
    "about": "/om",
}


@dataclass(slots=True)
class Pages:
    """How much is in the node, and how often each page is asked for."""

    databases: Databases
    logs: int
    records: int
    size_bytes: int
    rounds: int
    requests: int
    _numbers: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))

    async def figures(self, folder: Path) -> list[Figure]:
        """Fill a node once, then ask for every page, round after round."""
        url = await self.databases.new()
        async with (
            node_process(folder, url, code=OWN_CODE) as node,
            ClientSession(node.url, cookie_jar=CookieJar(unsafe=True)) as client,
        ):
            signed_in = await node.ask("sign_in")
            client.cookie_jar.update_cookies({signed_in["name"]: signed_in["token"]}, URL(node.url))
            paths = await self.fill(node, client)
            for _ in range(self.rounds):
                for name, path in paths.items():
                    await self._measure(client, name, path)
                for name in ("start page", "list"):
                    await self._measure(client, name + AFTER, paths[name], node)
        return [
            self._figure(name, label, share)
            for name in self._numbers
            for label, share in (("p50", 0.5), ("p95", 0.95))
        ]

    async def fill(self, node: NodeProcess, client: ClientSession) -> dict[str, str]:
        """Take in the records and answers to some; returns the address of each page."""
        size = self.size_bytes
        entries = self.records + self.logs  # each log has a first entry, which is no record
        await node.ask("hand_over", logs=self.logs, entries=entries, size_bytes=size, varied=True)
        await node.ask("settle")
        await node.ask("respond", count=self.records // 10, group=GROUP)
        await node.ask("settle")
        (record,) = (await node.ask("records", count=1))["records"]
        paths = PAGES | {"record": f"/erfarenheter/{record}"}
        paths["what a record's change changed"] = f"/erfarenheter/{record}/skillnad"
        paths["municipality"] = f"/kommuner/{place_of(1)[0]}"
        for name, path in paths.items():
            async with client.get(path) as answer:  # follows to the address with the name in it
                paths[name] = str(answer.url.relative())
        return paths

    async def _measure(
        self, client: ClientSession, name: str, path: str, writer: NodeProcess | None = None
    ) -> None:
        taken = []
        for number in range(WARM_REQUESTS + self.requests):
            if writer is not None:
                await writer.ask("publish", title=f"Exempel {number}", size_bytes=self.size_bytes)
                await writer.ask("settle")
            started = time.monotonic()
            async with client.get(path, allow_redirects=False) as answer:
                await answer.read()
            taken.append((time.monotonic() - started) * 1_000)
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
        self._numbers[name].append(taken[WARM_REQUESTS:])

    def _figure(self, name: str, label: str, share: float) -> Figure:
        runs = tuple(percentile(taken, share) for taken in self._numbers[name])
        setting = f"{self.databases.name}; {self.records} records of {self.logs} logs"
        held_to = PAGE_P95 if label == "p95" else None
        return Figure(f"{name}, {label}", setting, "ms", runs, NOTE, held_to, self.records)
