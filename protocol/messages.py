"""The messages of a sync session, as frozen values and as bytes (docs/protocol.md §7.2).

A message is one binary WebSocket frame: a deterministic-CBOR array ``[type, field, …]``. The
decoder checks every type, length and range; what it lets through needs no second look at its
form. It raises :class:`MalformedError` and :class:`LimitError`, nothing else, whatever the
bytes. What a message means is :mod:`protocol.session`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from protocol import canonical
from protocol.blob_messages import BlobHere, BlobPiece, NoBlob, WantBlob
from protocol.canonical import Value
from protocol.directory import Item
from protocol.entry import Envelope
from protocol.errors import LimitError, MalformedError
from protocol.fields import read_array, read_code, read_integer, read_item, read_octets
from protocol.invite import Invite
from protocol.limits import (
    CREDIT_BYTES,
    EPOCH_BYTES,
    FORK_PROOF_BYTES_MAX,
    FRAME_BYTES_MAX,
    HAVE_ITEMS_MAX,
    ID_BYTES,
    INTEGER_MAX,
    KEY_BYTES,
    KEY_EVENTS_MAX,
    NONCE_BYTES,
    ORIGIN_CHARS_MAX,
    REASON_CHARS_MAX,
    RECONCILE_PARTS_MAX,
    RUN_BYTES_MAX,
    RUN_ENTRIES_MAX,
    SIGNATURE_BYTES,
    VERSIONS_MAX,
)
from protocol.packed import pack, unpack_all
from protocol.ranges import Range, check_ranges, pack_range, read_range
from protocol.transitions import Event


@dataclass(frozen=True, slots=True)
class Hello:
    """Who speaks, and what makes this session unlike any other."""

    EVENT: ClassVar[Event] = Event.HELLO
    versions: tuple[int, ...]
    log: bytes
    nonce: bytes
    epoch: bytes
    origin: str
    keys_known: int

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [
            list(self.versions),
            self.log,
            self.nonce,
            self.epoch,
            self.origin,
            self.keys_known,
        ]

    @classmethod
    def read(cls, fields: list[Value]) -> Hello:
        """Return the message that ``fields`` spell."""
        versions, log, nonce, epoch, origin, keys_known = fields
        numbers = tuple(read_integer(item, 1) for item in read_array(versions, VERSIONS_MAX))
        if not numbers or list(numbers) != sorted(set(numbers)):
            raise MalformedError("versions are listed once each, ascending")
        if type(origin) is not str:
            raise MalformedError("the origin is text")
        if len(origin) > ORIGIN_CHARS_MAX:
            raise LimitError(f"an origin is at most {ORIGIN_CHARS_MAX} characters")
        return cls(
            numbers,
            read_octets(log, ID_BYTES),
            read_octets(nonce, NONCE_BYTES),
            read_octets(epoch, EPOCH_BYTES),
            origin,
            read_integer(keys_known, 0, KEY_EVENTS_MAX),
        )


@dataclass(frozen=True, slots=True)
class Auth:
    """The key events the other side lacks, and the signature over the transcript."""

    EVENT: ClassVar[Event] = Event.AUTH
    key_events: tuple[Envelope, ...]
    signature: bytes

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [[pack(envelope) for envelope in self.key_events], self.signature]

    @classmethod
    def read(cls, fields: list[Value]) -> Auth:
        """Return the message that ``fields`` spell."""
        events, signature = fields
        return cls(
            unpack_all(read_array(events, KEY_EVENTS_MAX)), read_octets(signature, SIGNATURE_BYTES)
        )


@dataclass(frozen=True, slots=True)
class Recover:
    """In the place of AUTH: the sender has lost its log, and holds its present or its next key."""

    EVENT: ClassVar[Event] = Event.AUTH
    key: bytes
    signature: bytes

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.key, self.signature]

    @classmethod
    def read(cls, fields: list[Value]) -> Recover:
        """Return the message that ``fields`` spell."""
        key, signature = fields
        return cls(read_octets(key, KEY_BYTES), read_octets(signature, SIGNATURE_BYTES))


@dataclass(frozen=True, slots=True)
class Reconcile:
    """What one side says about the ranges the other asked about."""

    EVENT: ClassVar[Event] = Event.RECONCILE
    ranges: tuple[Range, ...]

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [[pack_range(part) for part in self.ranges]]

    @classmethod
    def read(cls, fields: list[Value]) -> Reconcile:
        """Return the message that ``fields`` spell."""
        (parts,) = fields
        ranges = tuple(read_range(part) for part in read_array(parts, RECONCILE_PARTS_MAX))
        check_ranges(ranges)
        return cls(ranges)


@dataclass(frozen=True, slots=True)
class Have:
    """Heads the sender holds now."""

    EVENT: ClassVar[Event] = Event.HAVE
    items: tuple[Item, ...]

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [[list(item) for item in self.items]]

    @classmethod
    def read(cls, fields: list[Value]) -> Have:
        """Return the message that ``fields`` spell."""
        (items,) = fields
        have = tuple(read_item(item) for item in read_array(items, HAVE_ITEMS_MAX))
        if not have:
            raise MalformedError("HAVE names at least one log")
        return cls(have)


@dataclass(frozen=True, slots=True)
class Want:
    """Asks for a log's entries after one number, through another; none when they are equal."""

    EVENT: ClassVar[Event] = Event.WANT
    log: bytes
    after: int
    through: int

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.log, self.after, self.through]

    @classmethod
    def read(cls, fields: list[Value]) -> Want:
        """Return the message that ``fields`` spell."""
        log, after, through = fields
        start = read_integer(after, 0)
        return cls(read_octets(log, ID_BYTES), start, read_integer(through, start))


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive entries of one log (:mod:`protocol.run` reads the payload)."""

    EVENT: ClassVar[Event] = Event.RUN
    log: bytes
    first: int
    count: int
    payload: bytes

    @property
    def last(self) -> int:
        """The sequence number of the last entry."""
        return self.first + self.count - 1

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.log, self.first, self.count, self.payload]

    @classmethod
    def read(cls, fields: list[Value]) -> Run:
        """Return the message that ``fields`` spell."""
        log, first, count, payload = fields
        if type(payload) is not bytes or not payload:
            raise MalformedError("a run's payload is a byte string")
        if len(payload) > RUN_BYTES_MAX:
            raise LimitError(f"a run's payload is at most {RUN_BYTES_MAX} bytes")
        number = read_integer(count, 1, RUN_ENTRIES_MAX)
        start = read_integer(first, 1, INTEGER_MAX - number)
        return cls(read_octets(log, ID_BYTES), start, number, payload)


@dataclass(frozen=True, slots=True)
class Stored:
    """The sender's durable head of a log after a run, and the credit the run gives back."""

    EVENT: ClassVar[Event] = Event.STORED
    item: Item
    credit_bytes: int

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [*self.item, self.credit_bytes]

    @classmethod
    def read(cls, fields: list[Value]) -> Stored:
        """Return the message that ``fields`` spell."""
        *item, credit_bytes = fields
        return cls(
            read_item(item, nothing_allowed=True), read_integer(credit_bytes, 0, CREDIT_BYTES)
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """A log the sender will not take, or cannot give, in this session."""

    EVENT: ClassVar[Event] = Event.REFUSED
    log: bytes
    code: str
    credit_bytes: int

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.log, self.code, self.credit_bytes]

    @classmethod
    def read(cls, fields: list[Value]) -> Refused:
        """Return the message that ``fields`` spell."""
        log, code, credit_bytes = fields
        return cls(
            read_octets(log, ID_BYTES), read_code(code), read_integer(credit_bytes, 0, CREDIT_BYTES)
        )


@dataclass(frozen=True, slots=True)
class Fork:
    """A portable fork proof (:mod:`protocol.fork` reads it)."""

    EVENT: ClassVar[Event] = Event.FORK
    proof: bytes

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.proof]

    @classmethod
    def read(cls, fields: list[Value]) -> Fork:
        """Return the message that ``fields`` spell."""
        (proof,) = fields
        if type(proof) is not bytes or not proof:
            raise MalformedError("a fork proof is a byte string")
        if len(proof) > FORK_PROOF_BYTES_MAX:
            raise LimitError(f"a fork proof is at most {FORK_PROOF_BYTES_MAX} bytes")
        return cls(proof)


@dataclass(frozen=True, slots=True)
class Bye:
    """The last message: why the sender ends the session."""

    EVENT: ClassVar[Event] = Event.BYE
    code: str
    reason: str

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.code, self.reason]

    @classmethod
    def read(cls, fields: list[Value]) -> Bye:
        """Return the message that ``fields`` spell."""
        code, reason = fields
        if type(reason) is not str or not reason.isprintable():
            raise MalformedError("a reason is printable text")
        if len(reason) > REASON_CHARS_MAX:
            raise LimitError(f"a reason is at most {REASON_CHARS_MAX} characters")
        return cls(read_code(code), reason)


BlobMessage: TypeAlias = WantBlob | BlobPiece | NoBlob | BlobHere
Message: TypeAlias = (
    Hello
    | Auth
    | Recover
    | Reconcile
    | Have
    | Want
    | Run
    | Stored
    | Refused
    | Fork
    | Bye
    | BlobMessage
    | Invite
)

_KINDS: tuple[tuple[int, type[Message], int], ...] = (
    (1, Hello, 6),
    (2, Auth, 2),
    (3, Reconcile, 1),
    (4, Have, 1),
    (5, Want, 3),
    (6, Run, 4),
    (7, Stored, 4),
    (8, Refused, 3),
    (9, Fork, 1),
    (10, Bye, 2),
    (11, WantBlob, 4),
    (12, BlobPiece, 3),
    (13, NoBlob, 3),
    (14, BlobHere, 2),
    (15, Invite, 3),
    (16, Recover, 2),
)
_NUMBERS = {kind: number for number, kind, _ in _KINDS}
_READERS = {number: (kind, length) for number, kind, length in _KINDS}


def encode(message: Message) -> bytes:
    """Return the frame for ``message``."""
    return canonical.encode([_NUMBERS[type(message)], *message.fields()])


def decode(frame: bytes, *, bytes_max: int = FRAME_BYTES_MAX) -> Message:
    """Return the message in ``frame``; raises :class:`MalformedError` or :class:`LimitError`."""
    if len(frame) > bytes_max:
        raise LimitError(f"a message is at most {bytes_max} bytes here")
    fields = canonical.decode(frame)
    if not isinstance(fields, list) or not fields or type(fields[0]) is not int:
        raise MalformedError("a message is an array that begins with its type")
    kind, length = _READERS.get(fields[0], (None, 0))
    if kind is None:
        raise MalformedError(f"unknown message type {fields[0]}")
    if len(fields) != length + 1:
        raise MalformedError(f"{kind.EVENT} has {length} fields")
    return kind.read(fields[1:])
