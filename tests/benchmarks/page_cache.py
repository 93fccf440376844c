"""What of a node's files lies in the machine's memory: all of it, or nothing of one.

A machine may have let go of what a benchmark wrote minutes ago, some more of it than others. So
what is compared with a limit is measured with all in memory, and what the disk adds by itself.
"""

from __future__ import annotations

import os
from pathlib import Path

_READ_BYTES = 1 << 20


def keep_in_memory(folder: Path) -> None:
    """Read all files of a folder once, so that the system has them in its page cache."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(_READ_BYTES):
                    pass


def drop_from_memory(path: Path) -> None:
    """Have the system forget what it has of a file; what a process has mapped or read stays there.

    posix_fadvise(2): what is not on the disk yet is not forgotten, so it is synced first.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
