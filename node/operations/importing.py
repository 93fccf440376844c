"""Publishing what files hold, so that importing the same files again publishes nothing twice.

An import is done in parts, each asked for on its own: whoever asks can show how far it is, and one
that breaks off goes on from where it was, since what is published is known again
(node/operations/import_planning.py). A file or row that cannot be read or published is listed with
its line and reason, and the rest goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from node.errors import ArgumentError
from node.importers import IMPORT_FORMATS, ImportResult, phrases, read_files
from node.importers.csv_columns import Columns, from_plain
from node.importers.csv_records import PREFIX, read_csv
from node.importers.csv_table import TABLE_BYTES_MAX, read_table
from node.importers.files import read_bytes
from node.importers.result import BrokenFileError
from node.operations.import_planning import Fate, Plan, Seen, make_plans
from node.operations.parts import Parts
from node.operations.publish import Ready
from protocol.content import Experience
from storage.import_store import Mark

GROUP_FILES = 100
CSV = "csv"
PUBLISHED, UPDATED, UNCHANGED, REFUSED = "published", "updated", "unchanged", "refused"
DUPLICATE = "duplicate"
_WORDS = {Fate.UNCHANGED: UNCHANGED, Fate.REFUSED: REFUSED, Fate.DUPLICATE: DUPLICATE,
          Fate.DRAFTED: DUPLICATE}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imported:
    """One file or row: what became of it, its record, and for a refused one line and reason."""

    file: str
    outcome: str
    record: str | None
    warnings: list[str]
    line: int | None = None
    reason: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One part of an import, and how many files or rows there are in all."""

    files: list[Imported]
    total: int


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What is to be imported; ``columns`` is the mapping of a table as it is written down."""

    format_name: str
    paths: Sequence[Path]
    columns: dict[str, Any] | None = None
    dry_run: bool = False
    duplicates: bool = False


async def import_page(parts: Parts, order: ImportOrder, after: int, count: int) -> ImportPage:
    """Import so many results after so many; raises `RecoveringError` and the like."""
    known = sorted([*IMPORT_FORMATS, CSV])
    if order.format_name not in known:
        raise ArgumentError(
            f"There is no import format {order.format_name!r}; there are {', '.join(known)}."
        )
    results = await asyncio.to_thread(_read, order)
    seen = Seen()
    seen.take(results[:after])
    await parts.projector.settled()
    done: list[Imported] = []
    chosen = results[after : after + count]
    for start in range(0, len(chosen), GROUP_FILES):
        plans = await make_plans(parts, chosen[start : start + GROUP_FILES], seen)
        done += await _import_group(parts, order, plans)
    await parts.publisher.shown()
    return ImportPage(done, len(results))


def _read(order: ImportOrder) -> list[ImportResult]:
    if order.format_name != CSV:
        return list(read_files(order.format_name, order.paths))
    columns, found = _columns(order.columns), list[ImportResult]()
    for path in order.paths:
        try:
            data = read_bytes(path, TABLE_BYTES_MAX)
        except BrokenFileError as error:
            found.append(ImportResult(path.name, "", error=error.problem))
        except OSError as error:
            raise ArgumentError(f"{path}: {error.strerror or error}.") from error
        else:
            found += [_with_path(result, path) for result in read_csv(data, path.name, columns)]
    return found


def _with_path(result: ImportResult, path: Path) -> ImportResult:
    """Rows are known by their table's whole path: two tables may each have a row 1."""
    if not result.source_key:
        return result
    row = result.source_key.removeprefix(f"{PREFIX}{path.name}")
    return replace(result, source_key=f"{PREFIX}{path.resolve()}{row}")


def _columns(plain: dict[str, Any] | None) -> Columns:
    try:
        return from_plain(plain or {})
    except BrokenFileError as error:
        raise ArgumentError(f"{error}.") from error


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of a table: its heading, what it is taken for, and its first value."""

    heading: str
    field: str
    example: str


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as it would be read; ``problems`` are what is wrong with the mapping."""

    encoding: str
    separator: str
    rows: int
    broken_rows: int
    columns: list[ColumnView]
    problems: list[str]


async def look_at_table(path: Path, plain: dict[str, Any] | None) -> TableView:
    """How a table would be read, without reading a record; raises `ArgumentError`."""
    columns = _columns(plain)

    def look() -> TableView:
        try:
            data = read_bytes(path, TABLE_BYTES_MAX)
            table = read_table(data, encoding=columns.encoding, separator=columns.separator)
        except OSError as error:
            raise ArgumentError(f"{path}: {error.strerror or error}.") from error
        except BrokenFileError as error:
            raise ArgumentError(f"{path}: {error.problem.reason}.") from error
        fields = columns.of(table.headings)
        views = [
            ColumnView(heading, fields[heading], table.example(position))
            for position, heading in enumerate(table.headings)
        ]
        problems = [str(note) for note in columns.problems(table.headings)]
        broken = len(table.problems)
        return TableView(table.encoding, table.separator, len(table.rows), broken, views, problems)

    return await asyncio.to_thread(look)


async def _import_group(parts: Parts, order: ImportOrder, plans: Sequence[Plan]) -> list[Imported]:
    """Publish what one group of plans gives; in a dry run, tell what it would be."""
    taken = {Fate.NEW, Fate.CHANGED} | (
        {Fate.DUPLICATE, Fate.DRAFTED} if order.duplicates else set()
    )
    done = {number: _left(plan) for number, plan in enumerate(plans) if plan.fate not in taken}
    planned = {number: plan for number, plan in enumerate(plans) if plan.fate in taken}
    checked = await parts.publisher.check(
        "experience", [_content(plan) for plan in planned.values()]
    )
    ready: dict[int, Ready] = {}
    for (number, plan), item in zip(planned.items(), checked, strict=True):
        if isinstance(item, ArgumentError):
            done[number] = _refused(plan.result, str(item))
        else:
            ready[number] = item
    if order.dry_run:
        records = dict.fromkeys(ready, "")
    else:
        written = await parts.publisher.write(list(ready.values()))
        records = {number: entry.record for number, entry in zip(ready, written, strict=True)}
        await _remember(parts, plans, records)
    for number, record in records.items():
        plan = plans[number]
        word = UPDATED if plan.fate is Fate.CHANGED else PUBLISHED
        imported = _imported(plan.result, word, record or None)
        noted = [str(plan.note)] if plan.note and plan.fate is Fate.NEW else []
        done[number] = replace(imported, warnings=noted + imported.warnings)
    return [done[number] for number in range(len(plans))]


async def _remember(parts: Parts, plans: Sequence[Plan], records: dict[int, str]) -> None:
    """Keep what was published under which source, and what was there already."""
    marks = {
        plans[number].source: Mark(plans[number].digest, None, bytes.fromhex(record))
        for number, record in records.items()
    }
    marks |= {
        plan.source: Mark(plan.digest, None, plan.record)
        for plan in plans
        if plan.fate is Fate.UNCHANGED
    }
    await parts.import_store.put_marks(marks)


def _content(plan: Plan) -> Experience:
    assert plan.result.experience is not None
    record = plan.record if plan.fate is Fate.CHANGED else None
    return plan.result.experience.model_copy(update={"replaces": record.hex() if record else None})


def _left(plan: Plan) -> Imported:
    if plan.fate is Fate.REFUSED:
        problem = plan.result.error
        return _refused(plan.result, str(plan.note), problem.line if problem else None)
    record = plan.record.hex() if plan.record else None
    done = _imported(plan.result, _WORDS[plan.fate], record)
    if plan.fate is Fate.UNCHANGED:
        return done
    return replace(done, reason=str(plan.note or phrases.DRAFT_OF_IT))


def _imported(result: ImportResult, outcome: str, record: str | None) -> Imported:
    warnings = [str(warning) for warning in result.warnings]
    title = result.experience.title if result.experience else ""
    return Imported(result.file_name, outcome, record, warnings, result.row, title=title)


def _refused(result: ImportResult, reason: str, line: int | None = None) -> Imported:
    warnings = [str(warning) for warning in result.warnings]
    return Imported(result.file_name, REFUSED, None, warnings, result.row or line or 1, reason)
