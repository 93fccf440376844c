"""Small files that are either wholly there or not at all, also after a power cut.

Order: write a temporary file beside the target, fsync it, rename it over the target, fsync the
folder. A reader sees the old bytes or the new ones, never a part of either. A crash may leave the
temporary file, which the next writing removes.
"""

from __future__ import annotations

import os
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
PROBE_NAME = ".writable"
PROBE_BYTES = 256 * 1024
"""More than a commit of a few texts takes, so that a disk without room for it is found as well."""


def write_durably(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, readable by the owner alone; fsynced when this returns."""
    temporary = unfinished(path)
    temporary.unlink(missing_ok=True)
    _write_new(temporary, data)
    temporary.replace(path)
    sync_folder(path.parent)


def create_durably(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``; raises FileExistsError rather than replace what is there."""
    temporary = unfinished(path)
    temporary.unlink(missing_ok=True)
    _write_new(temporary, data)
    try:
        # A hard link, unlike a rename, refuses to replace an existing file.
        os.link(temporary, path)
    finally:
        temporary.unlink()
    sync_folder(path.parent)


def unfinished(path: Path) -> Path:
    """Where the bytes for ``path`` lie until all of them are written."""
    return path.with_name(f".{path.name}.new")


def make_folder(path: Path) -> None:
    """Make a folder for the owner alone, and those above it that are missing, durably."""
    for folder in reversed([folder for folder in (path, *path.parents) if not folder.exists()]):
        folder.mkdir(mode=FOLDER_MODE if folder == path else 0o777, exist_ok=True)
        sync_folder(folder.parent)


def is_writable(folder: Path) -> bool:
    """Whether the disk of ``folder`` takes bytes and keeps them now: a few are written, fsynced and
    removed."""
    probe = folder / PROBE_NAME
    try:
        probe.unlink(missing_ok=True)
        _write_new(probe, bytes(PROBE_BYTES))
        probe.unlink()
    except OSError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable, not only the bytes of its files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
