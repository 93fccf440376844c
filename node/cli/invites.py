"""Commands about invites: asking another municipality in, and answering when one asks us."""

from __future__ import annotations

from typing import Any

import click

from node.cli.command import Console, TidanCommand, moment, pass_console, table
from node.operations.invite_operations import DAYS_DEFAULT, DAYS_MAX


@click.command(
    cls=TidanCommand,
    examples=['tidan peer invite "Hjo kommun"', 'tidan peer invite "Hjo kommun" --days 14'],
)
@click.argument("words", metavar="WHOM")
@click.option(
    "--days",
    type=click.IntRange(1, DAYS_MAX),
    default=DAYS_DEFAULT,
    show_default=True,
    help="How long it can be used.",
)
@pass_console
def invite(console: Console, words: str, days: int) -> None:
    """Invite another municipality, WHOM, to become a neighbour, and print the link.

    It works once, is shown now and never again, and opens nothing by itself: when they have used
    it, compare fingerprints by telephone and run `tidan peer approve`.
    """
    made = console.ask("make_invite", words=words, days=days)
    until = moment(made["invite"]["expires_ms"])
    console.show(
        made,
        [
            f"Invite {made['invite']['number']} for {words}, until {until}.",
            "Give them this link and nobody else:",
            f"  {made['link']}",
            f"They will call this node at {made['address']}.",
        ],
    )


@click.command(cls=TidanCommand, examples=["tidan peer invites", "tidan peer invites --json"])
@pass_console
def invites(console: Console) -> None:
    """List the invites made here that have not led to a neighbour yet."""
    found = console.ask("invites")
    rows = [
        [item["number"], _state(item), moment(item["expires_ms"]), item["made_by"], item["words"]]
        for item in found
    ]
    headings = ["NUMBER", "STATE", "UNTIL", "MADE BY", "FOR"]
    none = "No invites. Make one: tidan peer invite WHOM"
    console.show(found, table(headings, rows) if rows else [none])


def _state(item: dict[str, Any]) -> str:
    if item["used_by"]:
        return f"used by {item['used_by'][:16]}, waits for you"
    return "too old" if item["is_over"] else "open"


@click.command(cls=TidanCommand, examples=["tidan peer revoke 3"])
@click.argument("number", type=click.IntRange(1))
@pass_console
def revoke(console: Console, number: int) -> None:
    """Take invite NUMBER back: it opens nothing from now on."""
    console.ask("revoke_invite", number=number)
    console.show({"revoked": number}, [f"Invite {number} can be used no more."])


@click.command(
    cls=TidanCommand,
    examples=[
        "tidan peer join https://tidan.skara.se/inbjudan#hQF4…",
        "tidan peer join https://tidan.skara.se/inbjudan#hQF4… --yes",
    ],
)
@click.argument("link")
@click.option("--yes", is_flag=True, help="Do not ask; fingerprints were compared before.")
@pass_console
def join(console: Console, link: str, yes: bool) -> None:
    """Use an invite: add whoever made it as a neighbour, and ask them in turn.

    Shows both fingerprints first. Compare them by telephone; the other side does the same before
    it approves.
    """
    read = console.ask("read_invite", text=link)
    if console.as_json and not yes:
        raise click.UsageError("With --json there is nobody to ask: add --yes.")
    if not yes:
        click.echo(f"Address            {read['url']}")
        click.echo(f"Their fingerprint  {read['fingerprint']}")
        click.echo(f"Your fingerprint   {read['own_fingerprint']}")
        click.confirm("Have you compared both by telephone, and do they agree?", abort=True)
    added = console.ask("use_invite", text=link)
    console.show(
        added,
        [
            f"Added the neighbour at {read['url']}.",
            "It waits for the other side to approve: `tidan peer list` shows how it goes.",
        ],
    )


INVITE_COMMANDS = (invite, invites, revoke, join)
"""Commands of the group `peer`."""
