"""Commands about the exchange with a neighbour: pause it, resume it, try now."""

from __future__ import annotations

import click

from node.cli.command import Console, TidanCommand, pass_console
from node.cli.peers import name_of
from node.errors import ArgumentError


@click.command(name="pause", cls=TidanCommand, examples=["tidan peer pause 4f1c09ab"])
@click.argument("log")
@pass_console
def pause(console: Console, log: str) -> None:
    """Sync no more with the neighbour whose log id begins with LOG, until it is resumed.

    It stays a neighbour and is told that it is paused here. After a long time off this node hears
    all its neighbours before it publishes: not one that is paused.
    """
    paused = console.ask("pause_neighbour", log=log)
    resume_with = f"Go on with: tidan peer resume {paused['log'][:16]}"
    console.show(paused, [f"Paused {name_of(paused)}.", resume_with])


@click.command(name="resume", cls=TidanCommand, examples=["tidan peer resume 4f1c09ab"])
@click.argument("log")
@pass_console
def resume(console: Console, log: str) -> None:
    """Sync again with the neighbour whose log id begins with LOG; a running node dials at once."""
    resumed = console.ask("resume_neighbour", log=log)
    console.show(resumed, [f"Resumed {name_of(resumed)}."])


@click.command(name="try", cls=TidanCommand, examples=["tidan peer try 4f1c09ab"])
@click.argument("log")
@pass_console
def try_now(console: Console, log: str) -> None:
    """Have the running node dial the neighbour whose log id begins with LOG now.

    Without it the node waits for the time it has planned, half a minute at most.
    """
    tried = console.ask_running("try_neighbour_now", log=log)
    if tried["paused"]:
        raise ArgumentError(f"{name_of(tried)} is paused here: tidan peer resume {log}")
    seen = f"How it goes: tidan peer show {tried['log'][:16]}"
    console.show(tried, [f"Dialling {name_of(tried)}.", seen])


PAUSE_COMMANDS = (pause, resume, try_now)
