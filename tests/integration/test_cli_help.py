"""The help of every command, as an operator meets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner

from node.cli.root import main


def all_commands(group: click.Group) -> Iterator[click.Command]:
    """Every command that does something."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from all_commands(command)
        else:
            yield command


@pytest.mark.parametrize("command", list(all_commands(main)), ids=lambda command: command.name)
def test_help_shows_an_example(command: click.Command) -> None:
    """Each command's help tells what it does and ends with an example that can be copied."""
    text = CliRunner().invoke(command, ["--help"]).stdout

    assert command.help
    assert re.search(r"Examples?:\n  tidan ", text)
    assert "--json" in text
    assert "--data DIR" in text


def test_version_is_what_is_installed() -> None:
    """An operator can say in one line which version runs."""
    assert CliRunner().invoke(main, ["--version"]).stdout == f"Tidan {version('tidan')}\n"
