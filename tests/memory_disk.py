"""Where tests put their files: into memory, where there is a file system with room for them.

A node syncs all that it acknowledges, and a disk takes milliseconds for what memory does at once;
in thousands of tests that is minutes of waiting. That syncs are asked for, and in the right order,
is shown by what records them (`tests/power`); the container's tests and `make kills` use the disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path("/dev/shm")
ROOM_BYTES = 4 * 1024**3


def use_memory_disk() -> None:
    """Put temporary files of this process and of those it starts there, unless told otherwise."""
    if "TMPDIR" not in os.environ and _is_fit():
        os.environ["TMPDIR"] = str(FOLDER)
        tempfile.tempdir = None  # asked for anew


def _is_fit() -> bool:
    """Whether it is there, may hold programs, and both it and the machine have the room."""
    if not os.access(FOLDER, os.W_OK | os.X_OK) or os.statvfs(FOLDER).f_flag & os.ST_NOEXEC:
        return False
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text("ascii").splitlines())
    memory = int(lines["MemAvailable"].split()[0]) * 1024
    return min(shutil.disk_usage(FOLDER).free, memory) >= ROOM_BYTES
