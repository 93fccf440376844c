"""Commands about many decisions at once, as a table: `tidan member export` and `import`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from node.api import decision_export
from node.cli.command import FAILED, Console, TidanCommand, pass_console, table
from node.errors import ArgumentError
from node.importers.result import BrokenFileError
from node.importers.texts import decode

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FAULTS = {
    "no_id": "the id is not 64 hexadecimal digits",
    "own": "that is our own log",
    "twice": "the same id stands further up",
    "no_decision": "the decision is not medlem, inte nu or blockerad",
    "no_reason": "a block needs a reason (skäl)",
    "long": "the reason or the note is too long",
    "broken": "the row cannot be read",
}


@click.command(
    name="export",
    cls=TidanCommand,
    examples=["tidan member export > beslut.csv"],
)
@pass_console
def export_decisions(console: Console) -> None:
    """Write every decision about a municipality to standard output, as CSV.

    Reasons are in it; they were written for this municipality alone.
    """
    rows = console.ask("decisions")
    if console.as_json:
        console.show(rows, [])
    else:
        sys.stdout.buffer.write(decision_export.whole_file(rows))


@click.command(
    name="import",
    cls=TidanCommand,
    examples=["tidan member import --dry-run beslut.csv", "tidan member import beslut.csv"],
)
@click.argument("path", metavar="FILE", type=A_FILE)
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@click.pass_context
@pass_console
def import_decisions(console: Console, context: click.Context, path: Path, dry_run: bool) -> None:
    """Carry out the decisions in a CSV file; logs that are not in it stay as they are.

    Needed are the columns id and beslut (medlem, inte nu, blockerad); skäl, anteckning, kommunkod
    and kommun are read when they are there. A block needs a reason (skäl). Rows that cannot be
    understood are listed and change nothing; exit code 1 when there is one.
    """
    try:
        text = decode(path.read_bytes(), windows_too=True).text
    except BrokenFileError as error:
        raise ArgumentError(f"Line {error.problem.line}: {error.problem.reason}.") from error
    found = console.ask("import_decisions", text=text, dry_run=dry_run)
    console.show(found, _lines(found, dry_run))
    if any(row["fault"] for row in found["rows"]):
        context.exit(FAILED)


def _lines(found: dict[str, Any], dry_run: bool) -> list[str]:
    changes = [row for row in found["rows"] if row["changes"]]
    faulty = [row for row in found["rows"] if row["fault"]]
    rows = [
        [
            row["log"][:16],
            row["name"] or "not heard from yet",
            row["before"] or "unknown",
            row["standing"],
            row["reason"] + (f" / {row['public_note']}" if row["public_note"] else ""),
        ]
        for row in changes
    ]
    lines = table(["LOG", "MUNICIPALITY", "NOW", "BECOMES", "REASON / NOTE"], rows) if rows else []
    lines += [f"Row {row['number']} changes nothing: {FAULTS[row['fault']]}." for row in faulty]
    verb = "would change" if dry_run else "changed"
    return [*lines, f"{len(changes)} {verb}, {len(found['rows']) - len(changes)} did not."]
