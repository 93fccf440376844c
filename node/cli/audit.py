"""Commands about who has done what: list and export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from node.api import audit_export, csv_export
from node.cli.command import Console, TidanGroup, moment, pass_console, table
from node.operations.audit_operations import PAGE_LINES_MAX
from node.operations.audit_reading import AuditLine
from node.web.language import languages

Command = Callable[..., Any]


@click.group(cls=TidanGroup)
def audit() -> None:
    """Who has decided and published what; the list stays on this node."""


def narrowed(command: Command) -> Command:
    """Options that say which lines are meant."""
    for option in (
        click.option("--until", default="", metavar="DAY", help="The last day, as 2026-11-26."),
        click.option("--since", default="", metavar="DAY", help="The first day."),
        click.option("--text", default="", help="Words in the detail, such as a reason."),
        click.option("--about", default="", help="A user, a municipality or an id."),
        click.option("--what", default="", metavar="ACTION", help='Such as "member blocked".'),
        click.option("--who", default="", metavar="USER", help="Who did it."),
    ):  # fmt: skip
        command = option(command)
    return command


@audit.command(
    name="list",
    examples=["tidan audit list", "tidan audit list --about Hjo --since 2026-11-01"],
)
@narrowed
@click.option("--limit", default=50, type=click.IntRange(1, PAGE_LINES_MAX), help="How many.")
@pass_console
def list_lines(console: Console, /, limit: int, **asked: str) -> None:
    """List what was done, the newest first."""
    lines = console.ask("audit_lines", limit=limit, **asked)
    rows = [
        [
            moment(line["time_ms"]),
            line["actor"],
            line["action"],
            line["subject_name"] or line["subject"][:16],
            line["detail"],
        ]
        for line in lines
    ]
    console.show(lines, table(["WHEN", "WHO", "WHAT", "ABOUT", "DETAIL"], rows))


@audit.command(
    examples=[
        "tidan audit export > audit.csv",
        "tidan audit export --format jsonl --since 2026-01-01 > audit.jsonl",
    ]
)
@narrowed
@click.option(
    "--format", "form", default="csv", type=click.Choice(["csv", "jsonl"]), help="Kind of file."
)
@pass_console
def export(console: Console, /, form: str, **asked: str) -> None:
    """Write what was done to standard output, the newest first: all of it that is asked for."""
    output = sys.stdout.buffer
    if form == "csv":
        output.write(csv_export.beginning(audit_export.HEADINGS))
    for lines in _pages(console, asked):
        english = languages()["en"]
        is_csv = form == "csv"
        output.write(
            audit_export.csv_rows(lines, english) if is_csv else audit_export.json_rows(lines)
        )


def _pages(console: Console, asked: dict[str, str]) -> Iterator[list[AuditLine]]:
    before: int | None = None
    while True:
        found = console.ask("audit_lines", before=before, limit=PAGE_LINES_MAX, **asked)
        if not found:
            return
        yield [AuditLine(**line) for line in found]
        before = found[-1]["number"]
