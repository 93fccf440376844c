"""The command that says what needs a person."""

from __future__ import annotations

import click

from node.cli.command import FAILED, Console, TidanCommand, moment, pass_console
from node.cli.scrubbing import scrub_lines


@click.command(cls=TidanCommand, examples=["tidan doctor", "tidan doctor --json"])
@click.pass_context
@pass_console
def doctor(console: Console, context: click.Context) -> None:
    """Say what needs a person: the same as the page Att åtgärda.

    Exit code 1 when there is something, so that a watching program can tell.
    """
    found = console.ask("examine")
    lines = []
    for alert in found["alerts"]:
        lines += [
            alert["title"],
            f"  {alert['cause']}",
            f"  What to do: {alert['action']}",
            f"  Noticed {moment(alert['noticed_ms'])}; code {alert['code']}.",
        ]
    if not found["alerts"]:
        lines.append("Nothing needs a person.")
    lines += scrub_lines(found["scrubbed"])
    if not found["serves"]:
        lines.append("The node does not serve, so its neighbours were not judged.")
    console.show(found, lines)
    if found["alerts"]:
        context.exit(FAILED)
