"""Pieces of files between us and one neighbour, both ways (docs/protocol.md §7.11).

1. A request is answered by exactly one message, in the order of the requests. An answer to
   nothing, or to something else, ends the session: what was asked for is all the credit there is.
2. A piece is prepared only while no run is asked for, one at a time, and every answer leaves
   behind all other frames.
3. What was asked for in vain is remembered, boundedly, and told of once it has come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.codes import NOT_HELD
from protocol.effects import Send, SupplyBlob
from protocol.errors import CreditError, LimitError, LocalError
from protocol.limits import BLOB_PIECES_WAITING_MAX, BLOBS_IN_VAIN_MAX
from protocol.messages import BlobMessage, encode
from protocol.notices import BlobThere, Output, PieceCame, PieceRefused


class BlobExchange:
    """What is asked of one neighbour and what it asks of us."""

    def __init__(self, link: int) -> None:
        """Begin with nothing asked for."""
        self.asked: deque[Piece] = deque()
        self.barred = False
        self._link = link
        self._waiting: deque[Piece] = deque()
        self._prepared: Piece | None = None
        self._lacking: dict[Blob, None] = {}  # they said so; a dict keeps the order
        self._in_vain: dict[Blob, None] = {}  # we said so

    def ask(self, piece: Piece) -> Send:
        """Ask the neighbour for a piece."""
        self.asked.append(piece)
        return Send(self._link, encode(WantBlob(piece)))

    def receive(self, message: BlobMessage) -> list[Output]:
        """Take one message in; requests are only noted, :meth:`pump` answers them."""
        match message:
            case WantBlob():
                if len(self._waiting) + (self._prepared is not None) >= BLOB_PIECES_WAITING_MAX:
                    raise LimitError(f"at most {BLOB_PIECES_WAITING_MAX} pieces are asked for")
                self._waiting.append(message.piece)
                return []
            case BlobPiece():
                piece = self._answered(message.digest, message.offset)
                if len(message.data) != piece.length:
                    raise CreditError("a piece of a file has another length than asked for")
                return [PieceCame(piece, message.data)]
            case NoBlob():
                piece = self._answered(message.digest, message.offset)
                _note(self._lacking, piece.blob)
                return [PieceRefused(piece)]
            case _:  # BlobHere: mypy knows that nothing else is left
                known = message.blob in self._lacking
                self._lacking.pop(message.blob, None)
                return [BlobThere(message.blob)] if known else []

    def _answered(self, digest: bytes, offset: int) -> Piece:
        if not self.asked or (self.asked[0].blob.digest, self.asked[0].offset) != (digest, offset):
            raise CreditError("a piece of a file came that was not asked for")
        return self.asked.popleft()

    def pump(self) -> list[Output]:
        """Have the next piece read that the neighbour waits for."""
        if self._prepared is not None or not self._waiting:
            return []
        self._prepared = self._waiting.popleft()
        return [SupplyBlob(self._link, self._prepared)]

    def supplied(self, piece: Piece, data: bytes | None) -> list[Output]:
        """Send the piece that was read; None when the file is not here or not for neighbours."""
        asked, self._prepared = self._prepared, None
        if asked != piece or (data is not None and len(data) != piece.length):
            raise LocalError("a piece of a file was supplied that was not asked for")
        if data is None:
            _note(self._in_vain, piece.blob)
            answer: BlobMessage = NoBlob(piece.blob.digest, piece.offset, NOT_HELD)
        else:
            answer = BlobPiece(piece.blob.digest, piece.offset, data)
        return [Send(self._link, encode(answer), behind=True)]

    @property
    def in_vain(self) -> Iterable[Blob]:
        """The files that the neighbour asked for in vain and was not told of since."""
        return self._in_vain.keys()

    def tell(self, blob: Blob) -> list[Output]:
        """Tell the neighbour of a file that has come, if it asked for it in vain."""
        if blob not in self._in_vain:
            return []
        del self._in_vain[blob]
        return [Send(self._link, encode(BlobHere(blob)), behind=True)]


def _note(noted: dict[Blob, None], blob: Blob) -> None:
    noted.pop(blob, None)
    noted[blob] = None
    if len(noted) > BLOBS_IN_VAIN_MAX:
        del noted[next(iter(noted))]
