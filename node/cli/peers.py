"""Commands about neighbours: the nodes this one syncs with directly."""

from __future__ import annotations

from typing import Any

import click

from node.cli.command import Console, TidanGroup, moment, pass_console, table
from node.operations.neighbour_status import NeighbourState


@click.group(cls=TidanGroup)
def peer() -> None:
    """Neighbours: invite, add, list, remove, and who asks to become one."""


@peer.command(
    examples=[
        "tidan peer add https://tidan.tidaholm.se --log 4f1c…",
        "tidan peer add --inbound --log 9a02…",
    ]
)
@click.argument("url", required=False)
@click.option("--log", required=True, metavar="ID", help="The neighbour's log id, all 64 digits.")
@click.option("--inbound", is_flag=True, help="The neighbour dials us; we have no address for it.")
@click.option("--name", default="", help="What we call it until its own name has arrived.")
@pass_console
def add(console: Console, url: str | None, log: str, inbound: bool, name: str) -> None:
    """Add a neighbour at URL.

    Makes its log a member here, and publishes an introduction so that others can find it. The
    neighbour has to add this node as well. Compare fingerprints by telephone first.
    """
    if bool(url) == inbound:
        raise click.UsageError("Give the neighbour's URL, or --inbound when it dials us.")
    added = console.ask("add_neighbour", log=log, url=url, name=name)
    console.show(
        added,
        [
            f"Added the neighbour {name_of(added)}.",
            f"  Fingerprint  {added['fingerprint']}   (compare by telephone)",
            "Its log is a member now. Ask them to add this node too: `tidan status` shows the id.",
        ],
    )


@peer.command(name="list", examples=["tidan peer list", "tidan peer list --json"])
@pass_console
def list_neighbours(console: Console) -> None:
    """List neighbours and how it goes with each."""
    neighbours = console.ask("neighbours")
    rows = [
        [
            name_of(item),
            STATES[item["state"]],
            moment(item["last_success_ms"]),
            item["url"] or "inbound",
        ]
        for item in neighbours
    ]
    lines = table(["NAME", "STATE", "LAST CONTACT", "ADDRESS"], rows) if rows else [_NONE]
    problems = [
        f"{name_of(item)}: {item['last_error_code']} at {moment(item['last_error_ms'])}"
        " (see docs/errors.md)"
        for item in neighbours
        if item["last_error_code"] and not item["connected"]
    ]
    moved = [
        f"{name_of(item)} has moved to {item['moved_to']}:"
        f" tidan peer move {item['log'][:16]} {item['moved_to']}"
        for item in neighbours
        if item["moved_to"]
    ]
    console.show(neighbours, [*lines, *problems, *moved])


@peer.command(examples=["tidan peer show 4f1c09ab"])
@click.argument("log")
@pass_console
def show(console: Console, log: str) -> None:
    """Show everything about the neighbour whose log id begins with LOG.

    The two directions stand apart, and how far each side is behind is also told of one that is
    not in contact: as it said when it was last heard.
    """
    from node.cli.peer_details import detail_lines  # noqa: PLC0415  # the pages' words are many

    detail = console.ask("neighbour", log=log)
    console.show(detail, [name_of(detail["status"]), "", *detail_lines(detail)])


STATES = {
    NeighbourState.IN_STEP: "in step",
    NeighbourState.FETCHING: "fetching",
    NeighbourState.BEHIND: "they are behind",
    NeighbourState.WAITING: "waiting for them",
    NeighbourState.PAUSED: "paused here",
    NeighbourState.PAUSED_THERE: "paused there",
    NeighbourState.BLOCKED: "blocked here",
    NeighbourState.NO_CONTACT: "no contact",
    NeighbourState.WRONG_KEY: "wrong key",
    NeighbourState.AT_QUOTA: "quota reached",
    NeighbourState.LEFT: "has left",
}
"""The pages' Swedish words, for people at a terminal."""
_NONE = "No neighbours yet. Invite one: tidan peer invite WHOM"


@peer.command(
    examples=[
        "tidan peer remove 4f1c09ab",
        'tidan peer remove 4f1c09ab --reason "they have merged with Skara"',
    ]
)
@click.argument("log")
@click.option("--reason", default="", help="Kept in the audit trail.")
@pass_console
def remove(console: Console, log: str, reason: str) -> None:
    """Stop syncing with the neighbour whose log id begins with LOG.

    Its log stays a member, and what it published stays readable here. To stop accepting it:
    tidan member ignore or block. To vouch for it no longer: tidan peer withdraw. It never comes
    back by itself.
    """
    console.ask("remove_neighbour", log=log, reason=reason)
    console.show({"removed": log}, [f"Removed the neighbour {log}; its log stays as decided."])


def name_of(neighbour: dict[str, Any]) -> str:
    """A neighbour's name, or the beginning of its log id while it has none."""
    return str(neighbour["name"] or neighbour["log"][:16])
