"""The command that says whom to become neighbours with, in the words of the page Grannar."""

from __future__ import annotations

from typing import Any

import click

from node.cli.command import Console, TidanCommand, pass_console, table
from node.municipal.municipalities import by_code
from node.municipal.suggested_neighbours import Why
from node.operations.known_network import add_command
from protocol.directory import Standing

REASONS = {
    Why.BORDER: "You share a border.",
    Why.CLOSE: "You lie close, across water or corner to corner.",
    Why.SUBREGION: "You belong to the same subregion.",
    Why.NEAREST: "It is one of the nearest that you know of.",
    Why.SHORTCUT: "A shortcut: a few contacts across the map make it few steps to everybody.",
}
"""Why a municipality is suggested."""
NO_WAY = "No way there is known today."
STEPS = "Today %(steps)s steps away."
WAITING = "Waits for your decision."
NONE = "No suggestions: you are neighbours of those that the rule names, or know no others yet."


@click.command(cls=TidanCommand, examples=["tidan peer suggest", "tidan peer suggest --json"])
@pass_console
def suggest(console: Console) -> None:
    """Suggest whom to become neighbours with, and say why.

    Of the municipalities known here: the three nearest, and two across the map where ways would
    be long without. Nothing is changed; who becomes a neighbour is yours and theirs to decide.
    """
    suggested = console.ask("suggested_neighbours")
    rows = [[_name(item), _words(item)] for item in suggested]
    lines = table(["NAME", "WHY"], rows) if rows else [NONE]
    if suggested:
        lines += ["", "Call them first and compare fingerprints, then:", *map(_how, suggested)]
    console.show(suggested, lines)


def _name(item: dict[str, Any]) -> str:
    known = by_code(item["code"])
    return known.name if known else str(item["name"])


def _words(item: dict[str, Any]) -> str:
    steps = item["steps"]
    said = [REASONS[Why(item["why"])], NO_WAY if steps is None else STEPS % {"steps": steps}]
    if item["standing"] == Standing.INTRODUCED:
        said.append(WAITING)
    return " ".join(said)


def _how(item: dict[str, Any]) -> str:
    return f"  {add_command(item['url'], item['log'])}   (fingerprint {item['fingerprint']})"
