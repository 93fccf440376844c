"""Searching in a node with very many records: how quick it is, how large, and how soon it knows.

Texts are those of search_texts.py. What a search costs is the server's time for a page with its
facets, in the node's own process, as the list page asks for it; one page over HTTP is measured
besides, as a visitor has it. The index is measured against the texts that it holds.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

from aiohttp import ClientSession

from protocol.content import Experience
from storage.search.search_index import FOLDER_NAME
from storage.search.texts import searchable_texts
from tests.benchmarks.databases import DATABASE_FILE, Databases, folder_bytes
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.foreign_logs import OWN_CODE
from tests.benchmarks.page_cache import drop_from_memory, keep_in_memory
from tests.benchmarks.processes import NodeProcess, node_process
from tests.benchmarks.search_questions import NEARLY_ALL, questions
from tests.benchmarks.search_texts import COMMON, search_contents
from tests.benchmarks.targets import SEARCH_P95, target

ALL_KINDS = "all of these"
ARRIVING = 1_000
"""Entries a second while it is measured how soon they are found."""
ARRIVING_SECONDS = 15
SAMPLED = 2_000
FOUND_AFTER = "search, from commit until found"
INDEX_SHARE = "search, index ÷ texts"
REBUILT = "search, index made anew"
PAGE = f"/erfarenheter?q={COMMON}"
NOTES = {
    REBUILT: "from the log, committed; texts analysed in one process beside the node",
    INDEX_SHARE: "all files of the index; UTF-8 bytes of what is searched",
    FOUND_AFTER: f"{ARRIVING} entries/s arriving in groups; from the commit until a search has it",
}
FROM_DISK = f"{NEARLY_ALL}, database not in memory"
SERVER_NOTE = (
    "page of 20 with total and facets, in the node; corrections and ranking included; its files in"
    " the machine's memory"
)
FROM_DISK_NOTE = (
    "rows alone: the index's answers are kept from the rounds before, and the system was told to"
    " forget the database's file before each question"
)


@dataclass(slots=True)
class SearchSpeed:
    """How much is in the node, and how often everything is asked."""

    databases: Databases
    logs: int
    records: int
    size_bytes: int
    rounds: int
    requests: int
    _numbers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _taken: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))

    async def figures(self, folder: Path) -> list[Figure]:
        """Fill a node and measure it."""
        url = await self.databases.new()
        async with node_process(folder, url, code=OWN_CODE) as node:
            entries = self.records + self.logs  # each log has a first entry, which is no record
            await node.ask(
                "hand_over_searched", logs=self.logs, entries=entries, size_bytes=self.size_bytes
            )
            await node.ask("settle_search")
            rebuilt = await node.ask("rebuild_search")
            self._numbers[REBUILT] = [rebuilt["entries"] / rebuilt["seconds"]]
            return await self.measure(node, folder)

    async def measure(self, node: NodeProcess, folder: Path) -> list[Figure]:
        """Measure a node that is filled and stands still."""
        index_bytes = folder_bytes(folder / FOLDER_NAME)
        self._numbers[INDEX_SHARE] = [index_bytes / (self.records * self._text_bytes())]
        asked = questions()
        await asyncio.to_thread(keep_in_memory, folder)
        for _ in range(self.rounds):
            for kind, filters in asked.items():
                seconds = (await node.ask("find", filters=filters))["seconds"]
                self._taken[kind].append([1_000 * one for one in seconds])
        if (database := folder / DATABASE_FILE).exists():
            self._taken[FROM_DISK].append(await self._from_disk(node, database, asked[NEARLY_ALL]))
            await asyncio.to_thread(keep_in_memory, folder)
        async with ClientSession(node.url) as client:
            for _ in range(self.rounds):
                self._taken["list page over HTTP"].append(await self._pages(client))
        for _ in range(self.rounds):
            new = await node.ask(
                "find_new", rate=ARRIVING, seconds=ARRIVING_SECONDS, size_bytes=self.size_bytes
            )
            for label, share in (("p50", 0.5), ("p95", 0.95)):
                self._numbers[f"{FOUND_AFTER}, {label}"].append(
                    percentile(new["found_after"], share)
                )
            await node.ask("settle_search")
        return [*self._single_figures(), *self._question_figures(asked)]

    async def _from_disk(
        self, node: NodeProcess, database: Path, filters: Iterable[Mapping[str, Any]]
    ) -> list[float]:
        taken = []
        for one in filters:
            await asyncio.to_thread(drop_from_memory, database)
            taken += (await node.ask("find", filters=[one]))["seconds"]
        return [1_000 * one for one in taken]

    def _text_bytes(self) -> float:
        """The mean size of what is searched in a record."""
        made = islice(search_contents(1, SAMPLED, self.size_bytes), SAMPLED)
        texts = (searchable_texts(Experience(**json.loads(content))) for content in made)
        return mean(sum(len(text.encode()) for text in found) for found in texts)

    async def _pages(self, client: ClientSession) -> list[float]:
        taken = []
        for _ in range(self.requests):
            started = time.monotonic()
            async with client.get(PAGE, allow_redirects=False) as answer:
                await answer.read()
            taken.append((time.monotonic() - started) * 1_000)
            if answer.status != 200:
                raise RuntimeError(f"{PAGE} answered {answer.status}")
        return taken

    def _single_figures(self) -> list[Figure]:
        units = {REBUILT: "records/s", INDEX_SHARE: ""}
        found = []
        for name, runs in self._numbers.items():
            note = next(note for start, note in NOTES.items() if name.startswith(start))
            held_to = target(name, self.databases.name)
            unit = units.get(name, "s")
            entries = self.records
            found.append(Figure(name, self._setting, unit, tuple(runs), note, held_to, entries))
        return found

    def _question_figures(self, asked: Iterable[str]) -> list[Figure]:
        taken = dict(self._taken)
        rounds = zip(*(taken[kind] for kind in asked), strict=True)
        taken[ALL_KINDS] = [[one for kind in kinds for one in kind] for kinds in rounds]
        found = []
        for kind, runs in taken.items():
            for label, share in (("p50", 0.5), ("p95", 0.95)):
                name = f"search, {kind}, {label}"
                values = tuple(percentile(run, share) for run in runs)
                held_to = SEARCH_P95 if label == "p95" and kind in (*asked, ALL_KINDS) else None
                note = FROM_DISK_NOTE if kind == FROM_DISK else SERVER_NOTE
                figure = Figure(name, self._setting, "ms", values, note, held_to, self.records)
                found.append(figure)
        return found

    @property
    def _setting(self) -> str:
        return f"{self.databases.name}; {self.records} records of {self.logs} logs"
