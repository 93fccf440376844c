"""Commands about who asks to become a neighbour, and about vouching for one no longer."""

from __future__ import annotations

import click

from node.cli.command import Console, TidanCommand, moment, pass_console, table


@click.command(cls=TidanCommand, examples=["tidan peer knocks", "tidan peer knocks --refused"])
@click.option("--refused", is_flag=True, help="Also those that were told nothing.")
@pass_console
def knocks(console: Console, refused: bool) -> None:
    """List the nodes that ask to become neighbours, with the fingerprints to compare."""
    found = console.ask("knocks", refused=refused)
    lines: list[str] = []
    for item in found:
        lines.append(f"{item['name']} ({item['code']})  {item['log'][:16]}")
        lines.append(f"  Fingerprint  {item['fingerprint']}   (compare by telephone)")
        lines.append(f"  Asked        {item['times']} times, last {moment(item['last_ms'])}")
        if item["invited_by"]:
            invite = f"{item['invited_by']}, for {item['invite_words']}"
            lines.append(f"  Invited by   {invite}")
        if item["url"]:
            lines.append(f"  Address      {item['url']}")
        if item["refused"]:
            lines.append("  Refused before; approve it to change that.")
        if item["removed_ms"]:
            lines.append(f"  Was your neighbour until {moment(item['removed_ms'])}.")
        if item["alarm"]:
            lines.append("  Look out: another log here is that municipality. Call them first.")
    console.show(found, lines or ["Nobody asks."])


@click.command(cls=TidanCommand, examples=["tidan peer approve 4f1c09ab"])
@click.argument("log")
@pass_console
def approve(console: Console, log: str) -> None:
    """Make the node that asks, whose log id begins with LOG, a neighbour.

    Compare fingerprints by telephone first. Its log becomes a member, and an introduction of it is
    published.
    """
    added = console.ask("approve_knock", log=log)
    console.show(
        added,
        [
            f"Added the neighbour {added['name'] or added['log'][:16]}.",
            f"  Fingerprint  {added['fingerprint']}",
        ],
    )


@click.command(cls=TidanCommand, examples=["tidan peer refuse 4f1c09ab"])
@click.argument("log")
@pass_console
def refuse(console: Console, log: str) -> None:
    """Not now: leave the node that asks waiting. It is not told, and you can still approve it."""
    console.ask("dismiss_knock", log=log)
    console.show({"refused": log}, [f"{log} is not added now. To add it later: tidan peer approve"])


@click.command(
    cls=TidanCommand, examples=['tidan peer block 4f1c09ab --reason "nobody there has asked"']
)
@click.argument("log")
@click.option("--reason", required=True, help="Why; shown beside the log and kept.")
@pass_console
def block(console: Console, log: str, reason: str) -> None:
    """Block the node that asks until a person lifts it with `tidan member accept`."""
    console.ask("block_knock", log=log, reason=reason)
    console.show({"blocked": log}, [f"{log} is blocked and cannot ask again."])


@click.command(cls=TidanCommand, examples=["tidan peer introductions"])
@pass_console
def introductions(console: Console) -> None:
    """List whom this municipality vouches for in public."""
    found = console.ask("own_introductions")
    rows = [
        [item["log"][:16], moment(item["said_ms"]), f"{item['name']} ({item['code']})"]
        for item in found
    ]
    lines = table(["LOG", "SINCE", "MUNICIPALITY"], rows) if rows else ["No introductions."]
    console.show(found, lines)


@click.command(
    cls=TidanCommand,
    examples=['tidan peer withdraw 4f1c09ab --reason "they have moved to a new node"'],
)
@click.argument("log")
@click.option("--reason", required=True, help="Why; published, so that all can read it.")
@pass_console
def withdraw(console: Console, log: str, reason: str) -> None:
    """Vouch for the log that begins with LOG no longer.

    Neighbours and members stay as they were decided, here and elsewhere. To vouch again, remove the
    neighbour and add it anew.
    """
    console.ask("withdraw_introduction", log=log, reason=reason)
    console.show({"withdrawn": log}, [f"The introduction of {log} is taken back."])


KNOCK_COMMANDS = (knocks, approve, refuse, block, introductions, withdraw)
"""Commands of the group `peer`."""
