"""`tidan scrub`: check everything that is stored, or say what the last check found."""

from __future__ import annotations

from typing import Any

import click

from node.cli.command import FAILED, Console, TidanCommand, moment, pass_console
from node.cli.maintenance import in_megabytes


@click.command(
    cls=TidanCommand, examples=["tidan scrub", "tidan scrub --last", "tidan scrub --json"]
)
@click.option("--last", is_flag=True, help="Say what the last check found; check nothing now.")
@click.pass_context
@pass_console
def scrub(console: Console, context: click.Context, last: bool) -> None:
    """Read and check every stored entry and attachment, now and as fast as it goes.

    A running node does it by itself once a day, slowly. What the disk has changed is neither shown
    nor passed on; it is asked of the neighbours again. Exit code 1 when something is not back yet.
    """
    found = console.ask("scrubbed" if last else "scrub")
    console.show(found, scrub_lines(found))
    if found["left_entries"] or found["left_files"] or _unreadable(found):
        context.exit(FAILED)


def _unreadable(found: dict[str, Any]) -> int:
    return int(found["last"]["unreadable_logs"]) if found["last"] else 0


def scrub_lines(found: dict[str, Any]) -> list[str]:
    """What the last check came to, as lines for a person."""
    last = found["last"]
    if last is None:
        return ["Nothing stored has been checked yet; `tidan scrub` does it now."]
    read = f"{last['entries']:,} entries, {last['files']:,} attachments"
    lines = [f"Checked {moment(last['ended_ms'])}: {read} ({in_megabytes(last['size_bytes'])})."]
    if last["damaged_entries"] or last["damaged_files"]:
        lines.append(
            f"  The disk had changed {last['damaged_entries']:,} entries and"
            f" {last['damaged_files']:,} attachments."
        )
    else:
        lines.append("  All of it is what was stored.")
    if found["left_entries"] or found["left_files"]:
        lines.append(
            f"  Not back yet: {found['left_entries']:,} entries, {found['left_files']:,}"
            " attachments. A running node asks its neighbours for them."
        )
    if last["unreadable_logs"]:
        lines.append(
            f"  {last['unreadable_logs']:,} logs could not be read or do not add up: see"
            " docs/operating.md, the section about a damaged disk."
        )
    return lines
