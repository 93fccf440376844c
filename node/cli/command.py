"""What all commands share: options, output, and errors that say what to do.

Every command takes ``--data`` and ``--json``, before or after its name. With ``--json`` exactly one
JSON document is printed, for failures as well. Exit codes: 0 done, 1 failed, 2 not understood.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from node.config import Settings, load_settings
from node.process.asking import ask_running, run_in_parts, run_verb, run_watched
from protocol.errors import LocalError, TidanError

FAILED = 1
INTERRUPTED = 130
NODE_FOLDER = "The node's folder; else TIDAN_DATA, else ./tidan-data."


class SystemProblemError(LocalError):
    """The operating system refused something: no such folder, no permission, disk full."""

    code = "system"
    advice = "Check the path, who owns it, and that the disk has room."


@dataclass(slots=True)
class Console:
    """The options every command has, wherever on the line they stood."""

    data: Path | None = None
    as_json: bool = False

    def settings(self, **flags: object) -> Settings:
        """Settings of the node in the data folder; raises SettingsError."""
        return load_settings(data=self.data, **flags)

    def ask(self, verb: str, /, **arguments: object) -> Any:
        """Have the running node do something, or open the node for it; plain data comes back.

        Raises local errors, the running node's own among them.
        """
        return asyncio.run(run_verb(self.settings(log_level="warning"), verb, **arguments))

    def ask_running(self, verb: str, /, **arguments: object) -> Any:
        """Ask the node that serves on the data folder; raises `NotRunningError` without one."""
        return asyncio.run(ask_running(self.settings(), verb, **arguments))

    def ask_watching(self, verb: str, look: Callable[[Any], None], /, **arguments: object) -> Any:
        """As `ask`, for what takes long: `look` is given the node's progress meanwhile."""
        settings = self.settings(log_level="warning")
        return asyncio.run(run_watched(settings, verb, look, **arguments))

    def ask_in_parts(
        self, verb: str, look: Callable[[int, int], None], count: int, /, **arguments: object
    ) -> list[Any]:
        """As `ask`, for a verb that gives so many files at a time; `look` sees how far it is."""
        settings = self.settings(log_level="warning")
        return asyncio.run(run_in_parts(settings, verb, look, count, **arguments))

    def show(self, document: object, lines: Iterable[str]) -> None:
        """Print one JSON document, or the lines meant for people."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            for line in lines:
                click.echo(printable(line))

    def fail(self, error: TidanError) -> None:
        """Print what went wrong and what to do."""
        if self.as_json:
            failure = {"code": error.code, "message": str(error), "advice": error.advice}
            click.echo(json.dumps({"error": failure}, ensure_ascii=False, indent=2))
        else:
            click.echo(f"Error: {printable(str(error))}", err=True)
            click.echo(f"What to do: {printable(error.advice)}", err=True)


class TidanCommand(click.Command):
    """A command with the shared options; its examples stand last in its help, as written."""

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        data_help: str = NODE_FOLDER,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.params += shared_options(data_help)

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, unwrapped so that they can be copied."""
        if self.examples:
            with formatter.section("Examples" if len(self.examples) > 1 else "Example"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")

    def invoke(self, ctx: click.Context) -> Any:
        """Run; every error of ours becomes two lines (or a JSON document) and exit code 1."""
        console = ctx.ensure_object(Console)
        try:
            return super().invoke(ctx)
        except TidanError as error:
            console.fail(error)
            ctx.exit(FAILED)
        except BrokenPipeError:
            raise  # click ends quietly when the reader of our output has left
        except OSError as error:
            console.fail(SystemProblemError(f"{error.filename or 'The system'}: {error.strerror}."))
            ctx.exit(FAILED)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


class TidanGroup(click.Group):
    """A group whose commands are of the class above."""

    command_class = TidanCommand
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += shared_options(NODE_FOLDER)


def shared_options(data_help: str) -> list[click.Parameter]:
    """``--data`` and ``--json``, which fill the console instead of a parameter."""
    return [
        click.Option(
            ["--data"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help=data_help,
            expose_value=False,
            callback=_take_data,
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            help="Print one JSON document.",
            expose_value=False,
            callback=_take_json,
        ),
    ]


def _take_data(context: click.Context, _option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(Console).data = value


def _take_json(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Console).as_json = True


def printable(text: str) -> str:
    """Text without characters that could steer a terminal; names come from other nodes."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def moment(time_ms: int | None) -> str:
    """A time for people: minutes are enough, and UTC needs no guessing."""
    if time_ms is None:
        return "never"
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a plain table; the last column is not padded."""
    cells = [[str(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def binary_output() -> BinaryIO:
    """Standard output for bytes; raises UsageError when it is a terminal."""
    if sys.stdout.isatty():
        raise click.UsageError("This writes binary data. Send it to a file: … > log.cbor")
    return sys.stdout.buffer


pass_console = click.make_pass_decorator(Console, ensure=True)
