"""`tidan import`: many records from files of another format."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click

from node.cli.command import FAILED, Console, TidanGroup, pass_console, table
from node.cli.progress import display
from node.errors import ArgumentError
from node.importers.csv_columns import FIELDS, LEFT_OUT, Columns, read_columns, write_columns
from node.importers.files import read_text
from node.importers.result import BrokenFileError
from node.importers.texts import ENCODINGS

EXISTING = click.Path(exists=True, path_type=Path)
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PART_FILES = 500
SEPARATOR_WORDS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
REFUSED, DUPLICATE = "refused", "duplicate"
WOULD_BE = {"published": "would be published", "updated": "would be updated"}

Command = Callable[..., Any]


class Choice(NamedTuple):
    """What all formats ask for; with an `editor` nothing is published."""

    dry_run: bool
    duplicates: bool
    editor: str | None


@click.group(name="import", cls=TidanGroup)
def import_group() -> None:
    """Import records from publiccode.yml, Markdown or CSV files.

    Importing again changes nothing that is unchanged, so an import that broke off goes on when the
    same command is given again; a changed file or row becomes a new version. What has the title of
    another record or draft is not imported without --duplicates. Broken files and rows are listed
    with line and reason, and the rest is imported. Exit code 1 when none could be. With --drafts
    nothing is published: an editor looks the files through, and makes drafts of them.
    """


def shared(command: Command) -> Command:
    """Options that all formats have."""
    for option in (
        click.option(
            "--drafts",
            "editor",
            metavar="USER",
            help="Publish nothing: put the files on this editor's page Importera.",
        ),
        click.option("--dry-run", is_flag=True, help="Tell what would be done, and write nothing."),
        click.option("--duplicates", is_flag=True, help="Import also what has a known title."),
    ):
        command = option(command)
    return command


@import_group.command(
    examples=[
        "tidan import markdown erfarenheter/",
        "tidan import markdown --dry-run a.md b.md",
        "tidan import markdown --drafts anna.berg erfarenheter/",
    ]
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=EXISTING)
@shared
@pass_console
def markdown(
    console: Console, paths: tuple[Path, ...], dry_run: bool, duplicates: bool, editor: str | None
) -> None:
    """Import Markdown files; of a folder, its *.md files.

    E-mail addresses that may be a person's are left out.
    """
    choice = Choice(dry_run, duplicates, editor)
    _import(console, "markdown", paths, choice)


@import_group.command(
    examples=["tidan import publiccode publiccode.yml", "tidan import publiccode katalog/"]
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=EXISTING)
@shared
@pass_console
def publiccode(
    console: Console, paths: tuple[Path, ...], dry_run: bool, duplicates: bool, editor: str | None
) -> None:
    """Import publiccode.yml files of any version; of a folder, its *.yml and *.yaml files.

    Names and addresses of persons are left out. Municipalities that the file says use the software
    are asked on the record's page; nothing is published in their name.
    """
    choice = Choice(dry_run, duplicates, editor)
    _import(console, "publiccode", paths, choice)


@import_group.command(
    name="csv",
    examples=[
        "tidan import csv --dry-run projekt.csv",
        'tidan import csv --column "Vad=title" --column Dnr= --set area=skola projekt.csv',
        "tidan import csv --mapping projekt.yml --yes projekt.csv",
    ],
)
@click.argument("path", metavar="FILE", type=A_FILE)
@click.option("--mapping", type=A_FILE, help="A file with the mapping (docs/importing.md).")
@click.option("--write-mapping", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the mapping that is shown to this file.")  # fmt: skip
@click.option("--column", "pairs", multiple=True, metavar="HEADING=FIELD",
              help="A column's field; HEADING= leaves it out.")  # fmt: skip
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE",
              help="A value for all rows that give none.")  # fmt: skip
@click.option("--encoding", type=click.Choice(list(ENCODINGS)), default=None)
@click.option("--separator", type=click.Choice(list(SEPARATOR_WORDS)), default=None)
@click.option("--yes", is_flag=True, help="Import without asking, as with --json.")
@shared
@pass_console
def csv_file(
    console: Console,
    path: Path,
    mapping: Path | None,
    write_mapping: Path | None,
    pairs: tuple[str, ...],
    values: tuple[str, ...],
    encoding: str | None,
    separator: str | None,
    yes: bool,
    dry_run: bool,
    duplicates: bool,
    editor: str | None,
) -> None:
    """Import the rows of a CSV file, each as a record.

    How the columns are understood is shown first, and nothing is written before you agree. A row
    that cannot be read is told by its number, as a spreadsheet counts; the others are imported.
    """
    columns = _columns(mapping, pairs, values, encoding, separator)
    plain = columns.as_plain()
    seen = console.ask("import_table", path=str(path.absolute()), columns=plain)
    if not console.as_json:
        console.show(None, _mapping_report(seen))
    if write_mapping is not None:
        fields = {column["heading"]: column["field"] for column in seen["columns"]}
        whole = Columns(fields, columns.values, seen["encoding"], seen["separator"])
        write_mapping.write_text(write_columns(whole), encoding="utf-8")
    choice = Choice(dry_run, duplicates, editor)
    if seen["problems"] and not editor:
        raise ArgumentError(f"{path}: {'; '.join(seen['problems'])}.")
    if not (dry_run or editor or yes or console.as_json):
        if not sys.stdin.isatty():
            raise ArgumentError("Nothing was written. Look at the columns, then add --yes.")
        click.confirm(f"Import {seen['rows']} rows?", abort=True)
    _import(console, "csv", (path,), choice, plain)


def _columns(
    mapping: Path | None,
    pairs: tuple[str, ...],
    values: tuple[str, ...],
    encoding: str | None,
    separator: str | None,
) -> Columns:
    """The mapping of a file and of flags; flags win."""
    found = Columns()
    if mapping is not None:
        try:
            found = read_columns(read_text(mapping))
        except (BrokenFileError, ValueError) as error:
            raise ArgumentError(f"{mapping}: {error}.") from error
    return Columns(
        {**found.fields, **_pairs(pairs, "--column")},
        {**found.values, **_pairs(values, "--set")},
        encoding or found.encoding,
        SEPARATOR_WORDS[separator] if separator else found.separator,
    )


def _pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    found = {}
    for pair in given:
        name, sign, value = pair.rpartition("=")
        if not sign or not name.strip():
            raise ArgumentError(f"{option} {pair}: write it as NAME=VALUE.")
        found[name.strip()] = value.strip()
    return found


def _mapping_report(seen: dict[str, Any]) -> list[str]:
    """How a table is understood, in lines."""
    separator = next(word for word, sign in SEPARATOR_WORDS.items() if sign == seen["separator"])
    rows = [
        (column["heading"], column["field"] or "(left out)", column["example"])
        for column in seen["columns"]
    ]
    given = {column["field"] for column in seen["columns"]}
    lines = [f"Read as {seen['encoding']} with {separator}: {seen['rows']} rows.", ""]
    lines += [*table(("COLUMN", "FIELD", "FIRST VALUE"), rows), ""]
    if LEFT_OUT in given:
        lines.append(f"Fields there are: {', '.join(FIELDS)}.")
    if seen["broken_rows"]:
        lines.append(f"{seen['broken_rows']} rows cannot be read and are listed at the end.")
    return lines


def _import(
    console: Console,
    format_name: str,
    paths: tuple[Path, ...],
    choice: Choice,
    columns: dict[str, Any] | None = None,
) -> None:
    given = [str(path.absolute()) for path in paths]
    if choice.editor is not None:
        _bring(console, choice, format_name=format_name, paths=given, columns=columns)
        return
    options = {"dry_run": choice.dry_run, "duplicates": choice.duplicates, "columns": columns}
    with display(silent=console.as_json) as shown:

        def look(done: int, total: int) -> None:
            shown.show("Importing", done, total, "")

        files: list[dict[str, Any]] = console.ask_in_parts(
            "import_files", look, PART_FILES, format_name=format_name, paths=given, **options
        )
    left = [item for item in files if item["outcome"] in (REFUSED, DUPLICATE)]
    refused = sum(item["outcome"] == REFUSED for item in left)
    document = {
        "files": files,
        "imported": len(files) - len(left),
        "refused": refused,
        "duplicates": len(left) - refused,
        "dry_run": choice.dry_run,
    }
    console.show(document, _report(files, document))
    if refused == len(files):
        click.get_current_context().exit(FAILED)


def _bring(console: Console, choice: Choice, **arguments: Any) -> None:
    """Put files on an editor's page instead of publishing them."""
    if choice.dry_run or choice.duplicates:
        raise ArgumentError("With --drafts the editor's page asks what else is to be decided.")
    brought = console.ask("bring_files", user=choice.editor, **arguments)
    count = len(brought["files"])
    waiting = f"{count} file waits" if count == 1 else f"{count} files wait"
    lines = [
        f"{waiting} for {brought['user']} for seven days. Nothing is published.",
        f"They are looked through at {brought['url']}",
    ]
    console.show(brought, lines)


def _report(files: list[dict[str, Any]], counts: dict[str, Any]) -> list[str]:
    lines = []
    for item in files:
        place = item["file"] if item["line"] is None else f"{item['file']}:{item['line']}"
        if item["outcome"] == REFUSED:
            lines.append(f"{place}: not imported: {item['reason']}")
        elif item["outcome"] == DUPLICATE:
            lines.append(f"{place}: not imported, {item['reason']} (--duplicates imports it)")
        elif counts["dry_run"]:
            lines.append(f"{place}: {WOULD_BE.get(item['outcome'], item['outcome'])}")
        else:
            lines.append(f"{place}: {item['outcome']}")
        lines += [f"    {warning}" for warning in item["warnings"]]
    verb = "would be imported" if counts["dry_run"] else "imported"
    summary = f"{counts['imported']} {verb}, {counts['refused']} not"
    if counts["duplicates"]:
        summary += f", {counts['duplicates']} known already by their titles"
    return [*lines, f"{summary}."]
