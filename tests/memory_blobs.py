"""Files in memory, for nodes of the tests: what :mod:`node.sync` does with a disk."""

from __future__ import annotations

import hashlib

from protocol import effects
from protocol.blob_messages import Blob
from protocol.blob_traffic import BlobEnd, BlobTraffic
from protocol.effects import Effect


def blob_of(data: bytes) -> Blob:
    """The file with these bytes."""
    return Blob(hashlib.sha256(data).digest(), len(data))


class MemoryBlobs:
    """What one node holds, whole and in part, and what it wants."""

    def __init__(self, traffic: BlobTraffic) -> None:
        self._traffic = traffic
        self.held: dict[Blob, bytes] = {}
        self.partial: dict[Blob, bytearray] = {}
        self.wanted: set[Blob] = set()
        self.wrong = 0

    def hold(self, data: bytes) -> list[Effect]:
        """Hold a file, as an upload that a record names."""
        blob = blob_of(data)
        self.held[blob] = data
        return self._traffic.held(blob)

    def want(self, blob: Blob, now_ms: int) -> list[Effect]:
        """Want a file from neighbours, unless it is here."""
        if blob in self.held:
            return []
        self.wanted.add(blob)
        return self._traffic.want(blob, len(self.partial.get(blob, b"")), now_ms)

    def answer(self, effect: Effect, now_ms: int) -> list[Effect]:
        """Do what an effect asks for."""
        match effect:
            case effects.SupplyBlob():
                blob, offset, length = effect.piece
                data = self.held.get(blob)
                part = None if data is None else data[offset : offset + length]
                return self._traffic.supply(effect.link, effect.piece, part)
            case effects.BlobArrived():
                return self._write(effect, now_ms)
            case effects.BlobOffered():
                wanted = effect.blob in self.wanted
                return self.want(effect.blob, now_ms) if wanted else []
        raise AssertionError(effect)

    def _write(self, effect: effects.BlobArrived, now_ms: int) -> list[Effect]:
        blob = effect.blob
        if effect.offset == 0:
            self.partial[blob] = bytearray()
        part = self.partial[blob]
        assert len(part) == effect.offset, "pieces come in order and without gaps"
        part += effect.data
        if len(part) < blob.size_bytes:
            return self._traffic.written(blob, effect.attempt, len(part))
        data = bytes(self.partial.pop(blob))
        end = BlobEnd.HELD if blob_of(data) == blob else BlobEnd.WRONG
        if end is BlobEnd.HELD:
            self.held[blob] = data
            self.wanted.discard(blob)
        else:
            self.wrong += 1
        return self._traffic.finished(blob, effect.attempt, end, now_ms)
