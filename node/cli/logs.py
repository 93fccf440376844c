"""Commands about logs: what is here, what entries hold, taking a log out and checking it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from node.cli.archive_check import ArchiveSummary, check_archive
from node.cli.command import (
    Console,
    TidanGroup,
    binary_output,
    moment,
    pass_console,
    table,
)
from node.cli.evidence_check import EvidenceSummary
from node.cli.progress import display, show_stage
from node.pace import make_stage

CONTENT_CHARS_SHOWN = 300


@click.group(cls=TidanGroup)
def log() -> None:
    """Logs: list, show, export, verify.

    LOG is a log id or its first digits.
    """


@log.command(name="list", examples=["tidan log list", "tidan log list --json"])
@pass_console
def list_logs(console: Console) -> None:
    """List the logs that have entries here."""
    logs = [item for item in console.ask("members") if item["sequence"]]
    rows = [
        [item["log"][:16], item["sequence"], item["standing"], f"{item['name']} ({item['code']})"]
        for item in logs
    ]
    console.show(logs, table(["LOG", "ENTRIES", "STANDING", "MUNICIPALITY"], rows))


@log.command(examples=["tidan log show 4f1c09ab", "tidan log show 4f1c09ab --after 100 --limit 10"])
@click.argument("log_id", metavar="LOG")
@click.option("--after", default=0, metavar="N", help="Begin after entry N.")
@click.option("--limit", default=50, type=click.IntRange(1, 500), help="Entries to show.")
@pass_console
def show(console: Console, log_id: str, after: int, limit: int) -> None:
    """Show entries of a log, oldest first."""
    found = console.ask("log_entries", log=log_id, after_sequence=after, limit=limit)
    console.show(found, [line for entry in found["entries"] for line in _entry_lines(entry)])


def _entry_lines(entry: dict[str, Any]) -> list[str]:
    content = entry["content"]
    shown = "(no content)" if content is None else content[:CONTENT_CHARS_SHOWN]
    more = "…" if content and len(content) > CONTENT_CHARS_SHOWN else ""
    return [
        f"{entry['sequence']}  {entry['kind']}  {moment(entry['time_ms'])}  {entry['entry']}",
        f"    {shown}{more}",
    ]


@log.command(examples=["tidan log export 4f1c09ab > tidaholm.cbor"])
@click.argument("log_id", metavar="LOG")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to a file instead of standard output.",
)
@pass_console
def export(console: Console, log_id: str, output: Path | None) -> None:
    """Write a whole log as a CBOR sequence, for `tidan log verify` or any CBOR and COSE library."""
    if output is None:
        stream = binary_output()
        for data in _pages(console, log_id):
            stream.write(data)
        stream.flush()
        return
    pages = _pages(console, log_id)
    first = next(pages)  # before the file is touched: there may be no such log
    with output.open("wb") as file:
        size_bytes = file.write(first) + sum(file.write(data) for data in pages)
    document = {"file": str(output), "size_bytes": size_bytes}
    console.show(document, [f"Wrote {size_bytes} bytes to {output}."])


def _pages(console: Console, log_id: str) -> Iterator[bytes]:
    after, is_last = 0, False
    while not is_last:
        page = console.ask("export_page", log=log_id, after_sequence=after)
        yield base64.b64decode(page["data"])
        after, is_last = page["sequence"], page["last"]


@log.command(examples=["tidan log verify hjo.cbor", "tidan log verify hjo.cbor --every-signature"])
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--every-signature", is_flag=True, help="Check each entry's own signature as well.")
@pass_console
def verify(console: Console, file: Path, every_signature: bool) -> None:
    """Check an exported log, or a record's evidence, offline, with nothing but FILE.

    Checks every link, every content commitment and, by the run rule, the signature that covers
    each entry; of evidence the entry's own signature and the keys that lead to it. Needs no node.
    Exit code 1 names the first entry that is not good.
    """
    size_bytes, started = file.stat().st_size, time.monotonic()
    with display(silent=console.as_json) as shown, file.open("rb") as stream:

        def tell(entries: int) -> None:
            """The file does not say how many entries it holds: they are taken to be alike."""
            per_second = entries / max(time.monotonic() - started, 0.001)
            left = entries * (size_bytes - stream.tell()) // max(stream.tell(), 1)
            show_stage(shown, "Checking", asdict(make_stage(entries, left, per_second)))

        summary = check_archive(stream, every_signature=every_signature, tell=tell)
        shown.complete()
    if isinstance(summary, EvidenceSummary):
        console.show(asdict(summary), _evidence_lines(summary))
        return
    per_second = round(summary.entries / max(time.monotonic() - started, 0.001))
    document = asdict(summary) | {"entries_per_second": per_second}
    console.show(document, _summary_lines(summary, per_second))


def _evidence_lines(summary: EvidenceSummary) -> list[str]:
    return [
        f"Good: evidence for entry {summary.sequence}, checked on its own signature.",
        f"  Log          {summary.log}",
        f"  Name         {summary.name} ({summary.code})",
        f"  Fingerprint  {summary.fingerprint}",
        f"  Entry        {summary.entry}",
        f"  Kind         {summary.kind}",
        f"  Signed       {moment(summary.time_ms)}, by the author's clock",
        f"  Title        {summary.title or '-'}",
        f"  Key events   {summary.key_events}",
        f"  Content      {'here, as signed' if summary.has_content else 'not in the file'}",
        "It does not show what came later: a change, a withdrawal or a second version of the log.",
        "Compare the fingerprint with the municipality by telephone before you rely on the name.",
    ]


def _summary_lines(summary: ArchiveSummary, per_second: int) -> list[str]:
    kinds = ", ".join(f"{count} {kind}" for kind, count in summary.kinds.items())
    checked = "every signature" if summary.every_signature else "covered by checked signatures"
    return [
        f"Good: {summary.entries} entries, {checked} ({per_second:,} entries/s).",
        f"  Log          {summary.log}",
        f"  Name         {summary.name} ({summary.code})",
        f"  Fingerprint  {summary.fingerprint}",
        f"  Head         entry {summary.entries}, {summary.head}",
        f"  Key events   {summary.key_events}",
        f"  Kinds        {kinds}",
        f"  Without content  {summary.without_content}",
        "Compare the fingerprint with the municipality by telephone before you rely on the name.",
    ]
