"""`tidan demo`: a small Skaraborg on one machine, to look around in."""

from __future__ import annotations

from pathlib import Path

import click
import uvloop

from node.cli.command import Console, TidanCommand, pass_console
from node.demo.demo import BASE_PORT, NODE_COUNT, run_demo

FOLDER = Path("tidan-demo")


@click.command(
    cls=TidanCommand,
    examples=["tidan demo", "tidan demo --nodes 15"],
    data_help="The demo's folder; else ./tidan-demo.",
)
@click.option(
    "--nodes",
    default=NODE_COUNT,
    show_default=True,
    type=click.IntRange(1, 15),
    help="How many municipalities.",
)
@click.option(
    "--port",
    default=BASE_PORT,
    show_default=True,
    type=click.IntRange(1, 65_000),
    help="Port of the first; the others follow.",
)
@pass_console
def demo(console: Console, nodes: int, port: int) -> None:
    """Run a small Skaraborg: nodes with sample records, connected along real borders.

    Each has its own key, database and port. A second start goes on where the first stopped.
    Ctrl+C ends it.
    """
    uvloop.run(run_demo(console.data or FOLDER, nodes, port))
