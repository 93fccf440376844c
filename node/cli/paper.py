"""Recovery sheets at the command line: a new one written where it was asked for, a key typed back.

A sheet goes to the terminal or to one new file of the operator's choice, readable by its owner
alone; a typed key is never shown while it is typed, and neither is kept.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from node.errors import ArgumentError
from node.process.recovery_key import RecoveryKey, read_recovery_key
from node.process.recovery_sheet import PAGE_SUFFIXES, RecoverySheet

PROMPT = "Recovery key (eighteen groups, on one line)"


@contextlib.contextmanager
def sheet_file(path: Path | None, data: Path) -> Iterator[TextIO | None]:
    """Open the sheet's file before the key exists, so that no key is made that cannot be kept.

    Durable when the body is over. Raises ArgumentError for a file that is there, or in the node's
    own folder, which ends up in backups.
    """
    if path is None:
        yield None
        return
    if path.resolve().is_relative_to(data.resolve()):
        message = f"{path} lies in the node's folder, which is backed up; name a file elsewhere."
        raise ArgumentError(message)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        message = f"{path} exists already; name a new file for the recovery sheet."
        raise ArgumentError(message) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        if path.stat().st_size == 0:
            path.unlink()
        raise


def sheet_lines(sheet: RecoverySheet, path: Path | None) -> list[str]:
    """The sheet itself, or what to do with the file it is in."""
    if path is None:
        return ["-" * 78, *sheet.text().splitlines(), "-" * 78]
    shape = "Open it in a browser, print it" if path.suffix.lower() in PAGE_SUFFIXES else "Print it"
    return [f"The recovery sheet is in {path}. {shape}, lock it away, delete the file."]


def ask_recovery_key(*, visible: bool = False) -> RecoveryKey:
    """The key from a sheet: typed at a terminal, or all of standard input.

    Raises ArgumentError when it is mistyped.
    """
    if sys.stdin.isatty():
        return read_recovery_key(click.prompt(PROMPT, hide_input=not visible, err=True))
    return read_recovery_key(sys.stdin.read())
