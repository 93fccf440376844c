"""Commands about members: whose logs this node accepts, ignores or blocks."""

from __future__ import annotations

from typing import Any

import click

from node.cli.command import Console, TidanGroup, moment, pass_console, table
from node.cli.decisions import export_decisions, import_decisions
from node.cli.quotas import member_quota


@click.group(cls=TidanGroup)
def member() -> None:
    """Logs and what was decided about them."""


@member.command(name="list", examples=["tidan member list", "tidan member list --waiting"])
@click.option("--waiting", is_flag=True, help="Only those that wait for a decision.")
@pass_console
def list_members(console: Console, waiting: bool) -> None:
    """List every log known here, with our decision and who introduced it."""
    members = console.ask("members")
    if waiting:
        members = [item for item in members if item["standing"] == "introduced"]
    rows = [
        [
            item["log"][:16],
            item["standing"] + (" FROZEN" if item["frozen"] else ""),
            item["sequence"],
            f"{item['name']} ({item['code']})" if item["code"] else "not heard from yet",
            ", ".join(item["introduced_by"]),
        ]
        for item in members
    ]
    lines = table(["LOG", "STANDING", "ENTRIES", "MUNICIPALITY", "INTRODUCED BY"], rows)
    alarms = [
        f"Look out: {item['log'][:16]} claims the same code as another log, {item['code']}."
        for item in members
        if item["alarm"]
    ]
    console.show(members, [*lines, *alarms])


@member.command(examples=["tidan member accept 4f1c09ab"])
@click.argument("log")
@click.option("--reason", default="", help="Kept in the audit trail.")
@pass_console
def accept(console: Console, log: str, reason: str) -> None:
    """Accept the log that begins with LOG: fetch it and pass it on."""
    _decide(console, "accept", log, reason)


@member.command(examples=['tidan member ignore 4f1c09ab --reason "a test node"'])
@click.argument("log")
@click.option("--reason", default="", help="Kept in the audit trail.")
@pass_console
def ignore(console: Console, log: str, reason: str) -> None:
    """Ignore a log: ask no more about it, and hide what it published."""
    _decide(console, "ignore", log, reason)


@member.command(examples=['tidan member block 4f1c09ab --reason "not the municipality it claims"'])
@click.argument("log")
@click.option("--reason", required=True, help="Why; shown beside the log to staff and kept.")
@click.option("--note", default="", help="What everybody may read about it, on /kommuner.")
@pass_console
def block(console: Console, log: str, reason: str, note: str) -> None:
    """Block a log until a person lifts it with accept."""
    _decide(console, "block", log, reason, note)


member.add_command(export_decisions)
member.add_command(import_decisions)
member.add_command(member_quota)


def _decide(console: Console, verb: str, log: str, reason: str, note: str = "") -> None:
    decided: dict[str, Any] = console.ask(
        "decide_member", verb=verb, log=log, reason=reason, public_note=note
    )
    name, since = decided["name"] or decided["log"][:16], moment(decided["standing_ms"])
    lines = [
        f"{name} is now: {decided['standing']} (since {since}).",
        f"  Fingerprint  {decided['fingerprint']}",
    ]
    console.show(decided, lines)
