"""Commands about logs: what is here, what an entry holds, taking a log out and checking it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from node.archive_check import ArchiveSummary, check_archive
from node.cli.command import Console, TidanGroup, pass_console


@click.group(cls=TidanGroup)
def log() -> None:
    """Logs: list, show, export, and verify offline."""


@log.command(examples=["tidan log verify hjo.cbor", "tidan log verify hjo.cbor --every-signature"])
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--every-signature", is_flag=True, help="Check each entry's own signature as well.")
@pass_console
def verify(console: Console, file: Path, every_signature: bool) -> None:
    """Check an exported log offline, with nothing but FILE.

    Checks every link, every content commitment and, by the run rule, the signature that covers
    each entry. Needs no node. Exit code 1 names the first entry that is not good.
    """
    with file.open("rb") as stream:
        summary = check_archive(stream, every_signature=every_signature)
    console.show(asdict(summary), _lines_of(summary))


def _lines_of(summary: ArchiveSummary) -> list[str]:
    kinds = ", ".join(f"{count} {kind}" for kind, count in summary.kinds.items())
    checked = "every signature" if summary.every_signature else "covered by checked signatures"
    return [
        f"Good: {summary.entries} entries, {checked}.",
        f"  Log          {summary.log}",
        f"  Name         {summary.name} ({summary.code})",
        f"  Fingerprint  {summary.fingerprint}",
        f"  Head         entry {summary.entries}, {summary.head}",
        f"  Key events   {summary.key_events}",
        f"  Kinds        {kinds}",
        f"  Without content  {summary.without_content}",
        "Compare the fingerprint with the municipality by telephone before you rely on the name.",
    ]
