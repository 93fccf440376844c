"""Verbs about decisions as a table: all of them, and what a file would change or changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.errors import ArgumentError
from node.importers.csv_table import read_table
from node.importers.result import BrokenFileError
from node.operations.decision_table import (
    MissingColumnError,
    PlannedRow,
    plan,
    seal,
    table_rows,
)
from node.operations.neighbour_operations import NeighbourOperations

DECISIONS_BYTES_MAX = 300_000


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided about one log; `standing` is member, ignored or blocked."""

    log: str
    code: str
    name: str
    standing: str
    reason: str
    public_note: str
    standing_ms: int


@dataclass(frozen=True, slots=True)
class PlannedDecision:
    """One row of a file and what it would change; `fault` says why it changes nothing, or is ""."""

    number: int
    log: str
    code: str
    name: str
    before: str
    standing: str
    reason: str
    public_note: str
    fault: str
    changes: bool


@dataclass(frozen=True, slots=True)
class ImportedDecisions:
    """A file read; `done` when its changes were carried out. `seal` stands for these changes."""

    rows: list[PlannedDecision]
    changed: int
    seal: str
    done: bool


class DecisionOperations(NeighbourOperations):
    """The part of `Operations` that is about many decisions at once."""

    async def decisions(self) -> list[DecisionRow]:
        """Everything that was decided about municipalities here."""
        return [
            DecisionRow(
                log=row.log.hex(),
                code=row.code,
                name=row.name,
                standing=row.standing.value,
                reason=row.reason,
                public_note=row.public_note,
                standing_ms=row.standing_ms,
            )
            for row in table_rows(await self._parts.log_store.logs())
        ]

    async def import_decisions(
        self, text: str, dry_run: bool = True, seal_shown: str = ""
    ) -> ImportedDecisions:
        """Read a CSV file's text, and unless it is a dry run carry out what it changes.

        With `seal_shown`, that of an earlier reading, nothing is done when the changes are others
        by now. Raises `ArgumentError` for what is no such file.
        """
        rows = await self._planned(text)
        sealed = seal(rows)
        wanted = [row for row in rows if row.changes]
        done = not dry_run and seal_shown in ("", sealed)
        if done:
            for row in wanted:
                await self._parts.standings.carry_out(row.decision, self._actor)
                await self._follow_standing(row.decision.log)
        return ImportedDecisions(_views(rows), len(wanted), sealed, done)

    async def _planned(self, text: str) -> Sequence[PlannedRow]:
        data = text.encode()
        if len(data) > DECISIONS_BYTES_MAX:
            raise ArgumentError(f"A file of decisions has at most {DECISIONS_BYTES_MAX} bytes.")
        known = {row.log.hex(): row for row in await self._parts.log_store.logs()}
        try:
            return plan(read_table(data), known, self._parts.own_log.hex())
        except BrokenFileError as error:
            raise ArgumentError(f"Line {error.problem.line}: {error.problem.reason}.") from error
        except MissingColumnError as error:
            raise ArgumentError(f"The column {str(error)!r} is missing.") from error


def _views(rows: Sequence[PlannedRow]) -> list[PlannedDecision]:
    return [
        PlannedDecision(
            number=row.number,
            log=row.log,
            code=row.code,
            name=row.name,
            before=row.before.standing or "",
            standing=row.after.standing or "",
            reason=row.after.reason,
            public_note=row.after.public_note,
            fault=row.fault or "",
            changes=row.changes,
        )
        for row in rows
    ]
