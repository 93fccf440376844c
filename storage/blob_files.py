"""Files that records name, in a folder: named by digest, whole or not there, hashed before use.

- ``ab/abcd…`` is a whole file. It was written to ``partial/``, hashed while it was written, fsynced
  and renamed, so a name never promises bytes that are not there, also after a power cut.
- ``partial/…`` is a file on its way. One that comes from neighbours is continued after a restart.
- A disk may change bytes later. Before a file is first given out after a start, or once it has
  changed, it is hashed again: what is not what its name says is never passed on.

Everything here waits for the disk, so it is called in threads. Calls about one partial file must
not overlap.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from protocol.blob_messages import Blob
from storage.durable_file import FILE_MODE, make_folder, sync_folder
from storage.errors import BlobFileError

FOLDER_NAME = "blobs"
PARTIAL_NAME = "partial"
_READ_BYTES = 1024 * 1024


class GrowingFile:
    """A file that is being written; ``size_bytes`` is how much of it is here."""

    def __init__(self, files: BlobFiles, path: Path, *, continued: bool) -> None:
        self.path = path
        self._files = files
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        with _explained("cannot be written"):
            make_folder(path.parent)
            if not continued:
                path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
            with os.fdopen(descriptor, "rb") as file:
                for piece in _pieces(file):
                    self._hash.update(piece)
                    self.size_bytes += len(piece)

    def append(self, data: bytes) -> None:
        """Write more; durable only once the file is finished."""
        with _explained("cannot be written"), self.path.open("ab") as file:
            file.write(data)
        self._hash.update(data)
        self.size_bytes += len(data)

    @property
    def digest(self) -> bytes:
        """The digest of what is here."""
        return self._hash.digest()

    def finish(self) -> Blob:
        """Keep the file under its digest; it is durable when this returns."""
        blob = Blob(self.digest, self.size_bytes)
        target = self._files.path_of(blob.digest)
        with _explained("cannot be written"):
            with self.path.open("rb") as file:
                os.fsync(file.fileno())
            make_folder(target.parent)
            self.path.replace(target)
            sync_folder(target.parent)
        self._files.note_written(blob)
        return blob

    def discard(self) -> None:
        """Remove what is here."""
        with _explained("cannot be removed"):
            self.path.unlink(missing_ok=True)


class BlobFiles:
    """The folder of one node."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checked: dict[bytes, tuple[int, int, int]] = {}

    def path_of(self, digest: bytes) -> Path:
        """Where the file with this digest lies, if it is here."""
        name = digest.hex()
        return self._folder / name[:2] / name

    def receive(self, blob: Blob) -> GrowingFile:
        """Begin a file that comes in pieces, or go on with it."""
        path = self._folder / PARTIAL_NAME / f"{blob.digest.hex()}-{blob.size_bytes}"
        growing = GrowingFile(self, path, continued=True)
        if growing.size_bytes > blob.size_bytes:
            growing = GrowingFile(self, path, continued=False)
        return growing

    def upload(self, name: str) -> GrowingFile:
        """Begin a file whose digest is not known yet; ``name`` tells uploads apart."""
        return GrowingFile(self, self._folder / PARTIAL_NAME / f"upload-{name}", continued=False)

    def is_whole(self, blob: Blob) -> bool:
        """Whether the file is here and still what its name says."""
        path = self.path_of(blob.digest)
        try:
            stamp = _stamp(path)
            if stamp[0] != blob.size_bytes:
                return False
            if self._checked.get(blob.digest) != stamp:
                with path.open("rb") as file:
                    if hashlib.file_digest(file, "sha256").digest() != blob.digest:
                        return False
                self._checked[blob.digest] = stamp
        except OSError:
            return False
        return True

    def forget_checked(self, blob: Blob) -> None:
        """Hash the file again before it is next given out."""
        self._checked.pop(blob.digest, None)

    def read(self, blob: Blob, offset: int, length: int) -> bytes | None:
        """Return a piece of a file, or None when the file is not here or no longer whole."""
        if offset + length > blob.size_bytes or not self.is_whole(blob):
            return None
        try:
            with self.path_of(blob.digest).open("rb") as file:
                file.seek(offset)
                data = file.read(length)
        except OSError:
            return None
        return data if len(data) == length else None

    def remove(self, digest: bytes) -> None:
        """Remove a whole file, if it is here."""
        self._checked.pop(digest, None)
        with _explained("cannot be removed"):
            self.path_of(digest).unlink(missing_ok=True)

    def note_written(self, blob: Blob) -> None:
        """Remember that a file has just been hashed."""
        with _explained("cannot be read"):
            self._checked[blob.digest] = _stamp(self.path_of(blob.digest))

    def whole_files(self) -> Iterator[tuple[Blob, float]]:
        """All whole files by their names and sizes, each with the time it was written."""
        for path in sorted(self._folder.glob("[0-9a-f][0-9a-f]/*")):
            with _explained("cannot be read"):
                state = path.stat()
            if len(path.name) == 64 and path.name.startswith(path.parent.name):
                yield Blob(bytes.fromhex(path.name), state.st_size), state.st_mtime

    def drop_partial(self, before_seconds: float) -> None:
        """Remove files on their way that nobody has added to since then."""
        for path in (self._folder / PARTIAL_NAME).glob("*"):
            with _explained("cannot be removed"):
                if path.stat().st_mtime < before_seconds:
                    path.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return how much room the disk has."""
        with _explained("cannot be read"):
            # The folder is made with its first file; the disk may not take it now.
            there = self._folder if self._folder.exists() else self._folder.parent
            return shutil.disk_usage(there).free


def _stamp(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns, state.st_ino


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_READ_BYTES):
        yield piece


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BlobFileError(f"an attachment {what}: {error.strerror}") from error
