"""The command `tidan`: the list of its commands, in the order a new operator meets them.

Each is loaded when it is called for, so that serving does not wait for what the others need.
"""

from __future__ import annotations

from importlib import import_module

import click

from node.cli.command import TidanGroup

_LISTED = (
    ("init", "node.cli.setup:init"),
    ("serve", "node.cli.serve:serve"),
    ("demo", "node.cli.demo:demo"),
    ("user", "node.cli.users:user"),
    ("token", "node.cli.tokens:token"),
    ("status", "node.cli.maintenance:status"),
    ("doctor", "node.cli.doctor:doctor"),
    ("sync", "node.cli.syncing:sync"),
    ("peer", "node.cli.neighbour_commands:peer"),
    ("member", "node.cli.members:member"),
    ("audit", "node.cli.audit:audit"),
    ("publish", "node.cli.publish:publish"),
    ("import", "node.cli.imports:import_group"),
    ("log", "node.cli.logs:log"),
    ("key", "node.cli.keys:key"),
    ("move", "node.cli.lifecycle:move"),
    ("rename", "node.cli.lifecycle:rename"),
    ("leave", "node.cli.lifecycle:leave"),
    ("merge", "node.cli.lifecycle:merge"),
    ("rebuild", "node.cli.maintenance:rebuild"),
    ("scrub", "node.cli.scrubbing:scrub"),
    ("recover", "node.cli.recovering:recover"),
)
PLACES = dict(_LISTED)
"""Module and name in it, by what is typed."""


class _Commands(TidanGroup):
    """Knows its commands by name, in their order, and loads the one that is wanted."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(PLACES)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in PLACES:
            return None
        module, _, attribute = PLACES[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=_Commands)
@click.version_option(package_name="tidan", message="Tidan %(version)s")
def main() -> None:
    """Tidan: what municipalities have learned, signed and shared between neighbours.

    Begin with `tidan init`, or look around first with `tidan demo`.
    """
