"""`tidan import`: many records from files of another format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from node.cli.command import FAILED, Console, TidanGroup, pass_console

EXISTING = click.Path(exists=True, path_type=Path)


@click.group(name="import", cls=TidanGroup)
def import_group() -> None:
    """Import records from publiccode.yml or Markdown files.

    Importing again changes nothing that is unchanged; a changed file becomes a new version. Broken
    files are listed with line and reason, and the rest is imported. Exit code 1 when none could be.
    """


@import_group.command(
    examples=["tidan import markdown erfarenheter/", "tidan import markdown a.md b.md"]
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=EXISTING)
@pass_console
def markdown(console: Console, paths: tuple[Path, ...]) -> None:
    """Import Markdown files; of a folder, its *.md files.

    E-mail addresses that may be a person's are left out.
    """
    _import(console, "markdown", paths)


@import_group.command(
    examples=["tidan import publiccode publiccode.yml", "tidan import publiccode katalog/"]
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=EXISTING)
@pass_console
def publiccode(console: Console, paths: tuple[Path, ...]) -> None:
    """Import publiccode.yml files; of a folder, its *.yml and *.yaml files.

    Names and addresses of persons are left out.
    """
    _import(console, "publiccode", paths)


def _import(console: Console, format_name: str, paths: tuple[Path, ...]) -> None:
    given = [str(path.absolute()) for path in paths]
    files: list[dict[str, Any]] = console.ask("import_files", format_name=format_name, paths=given)
    refused = [item for item in files if item["outcome"] == "refused"]
    document = {"files": files, "imported": len(files) - len(refused), "refused": len(refused)}
    console.show(document, _report(files, len(refused)))
    if len(refused) == len(files):
        click.get_current_context().exit(FAILED)


def _report(files: list[dict[str, Any]], refused_count: int) -> list[str]:
    lines = []
    for item in files:
        if item["outcome"] == "refused":
            lines.append(f"{item['file']}:{item['line']}: not imported: {item['reason']}")
        else:
            lines.append(f"{item['file']}: {item['outcome']}")
        lines += [f"    {warning}" for warning in item["warnings"]]
    return [*lines, f"{len(files) - refused_count} files imported, {refused_count} not."]
