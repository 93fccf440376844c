"""`tidan publish`: one record of our own from a Markdown file."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.command import Console, TidanCommand, pass_console
from node.errors import ArgumentError
from node.importers import read_markdown, read_text
from node.importers.personal import is_role_mailbox
from node.municipal import taxonomy
from node.operations.personal_data import find_personal_data
from protocol.content import Experience


@click.command(
    cls=TidanCommand,
    examples=["tidan publish digitala-las.md", "tidan publish digitala-las.md --dry-run"],
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and check only; publish nothing.")
@pass_console
def publish(console: Console, file: Path, dry_run: bool) -> None:
    """Sign and publish the record in FILE, a Markdown file with front matter.

    It is published as written, contact and all, and cannot be called back from others.
    docs/markdown.md describes the file. To publish an edit, set `replaces` to the record's id.
    """
    try:
        text = read_text(file)
    except ValueError as error:
        raise ArgumentError(f"{file}: {error}.") from error
    result = read_markdown(text, file.name, keep_personal=True)
    if result.experience is None:
        assert result.error is not None
        raise ArgumentError(f"{file}, line {result.error.line}: {result.error.reason}.")
    if taxonomy.find(result.experience.area) is None:
        raise ArgumentError(f"{file}: there is no subject area {result.experience.area}.")
    content = result.experience.model_dump(mode="json", by_alias=True, exclude_none=True)
    warnings = [*result.warnings, *_suspicions(result.experience)]
    lines = [f"Note: {warning}." for warning in warnings]
    if dry_run:
        console.show({"content": content, "warnings": warnings}, [*lines, "Good; not published."])
        return
    published = console.ask("publish", kind="experience", content=content)
    console.show(
        published | {"warnings": warnings},
        [
            *lines,
            f"Published as entry {published['sequence']} and stored here.",
            f"  Record  {published['record']}",
            "It travels to neighbours whenever the node serves.",
        ],
    )


def _suspicions(experience: Experience) -> list[str]:
    """What looks like a person in an own record; a person decides, so it is only said."""
    fields = [(name, value) for name, value in experience if isinstance(value, str)]
    found = [
        f"{finding.field} may hold personal data ({finding.what} {finding.excerpt})"
        for finding in find_personal_data(fields)
    ]
    email = experience.contact.email
    if email is not None and not is_role_mailbox(email):
        found.append(
            "the contact's e-mail address may be a person's; a shared mailbox lasts longer"
        )
    return found
