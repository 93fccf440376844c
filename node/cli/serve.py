"""`tidan serve`: run the node until it is told to stop."""

from __future__ import annotations

import click
import uvloop

from node.cli.command import Console, TidanCommand, pass_console
from node.cli.users import setup_lines
from node.operations.node import Node
from node.operations.user_operations import LinkView
from node.process.server import serve as serve_node


@click.command(
    cls=TidanCommand,
    examples=[
        "tidan --data /srv/tidan serve",
        "tidan --data /srv/tidan serve --public-url https://tidan.hjo.se",
    ],
)
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--public-url", metavar="URL", help="Address at which neighbours reach this node.")
@pass_console
def serve(console: Console, host: str | None, port: int | None, public_url: str | None) -> None:
    """Serve the pages and sync with neighbours until interrupted.

    Flags win over TIDAN_… variables, which win over tidan.toml in the data folder.
    """
    settings = console.settings(host=host, port=port, public_url=public_url)

    def ready(node: Node, address: str, setup: LinkView | None) -> None:
        document = {"address": address, "log": node.own_log.hex(), "data": str(settings.data)}
        lines = [f"Serving at {address} (stop with Ctrl+C)."]
        if setup is not None:
            document["setup_url"] = setup.url
            lines += setup_lines(setup.url, setup.expires_ms)
        console.show(document, lines)

    uvloop.run(serve_node(settings, ready=ready))
