"""Which statements a program really executes, and how the database would find their rows.

Statements are noted as they go out: those of SQLAlchemy at its cursor, the prepared steps of the
hot path where they are spelled. Afterwards each is explained by the database that ran it, and
judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from sqlalchemy import CheckConstraint, Connection, Dialect, Engine, ForeignKeyConstraint, event
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.prepared import Prepared, Spelled
from storage.schema import PROJECTIONS, logs

GROWING = frozenset(
    "runs records record_versions comments uses interests helped unreadable audit drafts"
    " attachments blobs".split()
)
"""Tables that grow with entries, records, decisions or drafts. The others, with logs or people."""

ALLOWED = {
    r"FROM drafts WHERE drafts.title !=": "an import is compared with the drafts there are",
    r"coalesce\(sum\(blobs.size_bytes\)": "how much room all files take is added up",
    r"sum\(runs.size_bytes\).* GROUP BY": "once at start the sizes of all logs are added up",
    r"unnamed_ms (IS|<)": "once an hour all files are gone through for those that nothing names",
    r"^DELETE FROM (\w+)$": "a rebuild empties every projection",
    r"ORDER BY logs.log_id, \w+.sequence(, \w+.\w+)*$": "the digest is over all rows, in one order",
}
"""Statements that may read a whole table, and why."""

_IDS = ("record_id", "entry_id", "introduced")
_BY_ONE_RECORD = re.compile(r"\b(record_id|entry_id)=\?")
_ON_SQLITE = re.compile(r"^(SCAN|SEARCH) (\w+)(?: .*?INDEX (\w+))?")


INDEXES = {
    str(item.name): (table.name, next(iter(item.columns)).name)
    for table in logs.metadata.sorted_tables
    for item in (*table.indexes, *table.constraints)
    if not isinstance(item, CheckConstraint | ForeignKeyConstraint)
}
"""By name: the table that an index or a key of it is on, and its first column."""


class Plan(NamedTuple):
    """A statement, the steps by which it finds its rows, and which of them read too much."""

    statement: str
    steps: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def is_allowed(self) -> bool:
        """Whether it is among those that may."""
        return any(re.search(pattern, self.statement) for pattern in ALLOWED)

    @property
    def indexes(self) -> set[str]:
        """The indexes it uses."""
        return set(re.findall(r"\bix_\w+", " ".join(self.steps)))


@contextmanager
def noted_statements(monkeypatch: pytest.MonkeyPatch, dialect_name: str) -> Iterator[set[str]]:
    """Collect every statement that any database of one kind executes meanwhile."""
    found: set[str] = set()
    spelled = Prepared.spelled

    def note(statement: str, dialect: Dialect) -> None:
        if dialect.name == dialect_name:
            found.add(" ".join(statement.split()))

    def note_executed(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        note(statement, connection.dialect)

    def note_step(prepared: Prepared, dialect: Dialect) -> Spelled:
        result = spelled(prepared, dialect)
        note(result.text, dialect)
        return result

    event.listen(Engine, "before_cursor_execute", note_executed)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Prepared, "spelled", note_step)
            yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note_executed)


async def grow(connection: AsyncConnection) -> None:
    """Multiply what the tables hold: PostgreSQL plans by size, and reads a small table whole."""
    for table in PROJECTIONS:
        columns = ", ".join(
            f"sha256({column.name} || int4send(number))" if column.name in _IDS else column.name
            for column in table.columns
        )
        names = ", ".join(column.name for column in table.columns)
        await connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) SELECT {columns}"
            f" FROM (SELECT * FROM {table.name} LIMIT 30) AS few,"
            f" generate_series(1, 300) AS number ON CONFLICT DO NOTHING"
        )
    await connection.exec_driver_sql("ANALYZE")


async def explain(connection: AsyncConnection, statements: set[str]) -> list[Plan]:
    """Plan each statement that finds rows of a growing table."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        for setting in ("seqscan", "sort", "hashjoin", "mergejoin"):
            # Little data makes these the cheapest; what is asked is whether an index can serve.
            await connection.exec_driver_sql(f"SET LOCAL enable_{setting} = off")
        await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    plans = []
    for statement in sorted(statements):
        words = re.findall(r"\w+", statement)
        if words[0] in {"SELECT", "UPDATE", "DELETE"} and GROWING.intersection(words):
            judge = _on_postgresql if is_postgresql else _on_sqlite
            plans.append(await judge(connection, statement))
    return plans


async def _on_sqlite(connection: AsyncConnection, statement: str) -> Plan:
    values = (None,) * statement.count("?")
    rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    steps = tuple(row[3] for row in rows)
    sorts = [step for step in steps if step.startswith("USE TEMP B-TREE FOR") and "ORDER" in step]
    reads = [(step, found) for step in steps if (found := _ON_SQLITE.match(step))]
    grown = [(step, found[1]) for step, found in reads if found[2] in GROWING]
    # Reading in the order of an index or of the row numbers ends with the page that is asked for.
    ends_early = " LIMIT " in statement and not sorts
    faults = [step for step, verb in grown if verb == "SCAN" and not ends_early]
    if not all(_BY_ONE_RECORD.search(step) for step, _ in grown):
        faults += sorts
    return Plan(statement, steps, tuple(faults))


async def _on_postgresql(connection: AsyncConnection, statement: str) -> Plan:
    count = max((int(number) for number in re.findall(r"\$(\d+)", statement)), default=0)
    await connection.exec_driver_sql(f"PREPARE explained AS {statement}")
    values = f"({', '.join(['NULL'] * count)})" if count else ""
    rows = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) EXECUTE explained{values}")
    document = rows.scalar_one()
    await connection.exec_driver_sql("DEALLOCATE explained")
    root = (json.loads(document) if isinstance(document, str) else document)[0]["Plan"]
    steps: list[str] = []
    faults: list[str] = []
    for node, ends_early in _nodes(root, ends_early=False):
        parts = (node.get(key) for key in ("Node Type", "Relation Name", "Index Name"))
        step = " ".join(part for part in parts if part)
        steps.append(step)
        if _reads_all(node) and not ends_early:
            faults.append(step)
    return Plan(statement, tuple(steps), tuple(faults))


def _reads_all(node: dict[str, Any]) -> bool:
    """Whether a node of PostgreSQL's plan reads all of a growing table, or of an index of it.

    A condition on a later column of an index than its first leaves all of the index to be read.
    """
    if "Index Name" not in node:
        return node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING
    table, first_column = INDEXES[node["Index Name"]]
    return table in GROWING and first_column not in re.findall(r"\w+", node.get("Index Cond", ""))


def _nodes(node: dict[str, Any], *, ends_early: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield all nodes of a plan, and whether a limit above stops each before its end."""
    kind = node["Node Type"]
    yield node, ends_early
    passes = ends_early and kind in {"Nested Loop", "Subquery Scan", "Result"}
    for part in node.get("Plans", ()):
        yield from _nodes(part, ends_early=kind == "Limit" or passes)
