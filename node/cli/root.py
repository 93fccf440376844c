"""The command `tidan`: the list of its commands, in the order a new operator meets them."""

from __future__ import annotations

import click

from node.cli.command import TidanGroup
from node.cli.logs import log


@click.group(cls=TidanGroup)
def main() -> None:
    """Tidan: what municipalities have learned, signed and shared between neighbours.

    Begin with `tidan init`, or look around first with `tidan demo`.
    """


main.add_command(log)
