"""Plain factories for tests: keys, logs and envelopes, the same for the same numbers.

Nothing here is secret or random: keys come from small numbers and salts from
``random.Random(seed)``, so a failing test can be repeated from what it prints.
"""

from __future__ import annotations

import hashlib
from copy import copy
from functools import cache
from random import Random

from protocol.chain import Author, Head, RunResult, begin_log, verify_run
from protocol.entry import Body, Envelope, Header, commitment, decode_entry, seal
from protocol.identity import (
    KEY_KIND,
    KeyEvent,
    Keys,
    SigningKey,
    next_key_digest,
    rotation_content,
)

START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z


@cache
def signing_key(number: int) -> SigningKey:
    """Return the test key with this number; equal numbers give equal keys."""
    return SigningKey(hashlib.sha256(b"tidan test key %d" % number).digest())


def verified(log: bytes, envelopes: list[Envelope], head: Head | None = None) -> RunResult:
    """Return the result of checking a run that a test expects to be good."""
    result = verify_run(head, log, envelopes)
    assert (result.error, result.pending) == (None, ()), result
    return result


class LogMaker:
    """Writes one municipality's log; ``envelopes`` is all of it from the first entry on."""

    def __init__(
        self,
        number: int = 1,
        *,
        code: str = "1498",
        name: str = "Tidaholms kommun",
        seed: int = 0,
        start_ms: int = START_MS,
    ) -> None:
        self.number = number
        self._random = Random(f"{seed}/log {number}")
        self._generation = 0
        self.time_ms = start_ms
        first = begin_log(
            self.key,
            next_key_digest(self.next_key.public_key),
            code,
            name,
            time_ms=start_ms,
            salt=self.salt(),
        )
        self.envelopes = [first]
        self.log = first.entry.id
        self.head = self._head_of(first)

    @property
    def key(self) -> SigningKey:
        """The key that signs now."""
        return signing_key(self.number * 1_000 + self._generation)

    @property
    def next_key(self) -> SigningKey:
        """The key committed to, kept off the node."""
        return signing_key(self.number * 1_000 + self._generation + 1)

    def salt(self) -> bytes:
        """Return 32 bytes, the next of this log's own sequence."""
        return self._random.randbytes(32)

    def append(self, kind: str = "comment", content: bytes = b'{"schema":1}') -> Envelope:
        """Write one ordinary entry."""
        self.time_ms += 1_000
        author = Author(self.head, self.key)
        return self._add(author.append(kind, content, time_ms=self.time_ms, salt=self.salt()))

    def extend(self, count: int) -> list[Envelope]:
        """Write ``count`` entries with different contents."""
        return [
            self.append(content=b'{"schema":1,"number":%d}' % (self.head.sequence + 1))
            for _ in range(count)
        ]

    def rotate(self) -> Envelope:
        """Write a key event that reveals the next key and commits to one more."""
        revealed = self.next_key
        self._generation += 1
        event = KeyEvent(revealed.public_key, next_key_digest(self.next_key.public_key))
        return self._add(self.sealed(KEY_KIND, rotation_content(event), key=revealed))

    def sealed(
        self,
        kind: str,
        content: bytes,
        *,
        key: SigningKey | None = None,
        log: bytes | None = None,
        sequence: int | None = None,
        previous: bytes | None = None,
        delivered: bytes | None = None,
    ) -> Envelope:
        """Sign an entry that may break any rule of the chain; it is not added to the log.

        ``delivered`` is the content to send along instead of the one committed to.
        """
        salt = self.salt()
        header = Header(
            version=1,
            log=log or self.log,
            sequence=sequence or self.head.sequence + 1,
            previous=previous or self.head.id,
            time_ms=self.time_ms,
            kind=kind,
            size_bytes=len(content),
            commitment=commitment(salt, content),
        )
        envelope = seal(header, Body(salt, content), key or self.key)
        return Envelope(envelope.entry, Body(salt, content if delivered is None else delivered))

    def fork(self) -> LogMaker:
        """Return a second copy of this log, as a cloned machine would continue it."""
        twin = self.copy()
        twin._random = Random(f"fork of {self.number} at {self.head.sequence}")
        return twin

    def copy(self) -> LogMaker:
        """Return another that goes on as this one would."""
        other = copy(self)
        other.envelopes = list(self.envelopes)
        other._random = Random()
        other._random.setstate(self._random.getstate())
        return other

    def _add(self, envelope: Envelope) -> Envelope:
        self.envelopes.append(envelope)
        self.head = self._head_of(envelope)
        return envelope

    def _head_of(self, envelope: Envelope) -> Head:
        previous = self.head if len(self.envelopes) > 1 else None
        head = verified(self.log, [envelope], previous).head
        assert head is not None
        return head


def resigned(envelope: Envelope, signature: bytes) -> Envelope:
    """Return the same entry with another signature, as a hostile relay would forge it."""
    return Envelope(decode_entry(envelope.entry.raw[:-64] + signature), envelope.body)


def flipped(data: bytes, position: int, bit: int = 0) -> bytes:
    """Return ``data`` with one bit of the byte at ``position`` turned over."""
    return data[:position] + bytes((data[position] ^ (1 << bit),)) + data[position + 1 :]


def keys_of(maker: LogMaker) -> Keys:
    """Return the key history of a log as its head knows it."""
    return maker.head.keys
