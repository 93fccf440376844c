"""A stored network of records, the same model in memory, and filters to ask both with."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from random import Random

from factories import LogMaker
from fold_memory import Memory
from search_model import finds
from storage.database import Database
from storage.log_store import LogStore
from storage.record_queries import RecordQueries
from storage.record_views import PUBLIC, RecordFilter
from storage_factories import logged, project, record_queries, some_logs, store


@dataclass
class Network:
    """A filled database and the model of what it holds."""

    database: Database
    log_store: LogStore
    makers: list[LogMaker]
    model: Memory

    @property
    def queries(self) -> RecordQueries:
        """The read side under test."""
        return record_queries(self.database)

    def expected(
        self, filter: RecordFilter, visible: tuple[str, ...] = PUBLIC, hidden: bytes = b""
    ) -> list[bytes]:
        """Ids of the records a filter lists, by the plainest reading of the rules."""
        codes = {maker.log: maker for maker in self.makers}
        found = []
        for record_id, record in self.model.records.items():
            experience = record.versions[-1].experience
            names = {"code": f"14{codes[record.log].number:02}"}
            if (
                record.withdrawn is None
                and record.log != hidden
                and experience.visibility in visible
                and (not filter.area or f"{experience.area}.".startswith(f"{filter.area}."))
                and filter.type in ("", experience.type)
                and filter.status in ("", experience.status)
                and filter.municipality in ("", names["code"])
                and (filter.codes is None or names["code"] in filter.codes)
                and finds(filter.text, experience)
            ):
                found.append((record.versions[0].time_ms, record_id))
        return [record_id for _, record_id in sorted(found, reverse=True)]


async def a_network(database: Database, seed: int, entries: int = 150) -> Network:
    """Random logs, stored and projected."""
    print(f"seed={seed}")
    makers = some_logs(Random(seed), entries=entries)
    model = Memory()
    for maker in makers:
        model.take(logged(maker))
    log_store = await store(database, *makers)
    await project(database)
    return Network(database, log_store, makers, model)


def some_filters(random: Random, count: int) -> list[RecordFilter]:
    """Filters of every combination."""
    texts = [
        "",
        "",
        "exempel",
        "NYCKEL",
        "far",
        "100 %",
        "snake_case exempel",
        "%",
        "finnsej",
    ]
    areas = ["", "", "aldre", "aldre.hemtjanst", "it", "okänd"]
    codes = [None, None, frozenset({"1401", "1402", "9999"}), frozenset[str]()]
    statuses = ["", "drift", "pilot"]
    choices = [*product(texts, areas, ["", "losning"], ["", "1401", "9999"], statuses, codes)]
    return [
        RecordFilter(
            text=text,
            area=area,
            type=kind,
            municipality=code,
            status=status,
            codes=kept,
            literal=True,
        )
        for text, area, kind, code, status, kept in random.sample(choices, count)
    ]
