"""The chain and the run rule (docs/protocol.md §5).

1. Each entry links back to the one before by its id, and numbers go up by one.
2. A signature covers, through the links, every entry before it in the chain. So of a run of
   consecutive entries under one key only the newest signature is checked; links and content
   commitments are checked for each entry.
3. A run ends at every key event, and a key event is always checked itself: what one key signed
   is never covered by another.
4. An entry that no checked signature covers is neither stored nor passed on. It may wait,
   bounded, for a later entry that covers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from protocol.entry import Body, Entry, Envelope, Header, check_body, commitment, seal, verify_entry
from protocol.errors import (
    KeyEventError,
    LimitError,
    LinkError,
    LocalError,
    RemoteError,
    SignatureError,
    WrongLogError,
)
from protocol.identity import (
    INCEPTION_KIND,
    KEY_EVENT_KINDS,
    KEY_KIND,
    KeyEvent,
    Keys,
    SigningKey,
    inception_content,
    next_key_digest,
    read_key_event,
    rotation_content,
)
from protocol.limits import (
    KEY_EVENTS_MAX,
    PENDING_ENTRIES_MAX,
    PROTOCOL_VERSION,
    SIGNATURE_RETRIES_MAX,
)

PERMANENT_KINDS = KEY_EVENT_KINDS | {"profile"}
"""Kinds whose content is never erased (docs/protocol.md §3.4)."""


class Head(NamedTuple):
    """Where a log stands: its newest entry and its key history."""

    log: bytes
    sequence: int
    id: bytes
    keys: Keys


class RunResult(NamedTuple):
    """What became of a run.

    ``accepted`` is covered by a checked signature and may be stored; ``head`` is the log's
    head after it (None when nothing is held); ``pending`` may still be covered by entries to
    come; ``error`` says why the rest was refused.
    """

    log: bytes
    accepted: tuple[Envelope, ...]
    head: Head | None
    pending: tuple[Envelope, ...]
    error: RemoteError | None


def verify_run(
    head: Head | None,
    log: bytes,
    envelopes: Sequence[Envelope],
    *,
    every_signature: bool = False,
    missing_content_allowed: bool = False,
) -> RunResult:
    """Check consecutive entries of ``log`` that continue ``head`` by the run rule.

    ``every_signature`` checks each entry's own signature as well (an audit);
    ``missing_content_allowed`` accepts entries without content, except where content is
    permanent. Never raises for remote faults: they are returned beside what was good.
    """
    run = _Run(head, log, every_signature, missing_content_allowed)
    error: RemoteError | None = None
    try:
        for envelope in envelopes:
            run.add(envelope)
    except RemoteError as refused:
        error = refused
    covered_error = run.cover()
    pending = () if error or covered_error else tuple(run.segment)
    if len(pending) > PENDING_ENTRIES_MAX:
        error, pending = SignatureError("too many entries wait for a valid signature"), ()
    return RunResult(log, tuple(run.accepted), run.head, pending, error or covered_error)


class _Run:
    """A run while it is checked: what is accepted, and the segment not yet covered."""

    def __init__(
        self, head: Head | None, log: bytes, every_signature: bool, missing_content_allowed: bool
    ) -> None:
        self.head = head
        self.log = log
        self.accepted: list[Envelope] = []
        self.segment: list[Envelope] = []
        self._every_signature = every_signature
        self._missing_content_allowed = missing_content_allowed
        self._last: tuple[int, bytes | None] = (head.sequence, head.id) if head else (0, None)

    def add(self, envelope: Envelope) -> None:
        """Take the next entry in, or raise why it does not fit."""
        entry = envelope.entry
        self._check_link(entry)
        if envelope.body is not None or not self._may_be_missing(entry):
            check_body(envelope)
        if entry.is_key_event:
            self._add_key_event(envelope)
        else:
            self.segment.append(envelope)
        self._last = (entry.header.sequence, entry.id)

    def _check_link(self, entry: Entry) -> None:
        sequence, previous = self._last
        if entry.log != self.log:
            raise WrongLogError(f"entry {entry.header.sequence} belongs to another log")
        if entry.header.sequence != sequence + 1:
            raise LinkError(f"expected entry {sequence + 1}, got {entry.header.sequence}")
        if entry.header.previous != previous:
            raise LinkError(f"entry {entry.header.sequence} does not follow the entry before it")

    def _may_be_missing(self, entry: Entry) -> bool:
        return self._missing_content_allowed and entry.header.kind not in PERMANENT_KINDS

    def _add_key_event(self, envelope: Envelope) -> None:
        error = self.cover()
        if error or self.segment:
            raise error or SignatureError("a key event follows entries with a bad signature")
        keys = extend_keys(self.head.keys if self.head else None, envelope)
        self._accept([envelope], keys)

    def cover(self) -> SignatureError | None:
        """Move what the newest valid signature covers from the segment to the accepted.

        Returns an error only when every signature is asked for and one is bad.
        """
        if not self.segment or self.head is None:
            return None
        key = self.head.keys.current
        count = len(self.segment)
        if self._every_signature:
            count = next(
                (i for i, item in enumerate(self.segment) if not _is_signed(item.entry, key)), count
            )
            self._accept(self.segment[:count], self.head.keys)
            bad = self.segment[count:]
            self.segment = []
            if bad:
                return SignatureError(f"entry {bad[0].entry.header.sequence}: bad signature")
            return None
        for tried in range(min(SIGNATURE_RETRIES_MAX, count)):
            if _is_signed(self.segment[count - 1 - tried].entry, key):
                self._accept(self.segment[: count - tried], self.head.keys)
                self.segment = self.segment[count - tried :]
                break
        return None

    def _accept(self, envelopes: list[Envelope], keys: Keys) -> None:
        if envelopes:
            self.accepted.extend(envelopes)
            newest = envelopes[-1].entry
            self.head = Head(self.log, newest.header.sequence, newest.id, keys)


def every_signature_holds(keys: Keys, envelopes: Sequence[Envelope]) -> bool:
    """Whether each of these entries of one log verifies on its own signature (§5.6).

    ``keys`` is a key history that reaches as far as the entries do. Most of the time is spent in
    compiled code that lets other threads run, so parts of a run can be checked side by side.
    """
    return all(_is_signed(entry, keys.at(entry.header.sequence)) for entry, _ in envelopes)


def _is_signed(entry: Entry, public_key: bytes) -> bool:
    try:
        verify_entry(entry, public_key)
    except RemoteError:
        return False
    return True


def extend_keys(keys: Keys | None, envelope: Envelope) -> Keys:
    """Return the key history after a key event, which must be signed by the key it reveals.

    Raises :class:`KeyEventError` when the key is not the one committed to before, and as
    :func:`protocol.entry.verify_entry` when the signature does not hold.
    """
    entry = envelope.entry
    check_body(envelope)
    if envelope.body is None or not entry.is_key_event:
        raise KeyEventError("not a key event")
    if (keys is None) is not (entry.header.kind == INCEPTION_KIND):
        raise KeyEventError("a log starts with one inception, and only rotations follow")
    event = read_key_event(entry.header.kind, envelope.body.content)
    if keys is not None:
        if next_key_digest(event.key) != keys.next_digest:
            raise KeyEventError("the new key is not the one that was committed to")
        if entry.header.sequence <= keys.since:
            raise KeyEventError("key events are out of order")
        if len(keys.periods) >= KEY_EVENTS_MAX:
            raise LimitError("too many key events")
    verify_entry(entry, event.key)
    periods = keys.periods if keys else ()
    return Keys((*periods, (entry.header.sequence, event.key)), event.next_digest)


def read_keys(log: bytes, envelopes: Sequence[Envelope], known: Keys | None = None) -> Keys:
    """Return the key history that a log's key events, without the entries between, add up to.

    Each rotation is authentic by itself: it reveals the key committed to before. Raises
    :class:`WrongLogError` when an event is another log's, else as :func:`extend_keys`.
    """
    keys = known
    for envelope in envelopes:
        if envelope.entry.log != log:
            raise WrongLogError("a key event of another log")
        keys = extend_keys(keys, envelope)
    if keys is None:
        raise KeyEventError("the log's first entry is missing")
    return keys


def begin_log(
    key: SigningKey, next_digest: bytes, code: str, name: str, *, time_ms: int, salt: bytes
) -> Envelope:
    """Return a new log's first entry; raises :class:`KeyEventError` for a bad code or name."""
    content = inception_content(KeyEvent(key.public_key, next_digest, code, name))
    read_key_event(INCEPTION_KIND, content)
    digest = commitment(salt, content)
    header = Header(PROTOCOL_VERSION, None, 1, None, time_ms, INCEPTION_KIND, len(content), digest)
    return seal(header, Body(salt, content), key)


def rotate(
    head: Head, key: SigningKey, next_digest: bytes, *, time_ms: int, salt: bytes
) -> Envelope:
    """Return the key event that continues ``head``: reveals ``key`` and commits to one more.

    Raises :class:`KeyEventError` when ``key`` is not the one that was committed to.
    """
    content = rotation_content(KeyEvent(key.public_key, next_digest))
    header = Header(
        PROTOCOL_VERSION,
        head.log,
        head.sequence + 1,
        head.id,
        time_ms,
        KEY_KIND,
        len(content),
        commitment(salt, content),
    )
    envelope = seal(header, Body(salt, content), key)
    extend_keys(head.keys, envelope)
    return envelope


class Author:
    """Writes the next entries of one's own log.

    It only builds them: they are stored through :func:`verify_run` like everybody else's.
    """

    def __init__(self, head: Head, key: SigningKey) -> None:
        """Continue from ``head``; raises :class:`LocalError` when ``key`` is not its key."""
        if head.keys.current != key.public_key:
            raise LocalError("the signing key is not the log's current key")
        self._log = head.log
        self._last = (head.sequence, head.id)
        self._key = key

    def append(self, kind: str, content: bytes, *, time_ms: int, salt: bytes) -> Envelope:
        """Return the next entry; the salt is 32 fresh random bytes."""
        if kind in KEY_EVENT_KINDS:
            raise LocalError("key events are written by a rotation, not as ordinary entries")
        sequence, previous = self._last
        header = Header(
            PROTOCOL_VERSION,
            self._log,
            sequence + 1,
            previous,
            time_ms,
            kind,
            len(content),
            commitment(salt, content),
        )
        envelope = seal(header, Body(salt, content), self._key)
        self._last = (sequence + 1, envelope.entry.id)
        return envelope
