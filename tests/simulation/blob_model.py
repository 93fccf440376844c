"""Files of a simulated node: whole ones outlive a crash, what is on its way may lose its end."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from memory_blobs import MemoryBlobs, blob_of
from protocol.blob_messages import Blob
from protocol.effects import BlobArrived, BlobOffered, SupplyBlob

if TYPE_CHECKING:
    from simulation.node_model import SimNode

DISK_MS = 2


class Files:
    """One node's files; effects are answered a little later, in order."""

    def __init__(self, node: SimNode) -> None:
        self._node = node
        self.held: dict[Blob, bytes] = {}
        self._partial: dict[Blob, bytearray] = {}
        self._blobs: MemoryBlobs | None = None

    def hold(self, data: bytes) -> None:
        """Have a file from the beginning."""
        self.held[blob_of(data)] = data

    def open(self) -> None:
        """Begin with what the disk holds."""
        self._blobs = MemoryBlobs(self._node.hub.blobs)
        self._blobs.held, self._blobs.partial = self.held, self._partial

    def crash(self, random: Random) -> None:
        """Lose the end of what was on its way."""
        for part in self._partial.values():
            del part[random.randint(0, len(part)) :]

    def look(self) -> None:
        """Ask for every file of the world that is not here, those given up included."""
        node, blobs = self._node, self._blobs
        assert blobs is not None
        node.hub.blobs.give_up(node.now_ms())
        if self.held.keys() == node.world.files.keys():
            return
        for blob in node.world.files:
            if blob not in self.held and not node.hub.blobs.wants(blob):
                node.perform(blobs.want(blob, node.now_ms()))

    def answer(self, effect: SupplyBlob | BlobArrived | BlobOffered) -> None:
        """Do what an effect asks for, after the disk has been waited for."""
        self._node.later(DISK_MS, self._answer, effect)

    def _answer(self, effect: SupplyBlob | BlobArrived | BlobOffered) -> None:
        assert self._blobs is not None
        self._node.perform(self._blobs.answer(effect, self._node.now_ms()))
