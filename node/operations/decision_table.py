"""Decisions about municipalities as a table: written to a file, and read back as what would change.

Pure. A file only says something about the municipalities that stand in it; whoever is not there
stays as decided. A row that cannot be understood changes nothing and says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from node.importers.csv_table import Row, Table
from node.operations.standings import Decision
from node.spreadsheets import unguarded
from protocol.directory import Standing
from protocol.limits import ID_BYTES, NAME_CHARS_MAX
from storage.log_registry import REASON_CHARS_MAX, LogRow

ID, CODE, NAME, DECISION, REASON, NOTE, SINCE = (
    *("id", "kommunkod", "kommun", "beslut", "skäl", "anteckning", "sedan"),
)
COLUMNS: Final = (ID, CODE, NAME, DECISION, REASON, NOTE, SINCE)
NEEDED: Final = (ID, DECISION)
WORDS: Final = {
    Standing.MEMBER: "medlem",
    Standing.IGNORED: "inte nu",
    Standing.BLOCKED: "blockerad",
}
_STANDINGS: Final = {words: standing for standing, words in WORDS.items()} | {
    standing.value: standing for standing in WORDS
}


class Fault(StrEnum):
    """Why a row changes nothing."""

    NO_ID = "no_id"
    OWN = "own"
    TWICE = "twice"
    NO_DECISION = "no_decision"
    NO_REASON = "no_reason"
    LONG = "long"
    BROKEN = "broken"


class State(NamedTuple):
    """What is decided about a log; no standing: nothing is known of it."""

    standing: Standing | None
    reason: str = ""
    public_note: str = ""


class PlannedRow(NamedTuple):
    """One row of a file: what holds now and what it would be, or why it changes nothing."""

    number: int
    log: str
    code: str
    name: str
    before: State
    after: State
    fault: Fault | None = None

    @property
    def changes(self) -> bool:
        """Whether carrying it out changes anything."""
        return self.fault is None and self.before != self.after

    @property
    def decision(self) -> Decision:
        """What is to be carried out; only of a row without a fault."""
        standing, reason, note = self.after
        assert standing is not None
        return Decision(bytes.fromhex(self.log), standing, reason, note, self.code, self.name)


class MissingColumnError(Exception):
    """A file lacks a column without which no row can be understood."""


def table_rows(rows: Iterable[LogRow]) -> list[LogRow]:
    """The logs that somebody has decided about, in the order of a file."""
    decided = [row for row in rows if row.standing in WORDS]
    return sorted(decided, key=lambda row: (row.standing.value, row.name, row.log))


def plan(table: Table, known: Mapping[str, LogRow], own_log: str) -> list[PlannedRow]:
    """What a file would change; raises `MissingColumnError`."""
    places = {name.casefold(): place for place, name in enumerate(table.headings)}
    for needed in NEEDED:
        if needed not in places:
            raise MissingColumnError(needed)
    seen: set[str] = set()
    rows = [_plan_row(row, places, known, own_log, seen) for row in table.rows]
    broken = [
        PlannedRow(problem.line, "", "", "", State(None), State(None), Fault.BROKEN)
        for problem in table.problems
    ]
    return sorted([*rows, *broken], key=lambda row: row.number)


def seal(rows: Sequence[PlannedRow]) -> str:
    """A digest of what would change, so that exactly what was shown is carried out."""
    said = [(row.log, row.before, row.after) for row in rows if row.changes]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _plan_row(
    row: Row, places: Mapping[str, int], known: Mapping[str, LogRow], own_log: str, seen: set[str]
) -> PlannedRow:
    def cell(name: str) -> str:
        place = places.get(name)
        text = row.cells[place] if place is not None and place < len(row.cells) else ""
        return _plain(unguarded(text))

    log, found = cell(ID).lower(), known.get(cell(ID).lower())
    code = found.code if found else cell(CODE)[:4]
    name = (found.name if found else "") or cell(NAME)[:NAME_CHARS_MAX]
    before = _state(found)
    standing = _STANDINGS.get(cell(DECISION).casefold())
    after = State(standing, cell(REASON), cell(NOTE))
    planned = PlannedRow(row.number, log, code, name, before, after)
    fault = _fault(planned, own_log, seen)
    seen.add(log)
    return planned._replace(fault=fault)


def _fault(row: PlannedRow, own_log: str, seen: set[str]) -> Fault | None:
    if len(row.log) != 2 * ID_BYTES or row.log.strip("0123456789abcdef"):
        return Fault.NO_ID
    if row.log == own_log:
        return Fault.OWN
    if row.log in seen:
        return Fault.TWICE
    if row.after.standing is None:
        return Fault.NO_DECISION
    if row.after.standing is Standing.BLOCKED and not row.after.reason:
        return Fault.NO_REASON
    if max(len(row.after.reason), len(row.after.public_note)) > REASON_CHARS_MAX:
        return Fault.LONG
    return None


def _state(row: LogRow | None) -> State:
    if row is None:
        return State(None)
    return State(row.standing, _plain(row.reason), _plain(row.public_note))


def _plain(text: str) -> str:
    """A text on one line, as a cell holds it."""
    return " ".join(text.split())
