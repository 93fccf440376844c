"""One node to a data folder.

Two nodes on one folder would sign two entries at one sequence number. The lock is the kernel's
(flock): it disappears with the process, however that ends, so a crash never leaves it behind.
The number written into the file is for people only.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.durable_file import make_folder
from storage.errors import FolderLockedError

LOCK_FILE_NAME = "node.lock"


class FolderLock:
    """Holds ``folder`` for this node from :meth:`acquire` until :meth:`release`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK_FILE_NAME
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock at once or raise :class:`FolderLockedError`; creates the folder."""
        if self._descriptor is not None:
            raise FolderLockedError(f"this node already holds {self.path.parent}")
        make_folder(self.path.parent)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise FolderLockedError(
                f"another node (process {holder}) already runs on {self.path.parent}"
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the folder go; does nothing when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
