"""How well searching finds what was graded by hand: Tidan on a real node, and what databases bring.

The records of tests/judged go to a node as the logs of their municipalities, and each query is
asked as the list page asks it, with all that ranking does. The same records and queries go to
SQLite's FTS5 and to PostgreSQL's Swedish text search in the same run. Every miss is listed in the
JSON file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

from tests.benchmarks.figures import Figure, Target
from tests.benchmarks.foreign_logs import OWN_CODE
from tests.benchmarks.judged import RECALL_AT, finds_wanted, lacking, ndcg, recall
from tests.benchmarks.judged_records import Query, queries, records, texts_of
from tests.benchmarks.processes import NodeProcess, node_process
from tests.benchmarks.search_engines import fts5, postgresql
from tests.benchmarks.targets import target
from tests.postgresql_cluster import binaries, cluster

TIDAN = "Tidan"
NDCG, RECALL = "nDCG@10", "recall@20"
LEAD = Target(0.15, at_least=True)
ALL_FOUND = Target(1.0, at_least=True)
STRICT_KINDS = ("compound", "inflection")
NOTE = "gain 2^grade − 1; useful are grades 2 and 3; graded by hand, tests/judged"
LOW_NDCG = 0.6
"""A query below this is listed as a miss, even when all is among the first twenty."""

Find = Callable[[str, int], Awaitable[list[str]]]
Score = Callable[[Sequence[str], Mapping[str, int]], float]


@dataclass(slots=True)
class SearchQuality:
    """What is found by each engine; `misses` says afterwards what was not."""

    misses: list[dict[str, Any]] = field(default_factory=list)

    async def figures(self, folder: Path) -> list[Figure]:
        """Ask every query of every engine."""
        async with engines(folder) as finders:
            answers = {name: await _answers(find) for name, find in finders.items()}
        self.misses = list(_misses(answers[TIDAN]))
        return [figure for part in queries() for figure in _figures(part, answers)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one engine found for a query, the best first."""

    part: str
    query: Query
    found: Sequence[str]


@asynccontextmanager
async def engines(folder: Path) -> AsyncIterator[dict[str, Find]]:
    """Give each engine with the judged records in it; PostgreSQL only where it is installed."""
    texts = {record: texts_of(said) for record, said in records().items()}
    async with AsyncExitStack() as stack:
        running = node_process(folder / "node", "", code=OWN_CODE)
        node = await stack.enter_async_context(running)
        await node.ask("hand_over_judged")
        await node.ask("settle_search")
        found = {TIDAN: _asked_of(node)}
        light = stack.enter_context(fts5(texts))
        found[light.name] = light.find
        if binaries() is not None:
            server = stack.enter_context(cluster())
            full = await stack.enter_async_context(postgresql(server, texts))
            found[full.name] = full.find
        yield found


def _asked_of(node: NodeProcess) -> Find:
    by_title = {said["title"]: record for record, said in records().items()}

    async def find(text: str, limit: int) -> list[str]:
        answer = await node.ask("find", filters=[{"text": text, "page_size": limit}])
        return [by_title[title] for title in answer["titles"][0]]

    return find


async def _answers(find: Find) -> list[Answer]:
    return [
        Answer(part, query, await find(query.text, RECALL_AT))
        for part, some in queries().items()
        for query in some
    ]


def _figures(part: str, answers: Mapping[str, Sequence[Answer]]) -> list[Figure]:
    """Of each engine all queries of a part, then Tidan's lead, then each kind of query."""
    own = {name: [one for one in some if one.part == part] for name, some in answers.items()}
    found = []
    for measure, score in ((NDCG, ndcg), (RECALL, recall)):
        scores = {name: _mean(some, score) for name, some in own.items()}
        held_to = target(f"search, {measure}", "")
        for name, value in scores.items():
            setting = f"{name}; {len(own[name])} queries, {part}"
            held = held_to if name == TIDAN else None
            found.append(Figure(f"search, {measure}", setting, "", (value,), NOTE, held))
        if measure == NDCG:
            best = max(value for name, value in scores.items() if name != TIDAN)
            lead = scores[TIDAN] - best
            setting = f"ahead of the best of {len(scores) - 1}; {part}"
            found.append(Figure("search, lead in nDCG@10", setting, "", (lead,), NOTE, LEAD))
    return found + _by_kind(part, own)


def _by_kind(part: str, own: Mapping[str, Sequence[Answer]]) -> list[Figure]:
    found = []
    for kind in sorted({one.query.kind for one in own[TIDAN]}):
        alike = {name: [a for a in some if a.query.kind == kind] for name, some in own.items()}
        setting = f"{len(alike[TIDAN])} queries, {part}"
        found += [
            Figure(f"search, {measure}, {kind}", f"{name}; {setting}", "", (_mean(some, score),))
            for measure, score in ((NDCG, ndcg), (RECALL, recall))
            for name, some in alike.items()
        ]
        if kind in STRICT_KINDS:
            share = _mean(alike[TIDAN], finds_wanted)
            title = f"search, {kind}: a record of grade 3 in 20"
            found.append(Figure(title, f"{TIDAN}; {setting}", "", (share,), "", ALL_FOUND))
    return found


def _mean(some: Sequence[Answer], score: Score) -> float:
    return mean(score(one.found, one.query.relevant) for one in some)


def _misses(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """What Tidan did not find or put too low, the worst first."""
    found = []
    for one in answers:
        gone = lacking(one.found, one.query.relevant)
        score = ndcg(one.found, one.query.relevant)
        if gone or score < LOW_NDCG:
            told: dict[str, Any] = {
                "id": one.query.id,
                "query": one.query.text,
                "kind": one.query.kind,
            }
            first = {record: one.query.relevant.get(record, 0) for record in one.found[:10]}
            told |= {"part": one.part, "ndcg": round(score, 3), "first": first}
            told |= {"missing": {record: one.query.relevant[record] for record in gone}}
            found.append(told)
    return sorted(found, key=lambda told: told["ndcg"])
