"""The key that this node signs with: one at a time, changed by a rotation and by nothing else.

A rotation writes the new key beside the old one before it is committed to the log, and puts it in
the old one's place afterwards. What a crash left of that is finished or undone at the next start,
so that a recovery key never stays on a machine that does not sign with it.
"""

from __future__ import annotations

from node.ground.data_folder import DataFolder
from protocol.chain import Head
from protocol.identity import SigningKey


class OwnKey:
    """The present key, wherever it is needed."""

    def __init__(self, folder: DataFolder, head: Head | None) -> None:
        """Load it; `head` is where our log stands on the disk, if any of it is here."""
        self._folder = folder
        waiting = folder.waiting_key_file
        if head is not None and waiting.exists():
            seed = waiting.load()
            if SigningKey(seed).public_key == head.keys.current:
                folder.key_file.replace(seed)
            waiting.remove()
        waiting.remove_unfinished()
        self._key = SigningKey(folder.key_file.load())

    @property
    def seed(self) -> bytes:
        """Its secret, as it lies on the disk: for bringing a recovery key in force where it is."""
        return self._folder.key_file.load()

    @property
    def current(self) -> SigningKey:
        """The key that signs now."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Sign with it; 64 bytes."""
        return self._key.sign(message)

    def announce(self, seed: bytes) -> None:
        """A key will be committed to the log; raises `KeyFileError` when it cannot be kept."""
        self._folder.waiting_key_file.remove()
        self._folder.waiting_key_file.create(seed)

    def adopt(self, seed: bytes) -> None:
        """The announced key is in the log: it signs from here on."""
        self._folder.key_file.replace(seed)
        self._folder.waiting_key_file.remove()
        self._key = SigningKey(seed)

    def withdraw(self) -> None:
        """The announced key did not come into the log: forget it."""
        self._folder.waiting_key_file.remove()
