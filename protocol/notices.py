"""What a session tells its hub, because it concerns other sessions as well.

Notices never leave :mod:`protocol.hub`; what the surroundings are told are effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from protocol.blob_messages import Blob, Piece
from protocol.directory import Item
from protocol.effects import Effect


@dataclass(frozen=True, slots=True)
class Joined:
    """To the hub: a neighbour proved who it is; :meth:`Session.start` when it may stay."""


@dataclass(frozen=True, slots=True)
class Learned:
    """To the hub: the neighbour's head of a log; number 0 when it holds nothing of it.

    The id is empty when only the number is known.
    """

    item: Item


@dataclass(frozen=True, slots=True)
class Delivered:
    """To the hub: a run came that is now being stored."""

    log: bytes


@dataclass(frozen=True, slots=True)
class Lacking:
    """To the hub: the neighbour could not deliver a log now."""

    log: bytes


@dataclass(frozen=True, slots=True)
class Barred:
    """To the hub: never ask this neighbour for the log again in this session."""

    log: bytes


@dataclass(frozen=True, slots=True)
class PieceCame:
    """To the hub: the neighbour sent a piece of a file that was asked for."""

    piece: Piece
    data: bytes


@dataclass(frozen=True, slots=True)
class PieceRefused:
    """To the hub: the neighbour could not give a piece of a file."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class BlobThere:
    """To the hub: the neighbour has a file by now that it did not have when asked."""

    blob: Blob


BlobNotice: TypeAlias = PieceCame | PieceRefused | BlobThere
Notice: TypeAlias = Joined | Learned | Delivered | Lacking | Barred | BlobNotice
Output: TypeAlias = Effect | Notice
