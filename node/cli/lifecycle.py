"""Commands about a municipality's own ways: move, leave, go on for another."""

from __future__ import annotations

import sys
from typing import Any

import click

from node.cli.command import Console, TidanCommand, TidanGroup, moment, pass_console


@click.command(
    cls=TidanCommand,
    name="move",
    examples=["tidan peer move 4f1c09ab https://tidan.skara.se"],
)
@click.argument("log")
@click.argument("url")
@pass_console
def move_neighbour(console: Console, log: str, url: str) -> None:
    """Dial the neighbour whose log id begins with LOG at URL, the address it has signed.

    tidan peer list shows it. An address never changes by itself.
    """
    status = console.ask("use_new_address", log=log, url=url)
    name = status["name"] or status["log"][:16]
    console.show(status, [f"{name} is dialled at {status['url']} from now on."])


@click.command(
    cls=TidanCommand,
    name="move",
    examples=["tidan move", "tidan move https://tidan.hjo.se"],
)
@click.argument("url", required=False, default="")
@pass_console
def move(console: Console, url: str) -> None:
    """Tell all neighbours, signed, that this node answers at URL from now on.

    First set public_url to the new address, keep the old one in other_origins, and restart the
    node. Without URL the address in the settings is told. Neighbours see it and take it over with
    one press; until they have, the old address has to answer.
    """
    found = console.ask("publish_address", url=url)
    lines = [
        f"Published: {found['name']} answers at {found['address']}.",
        "Let the old address answer until your neighbours have taken the new one over.",
    ]
    console.show(found, lines)


@click.command(
    cls=TidanCommand,
    examples=['tidan rename "Hjo stad" --reason "Beslut i fullmäktige 14 juni (exempel)"'],
)
@click.argument("name")
@click.option("--reason", required=True, help="Why; kept among your decisions, not told to others.")
@pass_console
def rename(console: Console, name: str, reason: str) -> None:
    """Sign NAME as the name your municipality goes by from now on.

    All members show it, on what is published already as well. The kommunkod and the log stay what
    they are. A name that could be taken for another municipality's is refused, here and by them.
    """
    found = console.ask("rename", name=name, reason=reason)
    lines = [
        f"Signed: {found['code']} goes by the name {found['name']} from now on.",
        "Neighbours show it when they have fetched the entry: tidan peer list shows how it goes.",
    ]
    console.show(found, lines)


@click.command(
    cls=TidanCommand,
    examples=["tidan leave", 'tidan leave --reason "Exempel" --successor 4f1c09ab --yes'],
)
@click.option("--reason", default="", help="Why; signed, and all can read it.")
@click.option(
    "--successor", default="", metavar="LOG", help="The log that goes on for yours (a merger)."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_console
def leave(console: Console, reason: str, successor: str, yes: bool) -> None:
    """Leave the network: sign that as the log's last entry.

    Nothing more is published afterwards. What is published stays readable at the others. Let the
    node run until the neighbours have fetched everything: tidan merge show says how it goes. Only
    the key on the recovery sheet opens the log again (tidan key rotate).
    """
    before = console.ask("lifecycle")
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Without a terminal to ask at, say --yes.")
        click.echo(
            f"{before['name']} leaves the network. Nothing more can be published after this."
        )
        click.confirm("Leave?", abort=True)
    found = console.ask("leave", reason=reason, successor=successor)
    console.show(found, ways_lines(found))


@click.group(cls=TidanGroup, name="merge")
def merge() -> None:
    """A merger: which logs this one goes on for."""


@merge.command(name="continue", examples=["tidan merge continue 4f1c09ab"])
@click.argument("log")
@pass_console
def continue_log(console: Console, log: str) -> None:
    """Say, signed, that this log goes on for the one that begins with LOG.

    It holds when the other municipality leaves and names this log as its successor:
    tidan leave --successor, at their node.
    """
    found = console.ask("continue_log", log=log)
    console.show(found, ways_lines(found))


@merge.command(examples=['tidan merge withdraw 4f1c09ab --reason "Exempel"'])
@click.argument("log")
@click.option("--reason", required=True, help="Why; signed, and all can read it.")
@pass_console
def withdraw(console: Console, log: str, reason: str) -> None:
    """Take back that this log goes on for the one that begins with LOG."""
    found = console.ask("stop_continuing", log=log, reason=reason)
    console.show(found, ways_lines(found))


@merge.command(examples=["tidan merge show", "tidan merge show --json"])
@pass_console
def show(console: Console) -> None:
    """Show the address, the successor and the predecessors that this log has signed."""
    found = console.ask("lifecycle")
    console.show(found, ways_lines(found))


def ways_lines(found: dict[str, Any]) -> list[str]:
    """What our log says of itself, for a person."""
    lines = [
        f"{found['name']} ({found['code']})",
        f"  Address signed  {found['address'] or 'none'}",
    ]
    if found["first_name"]:
        since = moment(found["renamed_ms"])
        lines.append(f"  First name      {found['first_name']}, another since {since}")
    if found["left_ms"] is not None:
        held = f"{found['held_by']} of {found['neighbours']}"
        lines += [
            f"  Left            {moment(found['left_ms'])}",
            f"  Held by         {held} neighbours; let the node run until they all have it",
        ]
    heir = found["successor"]
    if heir:
        said = "" if heir["both_say"] else ", which has not said so yet"
        lines.append(f"  Successor       {_named(heir)}{said}")
    for one in found["continues"]:
        said = "" if one["both_say"] else ", which has not left and named us yet"
        lines.append(f"  Goes on for     {_named(one)}{said}")
    lines += [
        f"{_named(one)} names this log as its successor: tidan merge continue {one['log'][:16]}"
        for one in found["asked"]
    ]
    return lines


def _named(linked: dict[str, Any]) -> str:
    return str(linked["name"] or linked["log"][:16])


LIFECYCLE_COMMANDS = (move, rename, leave, merge)
