"""Commands about tokens: what other systems may read over the JSON API."""

from __future__ import annotations

import click

from node.cli.command import Console, TidanGroup, moment, pass_console, table
from storage.api_token_store import Scope

SCOPES = click.Choice([scope.value for scope in Scope])


@click.group(cls=TidanGroup)
def token() -> None:
    """Tokens with which other systems read the JSON API."""


@token.command(
    examples=[
        'tidan token add "Ärendesystemet"',
        'tidan token add "Övervakning" --scope admin',
    ]
)
@click.argument("name")
@click.option("--scope", type=SCOPES, default=Scope.READ_FEDERATION.value, show_default=True)
@pass_console
def add(console: Console, name: str, scope: str) -> None:
    """Make a token for the system NAME, and print it.

    It is shown now and never again. What is public needs no token; read-federation adds what is for
    member municipalities, admin also how it goes with neighbours.
    """
    made = console.ask("make_api_token", name=name, scope=scope)
    console.show(
        made,
        [
            f"Token {made['number']} for {name}, scope {scope}. Keep it where secrets are kept:",
            f"  {made['token']}",
        ],
    )


@token.command(name="list", examples=["tidan token list", "tidan token list --json"])
@pass_console
def list_tokens(console: Console) -> None:
    """List all tokens, without their secrets, and when each was last used."""
    tokens = console.ask("api_tokens")
    rows = [
        [
            item["number"],
            item["scope"],
            "works" if item["works"] else "revoked",
            moment(item["used_ms"]),
            item["name"],
        ]
        for item in tokens
    ]
    lines = table(["NUMBER", "SCOPE", "STATE", "USED", "NAME"], rows) if rows else ["No tokens."]
    console.show(tokens, lines)


@token.command(examples=["tidan token revoke 3"])
@click.argument("number", type=click.IntRange(1))
@pass_console
def revoke(console: Console, number: int) -> None:
    """Let token NUMBER work no more, from now on."""
    ended = console.ask("revoke_api_token", number=number)
    console.show(ended, [f"Token {number} ({ended['name']}) works no more."])
