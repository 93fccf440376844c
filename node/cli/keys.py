"""Commands about the municipality's own key: how it stands, a rehearsal of the sheet, a rotation.

A new sheet is written, and said to be on paper, before the old key is used: from then on the old
sheet is worth nothing.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Any

import click

from node.cli.command import Console, TidanGroup, moment, pass_console
from node.cli.doubt import doubt_lines, require_heard, way_on_lines
from node.cli.paper import ask_recovery_key, sheet_file, sheet_lines
from node.clock import SystemClock
from node.errors import ArgumentError, NewKeyNeededError, RecoveringError
from node.process.recovery_key import RecoveryKey
from node.process.recovery_sheet import RecoverySheet
from protocol.errors import LocalError
from protocol.identity import SigningKey, next_key_digest
from storage.errors import KeyFileError
from storage.key_file import SEED_BYTES

REFUSED_CODES = frozenset({
    ArgumentError.code, RecoveringError.code, NewKeyNeededError.code, KeyFileError.code,
})  # fmt: skip
"""A rotation that failed with one of these has certainly not been signed."""
CONTINUE_FROM = click.option(
    "--continue-from",
    type=click.IntRange(min=1),
    metavar="N",
    help="The last own entry that is genuine; what follows it gives way, here and everywhere.",
)
VISIBLE = click.option("--visible", is_flag=True, help="Show the key while it is typed.")


@click.group(cls=TidanGroup)
def key() -> None:
    """The municipality's key and its recovery sheet: status, rehearse, rotate."""


@key.command(examples=["tidan key status", "tidan key status --json"])
@pass_console
def status(console: Console) -> None:
    """Show since when the key is in force, and when the sheet was last rehearsed."""
    found = console.ask("key_status")
    console.show(found, status_lines(found))


def status_lines(found: dict[str, Any]) -> list[str]:
    """How the keys stand, for a person."""
    rehearsed = found["rehearsed_ms"]
    lines = [
        f"{found['name']} ({found['code']})",
        f"  Key in force    since entry {found['key_sequence']}, {moment(found['key_ms'])}",
        f"  Recovery sheet  number {found['sheet_number']}",
        f"  Last rehearsed  {moment(rehearsed)}",
    ]
    if found["set_aside"]:
        lines.append(f"  Set aside       {found['set_aside']} entries that gave way to a rotation")
    if rehearsed is None:
        lines.append("Nobody has tried this sheet yet: tidan key rehearse")
    if found["frozen"]:
        lines.append("FROZEN by a fork: tidan key rotate repairs it (docs/operating.md).")
    if found["problem"]:
        lines.append(f"Nothing is signed: {found['problem']}.")
    if found["doubt"]:
        lines.extend([*doubt_lines(found["doubt"]), *way_on_lines(found["doubt"])])
    return lines


@key.command(examples=["tidan key rehearse", "tidan key rehearse < /dev/scanner"])
@VISIBLE
@pass_console
def rehearse(console: Console, visible: bool) -> None:
    """Prove that the recovery sheet can be read and fits, without using it up.

    Type the key, or have its QR code read. It is compared with what the log has committed to;
    nothing is signed, and the key is kept nowhere. The date is kept in the audit trail.
    """
    before = console.ask("key_status")  # no key is typed where there is no node
    typed = ask_recovery_key(visible=visible)
    _check_log(typed, before)
    found = console.ask("rehearse_key", digest=typed.digest.hex())
    number = found["sheet_number"]
    lines = [
        f"The sheet works: number {number} of {found['name']} is the one that counts.",
        "Nothing was used up. Lock it away again, and note the date on it.",
    ]
    console.show(found, lines)


@key.command(
    examples=[
        "tidan key rotate --new-sheet /media/usb/hjo-2.html",
        'tidan key rotate --continue-from 1204 --reason "stolen on 12 May" --new-sheet b2.html',
    ]
)
@click.option(
    "--new-sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the new recovery sheet to a new file (a page when it ends in .html) instead of"
    " showing it.",
)
@CONTINUE_FROM
@click.option(
    "--without-rest",
    is_flag=True,
    help="Although our log may not be here in full: what is missing gives way, everywhere.",
)
@click.option("--reason", default="", help="Why; kept in the audit trail.")
@click.option("--yes", is_flag=True, help="Do not ask whether the new sheet is on paper.")
@VISIBLE
@pass_console
def rotate(
    console: Console,
    new_sheet: Path | None,
    continue_from: int | None,
    without_rest: bool,
    reason: str,
    yes: bool,
    visible: bool,
) -> None:
    """Bring the recovery sheet's key in force, and make a new sheet.

    Planned, or after a theft: neighbours follow by themselves, and what the old key signs from
    then on is refused everywhere. The old sheet is worth nothing afterwards.

    Also when the guard file is gone, or entries that were signed are missing: the new key has
    signed nothing before. `tidan key status` says what is known.
    """
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("Without a terminal to ask at, say --yes.")
    if (continue_from is not None or without_rest) and not reason.strip():
        raise click.UsageError("What is to give way needs a --reason, which is kept.")
    before = console.ask("key_status")
    require_heard(before["doubt"], without_rest=without_rest)
    if before["doubt"] and not console.as_json:
        click.echo("\n".join(doubt_lines(before["doubt"])))
    typed = ask_recovery_key(visible=visible)
    _check_log(typed, before)
    console.ask("compare_key", digest=typed.digest.hex())
    sheet = next_sheet(before)
    with sheet_file(new_sheet, console.settings().data) as file:
        if file is not None and new_sheet is not None:
            file.write(sheet.for_file(new_sheet))
    if not console.as_json:
        for line in sheet_lines(sheet, new_sheet):
            click.echo(line)
    if not yes and not click.confirm("Is the new sheet on paper, and can its key be read?"):
        withdraw_sheet(new_sheet)
        raise click.Abort
    give_way = {
        "continue_from": continue_from, "without_rest": without_rest, "reason": reason
    }  # fmt: skip
    done = _rotate(console, typed, sheet, new_sheet, give_way)
    document = {**done, "recovery_sheet": None if new_sheet else sheet.text()}
    console.show(document, rotation_lines(done, new_sheet))


def next_sheet(before: Any) -> RecoverySheet:
    """A sheet with a new key for a log whose `key_status` this is."""
    return RecoverySheet(
        bytes.fromhex(before["log"]),
        before["code"],
        before["name"],
        secrets.token_bytes(SEED_BYTES),
        before["sheet_number"] + 1,
        SystemClock().time_ms(),
    )


def _rotate(
    console: Console,
    typed: RecoveryKey,
    sheet: RecoverySheet,
    path: Path | None,
    give_way: dict[str, Any],
) -> dict[str, Any]:
    """Have the node sign; a refused rotation takes its new sheet with it."""
    next_digest = next_key_digest(SigningKey(sheet.seed).public_key)
    keys = {"seed": typed.seed.hex(), "next_digest": next_digest.hex()}
    try:
        done: dict[str, Any] = console.ask("rotate_key", **keys, **give_way)
    except LocalError as error:
        if error.code in REFUSED_CODES:
            withdraw_sheet(path)
        else:  # nobody can say from here whether it was signed
            click.echo("Look at `tidan key status` before you throw any sheet away.", err=True)
        raise
    return done


def withdraw_sheet(path: Path | None) -> None:
    """Nothing was signed: nobody shall trust the sheet that was made for it."""
    if path is not None:
        path.unlink(missing_ok=True)
    click.echo("Nothing was changed: the old sheet counts, the new one does not.", err=True)


def rotation_lines(done: dict[str, Any], path: Path | None) -> list[str]:
    """What a rotation has changed, for a person."""
    lines = [f"The new key is in force from entry {done['sequence']} on; neighbours follow."]
    if done["given_way"]:
        lines.append(f"{done['given_way']} entries gave way; they are kept as evidence.")
    lines.append(f"Destroy the old sheet. Number {done['status']['sheet_number']} counts now.")
    if path is not None:
        lines.append(f"Print {path} now if you have not, and delete the file.")
    return lines


def _check_log(typed: RecoveryKey, found: dict[str, Any]) -> None:
    """A QR code names its log: another municipality's sheet is told apart at once."""
    if typed.log is not None and typed.log.hex() != found["log"]:
        raise ArgumentError(f"That sheet belongs to another log than that of {found['name']}.")
