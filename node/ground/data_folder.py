"""What lies in a node's data folder, and which of it may be lost.

`signing.key` (secret; losing it needs the recovery sheet), `signing.key.new` (its successor, during
a rotation only), `guard` (kept out of backups of the database; losing it means waiting for
neighbours), `log_id` (which log is ours, also when the
database is gone), `tidan.sqlite` (comes back from neighbours, except what nobody has fetched yet),
`blobs` (attachments; come back the same way), `search` (the index; made anew from the log),
`tidan.toml` (settings), `synpunkter.json` (what readers wrote about accessibility), `node.lock`,
`control.sock`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from node.errors import NotCreatedError
from storage.durable_file import create_durably
from storage.folder_lock import FolderLock
from storage.guard_file import GuardFile
from storage.key_file import KeyFile

KEY_NAME = "signing.key"
WAITING_KEY_NAME = "signing.key.new"
GUARD_NAME = "guard"
LOG_ID_NAME = "log_id"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The parts of the folder at `path`."""

    path: Path

    @property
    def key_file(self) -> KeyFile:
        """The signing key."""
        return KeyFile(self.path / KEY_NAME)

    @property
    def waiting_key_file(self) -> KeyFile:
        """The key that a rotation under way puts in the signing key's place."""
        return KeyFile(self.path / WAITING_KEY_NAME)

    @property
    def guard(self) -> GuardFile:
        """The restore guard."""
        return GuardFile(self.path / GUARD_NAME)

    @property
    def lock(self) -> FolderLock:
        """The lock that keeps a second node away."""
        return FolderLock(self.path)

    def write_log_id(self, log: bytes) -> None:
        """Note which log is ours, durably."""
        create_durably(self.path / LOG_ID_NAME, log.hex().encode("ascii") + b"\n")

    def read_log_id(self) -> bytes:
        """Which log is ours; raises `NotCreatedError` when this folder holds no whole node."""
        if not self.key_file.exists():
            raise NotCreatedError(f"There is no node in {self.path}.")
        try:
            return bytes.fromhex((self.path / LOG_ID_NAME).read_text("ascii"))
        except (OSError, ValueError) as error:
            raise NotCreatedError(
                f"The set-up of the node in {self.path} was interrupted ({LOG_ID_NAME} is missing)."
            ) from error
