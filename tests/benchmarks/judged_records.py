"""The judged records as logs of their municipalities, and the queries that go with them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from node.municipal import municipalities
from protocol import strict_json
from tests.benchmarks.foreign_logs import Run, run_entries, signed_runs

FOLDER = Path(__file__).resolve().parents[1] / "judged"
QUERIES, HELD_OUT = "queries", "held out"
BEGUN = datetime(2020, 1, 1, tzinfo=UTC)
_NO_CONTENT = ("id", "municipality", "year")
_RUN_BYTES = 4_000


class Query(NamedTuple):
    """One judged query; ``relevant`` holds the grade (1 to 3) of each record that is any use."""

    id: str
    text: str
    kind: str
    relevant: Mapping[str, int]


@cache
def records() -> dict[str, dict[str, Any]]:
    """Return the records by their id, as tests/judged/README.md describes them."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((FOLDER / "records").glob("*.jsonl")):
        found.update({record["id"]: record for record in _lines(path)})
    return found


def queries() -> dict[str, list[Query]]:
    """Return those that the engine was made with, and those held out."""
    made = [query for path in sorted((FOLDER / QUERIES).glob("*.jsonl")) for query in _read(path)]
    return {QUERIES: made, HELD_OUT: list(_read(FOLDER / "held_out" / "queries.jsonl"))}


def _read(path: Path) -> Iterator[Query]:
    for line in _lines(path):
        yield Query(line["id"], line["query"], line["kind"], line["relevant"])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def content_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of the entry that says it."""
    said = {name: value for name, value in record.items() if name not in _NO_CONTENT}
    return {"schema": 1, "contact": {"role": "Utvecklingsledare"}, "example": True} | said


def texts_of(record: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return title, summary and all other words of a record, as any engine is given them."""
    others = ("situation", "actions", "results", "advice")
    products = [text for item in record.get("products", ()) for text in item.values()]
    place = _official_name(record["municipality"])
    rest = [*(record.get(name, "") for name in others), *record.get("tags", ()), *products]
    return record["title"], record["summary"], "\n".join([*rest, place])


def judged_logs() -> Iterator[Iterator[Run]]:
    """Yield a log for each municipality, its records from the oldest to the newest."""
    by_place: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records().values():
        by_place[record["municipality"]].append(record)
    begun_ms = int(BEGUN.timestamp() * 1_000)
    for code, own in sorted(by_place.items()):
        dated = [
            (_middle_ms(record["year"]), strict_json.dumps(content_of(record)))
            for record in sorted(own, key=lambda record: (record["year"], record["id"]))
        ]
        place = (code, _official_name(code))
        yield signed_runs(f"judged {code}", place, begun_ms, iter(dated), run_entries(_RUN_BYTES))


def _official_name(code: str) -> str:
    place = municipalities.by_code(code)
    if place is None:
        raise ValueError(f"no municipality has the code {code}")
    return place.official_name


def _middle_ms(year: int) -> int:
    return int(datetime(year, 6, 30, tzinfo=UTC).timestamp() * 1_000)
