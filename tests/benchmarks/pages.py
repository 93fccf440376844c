"""Staff pages over real HTTP, one request after another, with much in the node.

Records are spread evenly over 290 municipalities and all that one can filter on, which is the worst
case for counting. Every address that staff read is here, with all that is shown to an operator.
Pages are asked for as browsers do, so they are compressed. Whoever reads them follows areas,
municipalities and searches and never looks at what is new, so that all of it is counted; what is
new is read by somebody else. What is timed includes the client's own work. A page that comes right
after a new entry finds nothing counted beforehand.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, CookieJar
from yarl import URL

from node.municipal import taxonomy
from node.web import labels
from node.web.listing import PAGE_SIZE
from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.foreign_logs import OWN_CODE, place_of
from tests.benchmarks.processes import NodeProcess, node_process
from tests.benchmarks.targets import PAGE_P95

AFTER = ", right after a new entry"
GROUP = 500
WARM_REQUESTS = 3
NOTE = "complete answer, status 200, read to its end"
READER, LOOKER = "benchmark", "benchmark-news"
BY_LOOKER = ("news",)
AS_BROWSERS = {"Sec-Fetch-Site": "same-origin"}
DRAFTS = 20
COMMON_WORD, RARE_WORD = "exempel", "kvarnhjulsskydd"
FOLLOWED = [
    *({"area": area.id} for area in taxonomy.areas()),
    *({"municipality": place_of(number)[0]} for number in range(1, 31)),
    *({"text": COMMON_WORD, "type": "fraga", "status": status} for status in labels.STATUSES),
    *({"text": f"{RARE_WORD} {area.id}"} for area in taxonomy.areas()[:5]),
]
RECORD, OWN_RECORD, MUNICIPALITY = "{record}", "{own}", place_of(1)[0]
PAGES = {
    "start page": "/",
    "list": "/erfarenheter",
    "list, page 50": "/erfarenheter?sida=50",
    "list, page in the middle": "/erfarenheter?sida={middle}",
    "list, last page": "/erfarenheter?sida=99999",
    "list of an area": "/erfarenheter?amne=skola",
    "list of an area and a status, page 5": "/erfarenheter?amne=skola&status=drift&sida=5",
    "list of a type, page 50": "/erfarenheter?typ=fraga&sida=50",
    "list of a municipality": f"/erfarenheter?kommun={MUNICIPALITY}",
    "list of a county": "/erfarenheter?trakt=lan-14",
    "list of neighbours": "/erfarenheter?trakt=grannar",
    "list of municipalities like ours, page 5": "/erfarenheter?grupp=liknar-oss&sida=5",
    "search, a common word": f"/erfarenheter?q={COMMON_WORD}",
    "search, a rare word": f"/erfarenheter?q={RARE_WORD}",
    "search, two words and an area": f"/erfarenheter?q={COMMON_WORD}+skola&amne=skola",
    "feed of the list": "/erfarenheter/flode.atom",
    "feed of an area": "/erfarenheter/flode.atom?amne=skola",
    "feed of a municipality": f"/kommuner/{MUNICIPALITY}/flode.atom",
    "feed of a record": f"/erfarenheter/{RECORD}/flode.atom",
    "areas": "/amnen",
    "area": "/amnen/skola",
    "municipality": f"/kommuner/{MUNICIPALITY}",
    "municipalities": "/kommuner",
    "statistics": "/statistik",
    "list of questions without an answer": "/erfarenheter?svar=saknas",
    "list of a month": "/erfarenheter?ar=2026-01",
    "record": f"/erfarenheter/{RECORD}",
    "what a record's change changed": f"/erfarenheter/{RECORD}/skillnad",
    "proof of a record": f"/erfarenheter/{RECORD}/bevis.cbor",
    "write": "/skriv",
    "change a record": f"/erfarenheter/{OWN_RECORD}/andra",
    "withdraw a record": f"/erfarenheter/{OWN_RECORD}/aterkalla",
    "after publishing": f"/skriv/klart/{OWN_RECORD}",
    "drafts": "/utkast",
    "following": "/foljer",
    "news": "/nytt",
    "neighbours": "/grannar",
    "how far fetching is": "/grannar/hamtning",
    "account": "/konto",
    "users": "/anvandare",
    "who did what": "/anvandare/handelser",
    "letters": "/utskick",
    "help": "/hjalp",
    "help, a page": "/hjalp/hitta",
    "about": "/om",
    "accessibility": "/tillganglighet",
    "what was said of accessibility": "/tillganglighet/synpunkter",
}
AFTER_PAGES = (
    "start page",
    "list",
    "list of an area",
    "area",
    "municipalities",
    "statistics",
    "record",
    "news",
)
"""Those that are also asked for right after a new entry."""


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
            _client(node) as reader,
            _client(node) as looker,
        ):
            for client, name in ((reader, READER), (looker, LOOKER)):
                cookie = await node.ask("sign_in", name=name)
                client.cookie_jar.update_cookies({cookie["name"]: cookie["token"]}, URL(node.url))
                await node.ask("follow", name=name, lists=FOLLOWED)
                await node.ask("draft", name=name, count=DRAFTS)
            paths = await self.fill(node, reader)
            for _ in range(self.rounds):
                for name, path in paths.items():
                    await self._measure(looker if name in BY_LOOKER else reader, name, path)
                for name in AFTER_PAGES:
                    client = looker if name in BY_LOOKER else reader
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
        own = await node.ask("publish", title=f"Exempel {RARE_WORD}", size_bytes=size)
        await node.ask("settle")
        middle = self.records // PAGE_SIZE // 2
        named = {"record": record, "own": own["record"], "middle": middle}
        paths = {name: path.format(**named) for name, path in PAGES.items()}
        for name, path in paths.items():
            if name in BY_LOOKER:
                continue
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


def _client(node: NodeProcess) -> ClientSession:
    """A browser of somebody's own."""
    return ClientSession(node.url, cookie_jar=CookieJar(unsafe=True), headers=AS_BROWSERS)
