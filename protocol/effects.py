"""What the hub asks its surroundings to do, and what it is told and tells in return.

An effect is a request or a fact; each names the link it concerns. Whoever drives the hub carries
them out in order and answers those that say so. Nothing here does anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from protocol.blob_messages import Blob, Piece
from protocol.chain import Head
from protocol.transitions import Role, State


@dataclass(frozen=True, slots=True)
class Send:
    """Send one binary frame; ``behind`` all others, however late those are asked for."""

    link: int
    frame: bytes
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection once everything sent has left; the session is over already.

    ``by_them``: the neighbour ended it and says why; else the code is our own finding.
    """

    link: int
    code: str
    reason: str
    by_them: bool = False


@dataclass(frozen=True, slots=True)
class CopyMet:
    """The neighbour has met a second node with our key: sign nothing until that is settled."""

    link: int


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The neighbour has proved who it is; ``epoch`` names the state of its database.

    ``version`` is the newest version of the protocol that both sides speak.
    """

    link: int
    log: bytes
    epoch: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Knocked:
    """A party that is no neighbour proved who it is and was turned away.

    ``invite`` is the key digest of an invite that it may use, else None; ``origin`` is then where
    it says that it can be dialled, or empty.
    """

    link: int
    log: bytes
    code: str
    name: str
    invite: bytes | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """Read entries for the neighbour; to be answered with :meth:`protocol.hub.Hub.supply`.

    At least one entry, whatever its size, then no more than ``bytes_max`` uncompressed bytes.
    """

    link: int
    log: bytes
    after_sequence: int
    through_sequence: int
    bytes_max: int


@dataclass(frozen=True, slots=True)
class RunArrived:
    """Verify and store a run; to be answered with :meth:`protocol.hub.Hub.ingested`.

    Runs of one link and log come in order. A run may begin before our head when it arrived from
    two sides: entries already held are skipped, and must be the same.
    """

    link: int
    log: bytes
    first_sequence: int
    count: int
    payload: bytes
    cost_bytes: int


@dataclass(frozen=True, slots=True)
class Offered:
    """The neighbour holds a log that we do not accept; once a session for each log."""

    link: int
    log: bytes
    sequence: int


@dataclass(frozen=True, slots=True)
class ReconcileDone:
    """Both sides know what the other holds; missing runs are on their way."""

    link: int


@dataclass(frozen=True, slots=True)
class NeighbourStored:
    """The neighbour holds our own log, or a run we sent, up to this number, durably."""

    link: int
    log: bytes
    sequence: int


@dataclass(frozen=True, slots=True)
class OwnLogAhead:
    """The neighbour knows more of our own log than we do: sign nothing."""

    link: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ForkSuspected:
    """The neighbour's entry at our number differs; answer with ``Hub.judge_fork``.

    The answer needs our entry with this number and the log's key events.
    """

    link: int
    log: bytes
    sequence: int


@dataclass(frozen=True, slots=True)
class ForkFound:
    """A verified fork proof: store it, freeze the log, then call ``Hub.report_fork``."""

    link: int
    log: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class BranchArrived:
    """All of a branch that ends in a log's next rotation: verify it and put it in the place of what
    contradicts it, then call ``Hub.settled``; else answer with ``Hub.ingested`` and its error.

    ``after`` is the number of the newest key event held when the branch was asked for.
    """

    link: int
    log: bytes
    after: int
    payloads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RangeArrived:
    """All of a range came that was asked for once more, or nothing: the neighbour cannot give it.

    Nothing is verified; ``after`` is the number of the entry before the first.
    """

    link: int
    log: bytes
    after: int
    payloads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LogRefused:
    """The neighbour refused a log of ours or could not give one, for this session."""

    link: int
    log: bytes
    code: str


@dataclass(frozen=True, slots=True)
class SupplyBlob:
    """Read a piece of a file; to be answered with :meth:`BlobTraffic.supply`.

    None is the answer when the file is not here, or no record names it that neighbours may have.
    """

    link: int
    piece: Piece


@dataclass(frozen=True, slots=True)
class BlobArrived:
    """Write a piece of a file; to be answered with :meth:`BlobTraffic.written`.

    Pieces of one attempt come in order and without gaps, maybe from several links; offset 0 begins
    the file anew. The last piece is answered with :meth:`BlobTraffic.finished`.
    """

    link: int
    blob: Blob
    attempt: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class BlobOffered:
    """The neighbour has a file that we asked it for before, in this session."""

    link: int
    blob: Blob


@dataclass(frozen=True, slots=True)
class BlobWrong:
    """All of a file came from this neighbour and is not what its digest says."""

    link: int
    blob: Blob


Effect: TypeAlias = (
    Send
    | Close
    | Authenticated
    | Knocked
    | Supply
    | RunArrived
    | Offered
    | ReconcileDone
    | NeighbourStored
    | OwnLogAhead
    | CopyMet
    | ForkSuspected
    | ForkFound
    | BranchArrived
    | RangeArrived
    | LogRefused
    | SupplyBlob
    | BlobArrived
    | BlobOffered
    | BlobWrong
)


class IngestOutcome(NamedTuple):
    """What became of a run: our head of the log now, and the code of the error, if any.

    A run whose entries wait for a later signature has neither moved the head nor failed.
    """

    head: Head | None
    error: str | None = None


class LinkStatus(NamedTuple):
    """One link for the page that shows neighbours; counts are of entries."""

    log: bytes | None
    role: Role
    state: State
    behind_in: int
    """Entries of accepted logs that the neighbour holds and we do not."""
    behind_out: int
    """Entries of our own log and of logs the neighbour holds that it does not have yet."""
    credit_bytes: int
    """How much we may send before the neighbour acknowledges something."""
