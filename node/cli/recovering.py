"""`tidan recover`: the log back on an empty machine, or a decision to sign without all of it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from node.cli.command import Console, TidanCommand, pass_console
from node.cli.keys import (
    CONTINUE_FROM,
    REFUSED_CODES,
    VISIBLE,
    next_sheet,
    rotation_lines,
    withdraw_sheet,
)
from node.cli.paper import ask_recovery_key, sheet_file, sheet_lines
from node.cli.progress import Display, display, show_stage
from node.config import Settings
from node.errors import ArgumentError
from node.operations.log_ids import read_log_id
from node.operations.node import Node
from node.operations.verbs import plain
from node.origins import normalise_origin
from node.process.recovering import (
    Neighbour,
    fetch_own_log,
    fetch_the_rest,
    fetching,
    introduced_by_us,
    prepare_folder,
)
from protocol.errors import LocalError
from protocol.identity import SigningKey, next_key_digest
from storage.key_file import KeyFile

WAIT_SECONDS = 60.0
REST_SECONDS = 20.0


@click.command(
    cls=TidanCommand,
    examples=[
        "tidan recover --neighbour https://tidan.tidaholm.se 0b6b… --log f3e7… --new-sheet b2.html",
        "tidan recover --neighbour https://tidan.tidaholm.se 0b6b… --log f3e7… --key-file copy.key",
        "tidan recover --neighbour https://… 0b6b… --log f3e7… --continue-from 12 --reason stolen",
        'tidan recover --override --reason "the copy has been switched off"',
    ],
)
@click.option(
    "--neighbour",
    "neighbours",
    type=(str, str),
    multiple=True,
    metavar="URL ID",
    help="A neighbour's address and log id; several are all heard before anything is signed.",
)
@click.option("--log", metavar="ID", help="Our log's id, from the sheet; its QR code says it too.")
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A copy of signing.key, instead of the recovery sheet. What no neighbour asked has is"
    " then taken to be lost with the old machine: never start that again.",
)
@click.option(
    "--new-sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the new recovery sheet to a new file (a page when it ends in .html).",
)
@CONTINUE_FROM
@click.option("--yes", is_flag=True, help="Do not ask whether the new sheet is on paper.")
@VISIBLE
@click.option("--override", is_flag=True, help="Sign again although the log may not be whole.")
@click.option(
    "--same-key",
    is_flag=True,
    help="With --override where the guard file is gone: go on with the present key. If it has"
    " signed more than is here, that is a fork, and only the recovery sheet repairs it.",
)
@click.option(
    "--reason",
    help="Who was asked and why this is safe, or why entries give way; kept in the audit trail.",
)
@pass_console
def recover(
    console: Console,
    neighbours: tuple[tuple[str, str], ...],
    log: str | None,
    key_file: Path | None,
    new_sheet: Path | None,
    continue_from: int | None,
    yes: bool,
    visible: bool,
    override: bool,
    same_key: bool,
    reason: str | None,
) -> None:
    """Get the log back on an empty machine, or leave the recovering mode by decision.

    With --neighbour: makes the data folder, fetches our log from neighbours, and brings the
    recovery sheet's key in force once all of it is here. With --key-file the key is in force
    already. When somebody else has signed with the lost machine's key, say --continue-from now:
    what stands before the sheet's key comes in force stands for good.

    With --override: a recovering node reads and syncs but signs nothing until its log is back from
    neighbours, and goes on by itself then. An override while any neighbour holds more of the log
    makes a fork: the log is frozen everywhere until it is repaired with `tidan key rotate`. Where
    the guard file is gone, or shows that more was signed, that command is the way to go on.
    """
    if override:
        if not reason or neighbours or continue_from is not None:
            raise click.UsageError(
                "An override is given in full, and alone: --override --reason TEXT."
            )
        found = console.ask("override_recovery", reason=reason, same_key=same_key)
        signs = f"{found['name']} signs again, from entry {found['sequence'] + 1} on."
        console.show(found, [signs])
        return
    if not neighbours:
        raise click.UsageError("Say whom to fetch from: --neighbour URL ID; or --override.")
    if not (yes or key_file or sys.stdin.isatty()):
        raise click.UsageError("Without a terminal to ask at, say --yes.")
    if continue_from is not None and (key_file or not (reason or "").strip()):
        raise click.UsageError(
            "What is to give way needs the sheet, and a --reason, which is kept."
        )
    asked = [_neighbour(*item) for item in neighbours]
    seed, log_id = _key_and_log(key_file, log, visible)
    settings = console.settings(log_level="warning")
    prepare_folder(settings, log_id, seed)
    give_way = {"continue_from": continue_from, "reason": reason or "recovered"}
    work = _recover(console, settings, asked, give_way, new_sheet, yes)
    document, lines = asyncio.run(work)
    console.show(document, lines)


def _neighbour(url: str, log: str) -> Neighbour:
    try:
        return Neighbour(normalise_origin(url), read_log_id(log))
    except ValueError as error:
        raise ArgumentError(f"{error}.".capitalize()) from error


def _key_and_log(key_file: Path | None, log: str | None, visible: bool) -> tuple[bytes, bytes]:
    given = read_log_id(log) if log else None
    if key_file is not None:
        if given is None:
            raise click.UsageError("A key file does not say whose it is: --log ID.")
        return KeyFile(key_file).load(), given
    typed = ask_recovery_key(visible=visible)
    if typed.log is not None and given not in (None, typed.log):
        raise ArgumentError("The sheet's code belongs to another log than the one given.")
    found = typed.log or given
    if found is None:
        raise click.UsageError("The log's id stands on the sheet: --log ID.")
    return typed.seed, found


async def _recover(
    console: Console,
    settings: Settings,
    neighbours: list[Neighbour],
    give_way: dict[str, Any],
    path: Path | None,
    yes: bool,
) -> tuple[dict[str, Any], list[str]]:
    with display(silent=console.as_json) as shown:
        async with fetching(settings, neighbours) as node:
            await fetch_own_log(node, WAIT_SECONDS, lambda progress: _look(shown, progress))
            shown.complete()
            rotation = await _bring_in_force(console, node, give_way, path, yes)
            whole = await fetch_the_rest(
                node, REST_SECONDS, lambda progress: _look(shown, progress)
            )
            shown.complete()
            status = plain(await node.operations.status())
            others = [
                {"log": row.introduced.hex(), "name": row.name, "url": row.url}
                for row in await introduced_by_us(node)
                if row.introduced not in {one.log for one in neighbours}
            ]
    assert isinstance(status, dict)
    document = {**status, "rotation": rotation, "everything_fetched": whole, "others": others}
    return document, _report(document, settings, path)


def _look(shown: Display, progress: Any) -> None:
    stage: Any = plain(progress.fetched)
    show_stage(shown, "Fetching", stage)


async def _bring_in_force(
    console: Console, node: Node, give_way: dict[str, Any], path: Path | None, yes: bool
) -> dict[str, Any] | None:
    """Rotate when the key is the sheet's; None when it is in force already, and then signs on:
    whoever brought it has said that the old machine is gone."""
    view, key = node.directory.get(node.own_log), node.own_key.current
    assert view is not None, "our own log is always known"
    assert view.head is not None, "it has just been fetched"
    keys = view.head.keys
    if keys.current == key.public_key:
        if node.recovery.reason is not None:
            reason = "recovered with the key in force"
            await node.operations.override_recovery(reason, same_key=True)
        return None
    if next_key_digest(key.public_key) != keys.next_digest:
        raise ArgumentError("That key is neither the log's present one nor that of its sheet.")
    sheet = next_sheet(plain(await node.operations.key_status()))
    with sheet_file(path, node.settings.data) as file:
        if file is not None and path is not None:
            file.write(sheet.for_file(path))
    if not console.as_json:
        for line in sheet_lines(sheet, path):
            click.echo(line)
    question = "Is the new sheet on paper, and can its key be read?"
    if not yes and not await asyncio.to_thread(click.confirm, question):
        withdraw_sheet(path)
        raise click.Abort
    seed = node.own_key.seed.hex()
    digest = next_key_digest(SigningKey(sheet.seed).public_key).hex()
    try:
        rotated = plain(await node.operations.rotate_key(seed, digest, **give_way))
    except LocalError as error:
        if error.code in REFUSED_CODES:
            withdraw_sheet(path)
        raise
    assert isinstance(rotated, dict)
    return {**rotated, "recovery_sheet": None if path else sheet.text()}


def _report(document: dict[str, Any], settings: Settings, path: Path | None) -> list[str]:
    counts = f"{document['sequence']} own entries, {document['records']} records"
    lines = [f"{document['name']} is back: {counts}, {document['logs']} logs."]
    if document["rotation"]:
        lines += rotation_lines(document["rotation"], path)
    if not document["everything_fetched"]:
        lines.append("Not everything has come yet; the rest does while the node serves.")
    lines += [
        "What comes next:",
        f"  1. Put tidan.toml back from your backup, or write it anew, in {settings.data}.",
        f"  2. tidan --data {settings.data} serve",
        "     It prints a link for the first operator: users were on the lost machine only.",
        "  3. tidan member list: what was decided about others has to be decided again.",
    ]
    return lines + [
        f"     tidan peer add {one['url'] or '--inbound'} --log {one['log']}   # {one['name']}"
        for one in document["others"]
    ]
