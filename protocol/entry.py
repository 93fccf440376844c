"""One entry: a COSE_Sign1 over a deterministic header, and the content beside it.

Bytes are kept as received and never serialised again for verification (docs/protocol.md §3).
An entry is a tagged COSE_Sign1 (RFC 9052 §4.2) with EdDSA, no unprotected header, and the
external data ``tidan/1 entry``; its payload is a CBOR map with small integer keys. The content
travels beside it with a random salt, so that it can be erased while the chain still verifies.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from protocol import canonical
from protocol.errors import CommitmentError, LimitError, MalformedError
from protocol.identity import INCEPTION_KIND, KEY_EVENT_KINDS, SigningKey, verify
from protocol.limits import (
    COMMITMENT_BYTES,
    CONTENT_BYTES_MAX,
    ENTRY_BYTES_MAX,
    HEADER_BYTES_MAX,
    ID_BYTES,
    INTEGER_MAX,
    KIND_CHARS_MAX,
    PROTOCOL_VERSION,
    SALT_BYTES,
    SIGNATURE_BYTES,
)

EXTERNAL_AAD = b"tidan/1 entry"
_CONTENT_DOMAIN = b"tidan/1 content"

# tag 18, array of 4, protected {1: -8} as a byte string, empty map, byte string of one-byte length
_PREFIX = bytes.fromhex("d28443a10127a058")
_SIGNATURE_PREFIX = b"\x58\x40"
# ["Signature1", protected, external data, payload] up to the payload's length (RFC 9052 §4.4)
_TO_SIGN_PREFIX = b"\x84\x6aSignature1\x43\xa1\x01\x27" + b"\x4d" + EXTERNAL_AAD + b"\x58"
_HEADER_BYTES_MIN = 24  # below it CBOR would spell the payload's length in another way
_KIND = re.compile(r"[a-z][a-z0-9-]*")

_VERSION, _LOG, _SEQUENCE, _PREVIOUS, _TIME, _KIND_KEY, _SIZE, _COMMITMENT = range(1, 9)
_FIRST_KEYS = [_VERSION, _SEQUENCE, _TIME, _KIND_KEY, _SIZE, _COMMITMENT]
_LATER_KEYS = list(range(1, 9))

_TEXT = 0x60
_SHORTEST = {2: 24, 3: 2**8, 5: 2**16, 9: 2**32}
"""The smallest number whose CBOR head takes so many bytes."""
_INTEGER = rb"([\x00-\x17]|\x18.|\x19..|\x1a.{4}|\x1b.{8})"
_LATER = re.compile(
    re.escape(_PREFIX)
    + rb"(.)(\xa8\x01\x01\x02\x58\x20(.{32})\x03"
    + _INTEGER
    + rb"\x04\x58\x20(.{32})\x05"
    + _INTEGER
    + rb"\x06([\x61-\x77])([a-z][a-z0-9-]*)\x07"
    + _INTEGER
    + rb"\x08\x58\x20(.{32}))\x58\x40(.{64})",
    re.DOTALL,
)
"""An entry after the first (docs/protocol.md §3.2, §3.3) with a kind of up to 23 characters."""


class Header(NamedTuple):
    """The signed header; ``log`` and ``previous`` are None in a log's first entry."""

    version: int
    log: bytes | None
    sequence: int
    previous: bytes | None
    time_ms: int
    kind: str
    size_bytes: int
    commitment: bytes


class Entry(NamedTuple):
    """A decoded entry: its bytes as received, its id, and what they say."""

    raw: bytes
    id: bytes
    header: Header
    payload: bytes
    signature: bytes

    @property
    def log(self) -> bytes:
        """The id of the log this entry belongs to: its own id when it is the first."""
        return self.header.log or self.id

    @property
    def is_key_event(self) -> bool:
        """Whether this entry changes which key signs."""
        return self.header.kind in KEY_EVENT_KINDS


class Body(NamedTuple):
    """The content and the salt it was committed to with."""

    salt: bytes
    content: bytes


class Envelope(NamedTuple):
    """An entry and its content; ``body`` is None when the content is not there (any more)."""

    entry: Entry
    body: Body | None


def commitment(salt: bytes, content: bytes) -> bytes:
    """Return SHA-256("tidan/1 content" ‖ salt ‖ content)."""
    return hashlib.sha256(_CONTENT_DOMAIN + salt + content).digest()


def encode_header(header: Header) -> bytes:
    """Return the payload for ``header``."""
    fields = {
        number: value
        for number, value in zip(_LATER_KEYS, header, strict=True)
        if value is not None
    }
    return canonical.encode(fields)


def to_be_signed(payload: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052 §4.4 for a payload of 24 to 255 bytes."""
    return _TO_SIGN_PREFIX + bytes((len(payload),)) + payload


def seal(header: Header, body: Body, key: SigningKey) -> Envelope:
    """Sign ``header`` and return it with its content.

    Raises :class:`protocol.errors.MalformedError` or :class:`LimitError` when the result
    would be refused by others: what we write passes the decoder that reads foreign bytes.
    """
    payload = encode_header(header)
    if not _HEADER_BYTES_MIN <= len(payload) <= HEADER_BYTES_MAX:
        raise LimitError("the header is too long")
    signature = key.sign(to_be_signed(payload))
    raw = _PREFIX + bytes((len(payload),)) + payload + _SIGNATURE_PREFIX + signature
    envelope = Envelope(decode_entry(raw), body)
    check_body(envelope)
    return envelope


def decode_entry(raw: bytes) -> Entry:
    """Return the entry ``raw`` holds; its signature is not checked here.

    Raises :class:`MalformedError` unless the bytes are exactly the one allowed encoding, and
    :class:`LimitError` when a bound is exceeded.
    """
    return _decode_later(raw) or _decode_any(raw)


def _decode_later(raw: bytes) -> Entry | None:
    """Return the entry when it has the form of nearly all entries, else None.

    An entry after the first is eight fields in one order, each in its one spelling, so one regular
    expression reads it. What it does not match, or matches with a number in a longer spelling or
    beyond a bound, is judged by :func:`_decode_any`, which says what is wrong.
    """
    found = _LATER.fullmatch(raw)
    if found is None:
        return None
    size, payload, log, sequence, previous, time, kind_size, kind, content_size, digest, signed = (
        found.groups()
    )
    header = Header(
        PROTOCOL_VERSION,
        log,
        _number(sequence),
        previous,
        _number(time),
        kind.decode("ascii"),
        _number(content_size),
        digest,
    )
    if (
        size[0] != len(payload)
        or kind_size[0] - _TEXT != len(kind)
        or header.sequence < 2
        or header.time_ms < 0
        or not 0 <= header.size_bytes <= CONTENT_BYTES_MAX
        or header.kind == INCEPTION_KIND
    ):
        return None
    return Entry(raw, hashlib.sha256(raw).digest(), header, payload, signed)


def _number(encoded: bytes) -> int:
    """Return the integer that a CBOR head of one to nine bytes spells, or -1 (RFC 8949 §4.2.1)."""
    size = len(encoded)
    if size == 1:
        return encoded[0]
    number = int.from_bytes(encoded[1:])
    return number if _SHORTEST[size] <= number <= INTEGER_MAX else -1


def _decode_any(raw: bytes) -> Entry:
    if len(raw) > ENTRY_BYTES_MAX:
        raise LimitError(f"an entry is at most {ENTRY_BYTES_MAX} bytes")
    start = len(_PREFIX) + 1
    if raw[: len(_PREFIX)] != _PREFIX or len(raw) < start:
        raise MalformedError("not a COSE_Sign1 with the headers Tidan uses")
    size = raw[start - 1]
    end = start + size
    tail_start = end + len(_SIGNATURE_PREFIX)
    if (
        size < _HEADER_BYTES_MIN
        or raw[end:tail_start] != _SIGNATURE_PREFIX
        or len(raw) != tail_start + SIGNATURE_BYTES
    ):
        raise MalformedError("the COSE_Sign1 has a wrong length")
    payload = raw[start:end]
    header = _decode_header(payload)
    return Entry(raw, hashlib.sha256(raw).digest(), header, payload, raw[tail_start:])


def _decode_header(payload: bytes) -> Header:
    fields = canonical.decode(payload)
    if not isinstance(fields, dict):
        raise MalformedError("the header is not a map")
    if None in fields.values():
        raise MalformedError("an absent field is left out, never null")
    keys = list(fields)
    if keys == _LATER_KEYS:
        header = Header(*fields.values())  # type: ignore[arg-type]  # checked just below
    elif keys == _FIRST_KEYS:
        version, sequence, time_ms, kind, size_bytes, digest = fields.values()
        header = Header(version, None, sequence, None, time_ms, kind, size_bytes, digest)  # type: ignore[arg-type]  # checked just below
    else:
        raise MalformedError("the header lacks a field or has one too many")
    _check_header(header)
    return header


def _check_header(header: Header) -> None:
    first = header.log is None
    if header.version != PROTOCOL_VERSION or type(header.version) is not int:
        raise MalformedError("an entry of an unknown version")
    for number in (header.sequence, header.time_ms, header.size_bytes):
        if type(number) is not int or number < 0:
            raise MalformedError("sequence, time and size are unsigned integers")
    if (header.sequence == 1) is not first or header.sequence == 0:
        raise MalformedError("the first entry, and only it, has sequence number 1 and no log id")
    for value, size in (
        (header.log, ID_BYTES),
        (header.previous, ID_BYTES),
        (header.commitment, COMMITMENT_BYTES),
    ):
        if value is not None and (type(value) is not bytes or len(value) != size):
            raise MalformedError("ids and commitments are 32 bytes")
    if type(header.kind) is not str or not _KIND.fullmatch(header.kind):
        raise MalformedError("a kind is lower-case letters, digits and hyphens")
    if len(header.kind) > KIND_CHARS_MAX:
        raise LimitError(f"a kind is at most {KIND_CHARS_MAX} characters")
    if (header.kind == INCEPTION_KIND) is not first:
        raise MalformedError("the first entry, and only it, is of kind inception")
    if header.size_bytes > CONTENT_BYTES_MAX:
        raise LimitError(f"content is at most {CONTENT_BYTES_MAX} bytes")


def check_body(envelope: Envelope) -> None:
    """Raise :class:`CommitmentError` unless the content is the one the header commits to."""
    header, body = envelope.entry.header, envelope.body
    if body is None:
        raise CommitmentError(f"entry {header.sequence} came without its content")
    if len(body.salt) != SALT_BYTES or len(body.content) != header.size_bytes:
        raise CommitmentError(f"entry {header.sequence}: salt or content has a wrong length")
    if commitment(body.salt, body.content) != header.commitment:
        raise CommitmentError(f"entry {header.sequence}: content does not match its commitment")


def verify_entry(entry: Entry, public_key: bytes) -> None:
    """Check the entry's own signature; raises as :func:`protocol.identity.verify`."""
    verify(public_key, entry.signature, to_be_signed(entry.payload))
