"""`tidan sync`: how far the running node has come with what its neighbours hold."""

from __future__ import annotations

import time
from typing import Any

import click

from node.cli.command import Console, TidanCommand, pass_console
from node.cli.progress import Display, display, share, show_stage, size, stage_details

LOOK_SECONDS = 0.5
SETTLED_LOOKS = 2
"""Seen so often in a row before it is over: what is fetched may introduce more to fetch."""
NO_CONTACT = "Waiting for contact with a neighbour …"
COMPARING = "Comparing with neighbours what each of us holds …"
NO_NEIGHBOURS = "No neighbours yet, so nothing to fetch. Add one: tidan peer invite, or join"


@click.command(
    "sync",
    cls=TidanCommand,
    examples=["tidan sync", "tidan sync --once", "tidan sync --once --json"],
)
@click.option("--once", is_flag=True, help="Show how far it is now, and end.")
@pass_console
def sync(console: Console, once: bool) -> None:
    """Watch the running node fetch what its neighbours hold, until nothing is missing.

    The node fetches by itself, watched or not: Ctrl+C ends only the watching, and a node that is
    stopped half-way goes on from there at its next start.
    """
    progress = console.ask_running("sync_progress")
    if not once:
        progress = _watch(console, progress)
    console.show(progress, _summary(progress))


def _watch(console: Console, progress: dict[str, Any]) -> dict[str, Any]:
    settled = 0
    with display(silent=console.as_json) as shown:
        while progress["neighbours"]:
            settled = settled + 1 if progress["settled"] else 0
            if settled >= SETTLED_LOOKS:
                shown.complete()
                break
            _draw(shown, progress)
            time.sleep(LOOK_SECONDS)
            progress = console.ask_running("sync_progress")
    return progress


def _left(stage: dict[str, Any]) -> int:
    return int(stage["total"]) - int(stage["done"])


def _draw(shown: Display, progress: dict[str, Any]) -> None:
    fetched, making = progress["fetched"], progress["shown"]
    if _left(fetched):
        shown.show("Fetching", fetched["done"], fetched["total"], _fetch_details(progress))
    elif not progress["connected"]:
        shown.wait(NO_CONTACT)
    elif progress["compared"] < progress["connected"]:
        shown.wait(COMPARING)
    elif _left(making):
        show_stage(shown, "Indexing", making)


def _fetch_details(progress: dict[str, Any]) -> str:
    received = size(progress["received_bytes"])
    if progress["bytes_per_second"]:
        received += f" at {size(round(progress['bytes_per_second']))}/s"
    return ", ".join([*stage_details(progress["fetched"]), received])


def _summary(progress: dict[str, Any]) -> list[str]:
    fetched, making = progress["fetched"], progress["shown"]
    if not progress["neighbours"]:
        return [NO_NEIGHBOURS]
    contact = f"{progress['connected']} of {progress['neighbours']} neighbours in contact"
    lines = []
    if _left(fetched):
        lines.append(f"Fetching: {share(fetched['done'], fetched['total'])}.")
        lines.append(f"  {_fetch_details(progress)}")
    elif not progress["compared"]:
        lines.append(f"{fetched['done']:,} entries here; what neighbours hold is not known yet.")
    else:
        lines.append(f"{fetched['done']:,} entries here; neighbours in contact have no more.")
    if _left(making):
        lines.append(f"Indexing: {share(making['done'], making['total'])}.")
    return [*lines, f"  {contact}."]
