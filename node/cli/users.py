"""Commands about users: who may sign in to the pages, and what they may do there."""

from __future__ import annotations

from typing import Any

import click

from node.cli.command import Console, TidanGroup, moment, pass_console, table
from storage.account_views import Role

ROLES = click.Choice([role.value for role in Role])


@click.group(cls=TidanGroup)
def user() -> None:
    """Users of the pages: invite, list, change role, put out."""


@user.command(examples=["tidan user setup"])
@pass_console
def setup(console: Console) -> None:
    """Print the link behind which the first operator begins.

    It works once, for a day; an earlier one works no more. When there is an operator, invite others
    with `tidan user add`, or on the page.
    """
    link = console.ask("setup_link")
    if link is None:
        console.show({"url": None}, ["There is an operator already; see `tidan user list`."])
        return
    console.show(link, setup_lines(link["url"], link["expires_ms"]))


def setup_lines(url: str, expires_ms: int) -> list[str]:
    """What a terminal says about the first operator's link."""
    return [
        "Nobody manages users yet. The first operator begins here, once:",
        f"  {url}",
        f"It works until {moment(expires_ms)}; `tidan user setup` prints a new one.",
    ]


@user.command(
    examples=[
        'tidan user add anna.berg --full-name "Anna Berg"',
        'tidan user add anna.berg@hjo.se --full-name "Anna Berg" --role editor',
    ]
)
@click.argument("name")
@click.option("--full-name", required=True, help="The name colleagues see.")
@click.option("--role", type=ROLES, default=Role.AUTHOR.value, show_default=True)
@pass_console
def add(console: Console, name: str, full_name: str, role: str) -> None:
    """Invite NAME, and print the link behind which the password is chosen.

    It works once, for a week. It is shown now and never again; an earlier invitation of NAME works
    no more.
    """
    link = console.ask("invite_user", name=name, full_name=full_name, role=role)
    console.show(
        link, _link_lines(f"Invited {name} as {role}. Give this link to nobody else:", link)
    )


@user.command(name="list", examples=["tidan user list", "tidan user list --json"])
@pass_console
def list_users(console: Console) -> None:
    """List users and those who are invited."""
    users = console.ask("users")
    rows = [
        [item["name"], item["role"], item["state"], moment(item["signed_in_ms"]), item["full_name"]]
        for item in users
    ]
    lines = table(["USER", "ROLE", "STATE", "SIGNED IN", "NAME"], rows) if rows else [_NONE]
    console.show(users, lines)


_NONE = "No users yet. The first begins with: tidan user setup"


@user.command(examples=["tidan user role anna.berg operator"])
@click.argument("name")
@click.argument("role", type=ROLES)
@pass_console
def role(console: Console, name: str, role: str) -> None:
    """Give NAME another ROLE; the user is signed out and signs in again."""
    changed = console.ask("change_user_role", name=name, role=role)
    console.show(changed, [f"{changed['name']} is {changed['role']} now."])


@user.command(examples=["tidan user deactivate anna.berg"])
@click.argument("name")
@pass_console
def deactivate(console: Console, name: str) -> None:
    """Put NAME out at once. What the user wrote stays, and so does the name."""
    changed = console.ask("deactivate_user", name=name)
    console.show(changed, [f"{changed['name']} is signed out and cannot sign in."])


@user.command(examples=["tidan user activate anna.berg"])
@click.argument("name")
@pass_console
def activate(console: Console, name: str) -> None:
    """Let NAME in again, with the role and the password of before."""
    changed = console.ask("activate_user", name=name)
    console.show(changed, [f"{changed['name']} can sign in again, as {changed['role']}."])


@user.command(examples=["tidan user reset anna.berg"])
@click.argument("name")
@pass_console
def reset(console: Console, name: str) -> None:
    """Print a link behind which NAME chooses a new password.

    It works once, for a day. Until then the old password works.
    """
    link = console.ask("reset_user", name=name)
    console.show(
        link, _link_lines(f"A new password for {name}. Give this link to nobody else:", link)
    )


def _link_lines(heading: str, link: dict[str, Any]) -> list[str]:
    return [heading, f"  {link['url']}", f"It works once, until {moment(link['expires_ms'])}."]
