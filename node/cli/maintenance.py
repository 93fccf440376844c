"""Commands that look after the node: status and rebuild."""

from __future__ import annotations

from typing import Any

import click

from node.cli.command import Console, TidanCommand, pass_console
from node.cli.progress import display, show_stage


@click.command(cls=TidanCommand, examples=["tidan status", "tidan status --json"])
@pass_console
def status(console: Console) -> None:
    """Show the node's state: own log, records, logs, neighbours."""
    found = console.ask("status", with_digest=console.as_json)
    lines = [
        f"{found['name']} ({found['code']})",
        f"  Log          {found['log']}",
        f"  Fingerprint  {found['fingerprint']}",
        f"  Own entries  {found['sequence']}",
        f"  Records      {found['records']}",
        f"  Logs         {found['logs']}",
        f"  Neighbours   {found['neighbours']} ({found['connected']} connected)",
    ]
    files = found["attachments"]
    lines.append(
        f"  Attachments  {files['held']} ({in_megabytes(files['held_bytes'])}),"
        f" {files['wanted']} on their way ({in_megabytes(files['wanted_bytes'])})"
    )
    lines.append(f"  Disk free    {in_megabytes(found['disk_free_bytes'])}")
    if found["waiting_members"]:
        waiting = found["waiting_members"]
        lines.append(
            f"{waiting} waiting for a decision: `tidan member list`, then accept or ignore."
        )
    if found["frozen_logs"]:
        lines.append(f"{found['frozen_logs']} frozen by a fork: see docs/errors.md.")
    if found["own_frozen"]:
        lines.append("OUR OWN LOG HAS A FORK, nothing is signed: see tidan key rotate --help.")
    if found["has_left"]:
        lines.append("THE MUNICIPALITY HAS LEFT, nothing more is signed: see tidan leave --help.")
    if found["projection_lag"]:
        lines.append(f"{found['projection_lag']} entries do not show on the pages yet.")
    if found["recovering"]:
        lines.append(f"RECOVERING, nothing is signed: {found['recovering']}.")
        if found["waits_for"]:
            names = ", ".join(one["name"] for one in found["waits_for"])
            lines.append(f"No answer yet from {names}.")
            lines.append("If this is no old copy: tidan peer pause, or tidan recover --override")
        else:
            lines.append("What is missing and how to go on: tidan key status")
    console.show(found, lines)


def in_megabytes(size_bytes: int) -> str:
    """A size as a person reads it, in MB of a million bytes."""
    return f"{size_bytes / 1_000_000:,.1f} MB"


@click.command(cls=TidanCommand, examples=["tidan rebuild"])
@pass_console
def rebuild(console: Console) -> None:
    """Make all that is derived from the log anew (records, counts, search).

    The log itself is not touched. The digest is equal on nodes that hold the same logs.
    """
    with display(silent=console.as_json) as shown:

        def look(progress: dict[str, Any]) -> None:
            show_stage(shown, "Rebuilding", progress["shown"])

        rebuilt = console.ask_watching("rebuild", look)
        shown.complete()
    console.show(
        rebuilt,
        [
            f"Rebuilt from {rebuilt['entries']} entries.",
            f"  Digest  {rebuilt['projection_digest']}",
        ],
    )
