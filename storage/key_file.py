"""The node's signing key on disk: 32 bytes of seed as hexadecimal text, for the owner only.

Rules: the file is created once and never replaced by accident; a file that anyone but its owner
can read or change is refused, as is a symbolic link, because then the key may be known to others.
The next key (the recovery key) is never kept here or anywhere else on the node; during a rotation
it lies beside the old one until it has taken its place.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from storage.durable_file import create_durably, sync_folder, unfinished, write_durably
from storage.errors import KeyFileError

SEED_BYTES = 32
_TEXT_BYTES_MAX = 2 * SEED_BYTES + 2
# Not following links, and not waiting for a writer where somebody put a pipe.
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFile:
    """The file at ``path`` that holds the seed of the node's current signing key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Tell whether there is a key file, readable or not."""
        return self.path.is_symlink() or self.path.exists()

    def create(self, seed: bytes) -> None:
        """Write ``seed`` (32 bytes) durably; raises :class:`KeyFileError` if a key is there."""
        try:
            create_durably(self.path, _to_text(seed))
        except FileExistsError as error:
            raise KeyFileError(f"{self.path} already holds a key; it is never replaced") from error
        except OSError as error:
            raise KeyFileError(f"cannot write {self.path}: {error.strerror}") from error

    def replace(self, seed: bytes) -> None:
        """Put ``seed`` in place of the present key, as a rotation does."""
        self.load()
        write_durably(self.path, _to_text(seed))

    def remove(self) -> None:
        """Delete the file, if there is one, durably."""
        if self.exists():
            self.path.unlink()
            sync_folder(self.path.parent)

    def remove_unfinished(self) -> None:
        """Delete what a crash left of a key that was being written, durably."""
        left = unfinished(self.path)
        if left.exists():
            left.unlink()
            sync_folder(left.parent)

    def load(self) -> bytes:
        """Return the 32 bytes of the seed.

        Raises :class:`KeyFileError` when the file is missing, a link, of another owner, readable
        by others, or not a key.
        """
        try:
            descriptor = os.open(self.path, _READ_FLAGS)
        except FileNotFoundError as error:
            raise KeyFileError(f"there is no key file at {self.path}") from error
        except OSError as error:
            raise KeyFileError(f"cannot open {self.path}: {error.strerror}") from error
        try:
            self._check_access(os.fstat(descriptor))
            text = os.read(descriptor, _TEXT_BYTES_MAX + 1)
        finally:
            os.close(descriptor)
        try:
            seed = bytes.fromhex(text.decode("ascii"))
        except ValueError as error:
            raise KeyFileError(f"{self.path} does not hold a key") from error
        if len(seed) != SEED_BYTES:
            raise KeyFileError(f"{self.path} does not hold a key")
        return seed

    def _check_access(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise KeyFileError(f"{self.path} is not a plain file")
        if status.st_mode & _OTHERS:
            mode = stat.S_IMODE(status.st_mode)
            raise KeyFileError(f"{self.path} is open to others (mode {mode:04o}, must be 0600)")
        if status.st_uid not in (os.geteuid(), 0):
            raise KeyFileError(f"{self.path} belongs to another user")


def _to_text(seed: bytes) -> bytes:
    if len(seed) != SEED_BYTES:
        raise KeyFileError(f"a seed is {SEED_BYTES} bytes, not {len(seed)}")
    return seed.hex().encode("ascii") + b"\n"
