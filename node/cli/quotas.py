"""Commands about quotas: `tidan member quota` for a log, `tidan peer quota` for a neighbour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from node.cli.command import Console, TidanCommand, moment, pass_console, table
from node.operations.quota_operations import MEGABYTE_BYTES
from storage.quota_store import QuotaKind

Command = TypeVar("Command", bound=Callable[..., Any])


def _changing(command: Command) -> Command:
    """Options that change a quota."""
    for option in (
        click.option("--reason", default="", help="Why; kept in the audit trail."),
        click.option("--default", "restore", is_flag=True, help="As the settings say, again."),
        click.option("--megabytes", type=int, metavar="N", help="Before compression."),
        click.option("--entries", type=int, metavar="N", help="How many entries at most."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(
    cls=TidanCommand,
    name="quota",
    examples=[
        "tidan member quota 4f1c09ab",
        'tidan member quota 4f1c09ab --entries 1000000 --reason "they have moved an archive here"',
        "tidan member quota 4f1c09ab --default",
    ],
)
@click.argument("log")
@_changing
@pass_console
def member_quota(console: Console, /, log: str, **given: Any) -> None:
    """Show or change how much is kept of the log that begins with LOG.

    At the quota nothing more of the log is taken in. What is here stays, and other logs go on.
    Raise the quota, and the rest is fetched by itself.
    """
    _quota(console, QuotaKind.LOG, log, **given)


@click.command(
    cls=TidanCommand,
    name="quota",
    examples=[
        "tidan peer quota 4f1c09ab",
        "tidan peer quota 4f1c09ab --megabytes 20000",
        "tidan peer quota 4f1c09ab --default",
    ],
)
@click.argument("log")
@_changing
@pass_console
def peer_quota(console: Console, /, log: str, **given: Any) -> None:
    """Show or change how much the neighbour whose log begins with LOG may bring in 24 hours.

    At the quota no more entries are fetched from it until the day is over, beside those of our own
    log. What other neighbours have comes as usual. Raise the quota, and it goes on by itself.
    """
    _quota(console, QuotaKind.NEIGHBOUR, log, **given)


def _quota(
    console: Console,
    kind: QuotaKind,
    log: str,
    *,
    entries: int | None,
    megabytes: int | None,
    restore: bool,
    reason: str,
) -> None:
    limits = entries is not None or megabytes is not None
    if restore and (limits or reason):
        raise click.UsageError("Give --default alone, or say how many.")
    if reason and not limits:
        raise click.UsageError("A reason goes with --entries or --megabytes.")
    if restore:
        found = console.ask("restore_quota", kind=kind.value, log=log)
    elif limits:
        found = console.ask(
            "change_quota",
            kind=kind.value,
            log=log,
            entries=entries,
            megabytes=megabytes,
            reason=reason,
        )
    else:
        found = console.ask("quotas", log=log)
    quota = found["kept"] if kind is QuotaKind.LOG else found["neighbour"]
    if quota is None:
        raise click.UsageError("That is no neighbour. For what is kept of it: tidan member quota")
    console.show(found, [found["name"] or found["log"][:16], "", *_lines(quota)])


def _lines(quota: dict[str, Any]) -> list[str]:
    rows = [
        ["entries", quota["entries"], quota["entries_max"]],
        ["megabytes", _tenths(quota["size_bytes"]), quota["bytes_max"] // MEGABYTE_BYTES],
    ]
    heading = "NOW" if quota["kind"] == QuotaKind.LOG else "THIS DAY"
    lines = table(["QUOTA", heading, "AT MOST"], rows)
    if quota["is_changed"]:
        default = f"{quota['default_entries']} / {quota['default_bytes'] // MEGABYTE_BYTES} MB"
        lines.append(f"Changed here; the settings say {default}.")
    if quota["until_ms"]:
        lines.append(f"The day ends at {moment(quota['until_ms'])}.")
    if quota["waiting"]:
        lines.append(f"At least {quota['waiting']} entries wait beyond it.")
    if quota["is_reached"]:
        lines.append("The quota is reached. Raise it, or block them: tidan member block")
    return lines


def _tenths(size_bytes: int) -> str:
    return f"{size_bytes / MEGABYTE_BYTES:.1f}"
