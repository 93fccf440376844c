"""A file system of its own that the kernel turns read-only, as it does when a disk has failed.

ext4 in a file, mounted with `errors=remount-ro`: the kernel is told that it has met an error, and
from then on every write fails, on files that were open before as well. It stays so until the file
system is mounted anew; nothing else makes it writable, for any local file system of Linux.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Self

SIZE_BYTES = 64 * 1024 * 1024


class BrokenDisk:
    """Mounted at `place` while it is entered; only root can."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "disk"
        self._image = folder / "disk.ext4"

    def __enter__(self) -> Self:
        self.place.mkdir()
        with self._image.open("wb") as image:
            image.truncate(SIZE_BYTES)
        _run("mkfs.ext4", "-q", "-F", self._image)
        self.mount()
        return self

    def __exit__(self, *_: object) -> None:
        _run("umount", "--lazy", self.place)

    def mount(self) -> None:
        """Mount it; what the kernel has noted of an error is looked through first."""
        _run("fsck.ext4", "-p", self._image, well=(0, 1))
        _run("mount", "-o", "loop,errors=remount-ro", self._image, self.place)

    def unmount(self) -> None:
        """Take it away; nothing may use it any more."""
        _run("umount", self.place)

    def fail(self) -> None:
        """Have the kernel find an error."""
        device = _run("findmnt", "--noheadings", "--output", "SOURCE", self.place).strip()
        faults = Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"
        faults.write_text("Exempel")


def _run(*command: str | Path, well: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode not in well:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout
