"""The messages by which files travel, in version 2 of the protocol (docs/protocol.md §7.11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from protocol.canonical import Value
from protocol.errors import LimitError, MalformedError
from protocol.fields import read_code, read_integer, read_octets
from protocol.limits import BLOB_BYTES_MAX, BLOB_PIECE_BYTES_MAX, ID_BYTES
from protocol.transitions import Event


class Blob(NamedTuple):
    """A file as a record means it: its SHA-256 and its size."""

    digest: bytes
    size_bytes: int


class Piece(NamedTuple):
    """A part of a file."""

    blob: Blob
    offset: int
    length: int


def _read_blob(digest: Value, size_bytes: Value) -> Blob:
    return Blob(read_octets(digest, ID_BYTES), read_integer(size_bytes, 1, BLOB_BYTES_MAX))


@dataclass(frozen=True, slots=True)
class WantBlob:
    """Asks for one piece of a file."""

    EVENT: ClassVar[Event] = Event.WANT_BLOB
    piece: Piece

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [*self.piece.blob, self.piece.offset, self.piece.length]

    @classmethod
    def read(cls, fields: list[Value]) -> WantBlob:
        """Return the message that ``fields`` spell."""
        digest, size_bytes, offset, length = fields
        blob = _read_blob(digest, size_bytes)
        count = read_integer(length, 1, BLOB_PIECE_BYTES_MAX)
        start = read_integer(offset, 0)
        if start + count > blob.size_bytes:
            raise LimitError("a piece ends where its file does")
        return cls(Piece(blob, start, count))


@dataclass(frozen=True, slots=True)
class BlobPiece:
    """The bytes that the oldest request not yet answered asked for."""

    EVENT: ClassVar[Event] = Event.BLOB
    digest: bytes
    offset: int
    data: bytes

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.digest, self.offset, self.data]

    @classmethod
    def read(cls, fields: list[Value]) -> BlobPiece:
        """Return the message that ``fields`` spell."""
        digest, offset, data = fields
        if type(data) is not bytes or not data:
            raise MalformedError("a piece of a file is a byte string")
        if len(data) > BLOB_PIECE_BYTES_MAX:
            raise LimitError(f"a piece of a file is at most {BLOB_PIECE_BYTES_MAX} bytes")
        start = read_integer(offset, 0, BLOB_BYTES_MAX)
        return cls(read_octets(digest, ID_BYTES), start, data)


@dataclass(frozen=True, slots=True)
class NoBlob:
    """The sender cannot give what the oldest request not yet answered asked for."""

    EVENT: ClassVar[Event] = Event.NO_BLOB
    digest: bytes
    offset: int
    code: str

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.digest, self.offset, self.code]

    @classmethod
    def read(cls, fields: list[Value]) -> NoBlob:
        """Return the message that ``fields`` spell."""
        digest, offset, code = fields
        start = read_integer(offset, 0, BLOB_BYTES_MAX)
        return cls(read_octets(digest, ID_BYTES), start, read_code(code))


@dataclass(frozen=True, slots=True)
class BlobHere:
    """A file that the receiver asked for in vain has come."""

    EVENT: ClassVar[Event] = Event.BLOB_HERE
    blob: Blob

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [*self.blob]

    @classmethod
    def read(cls, fields: list[Value]) -> BlobHere:
        """Return the message that ``fields`` spell."""
        return cls(_read_blob(*fields))
