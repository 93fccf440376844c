"""Checks an exported log offline, with nothing but the file (docs/protocol.md §5, §8).

The whole log must be there from its first entry, unless the file is evidence for one entry
(protocol/evidence.py). Everything is checked by the run rule; each
signature too when that is asked for, on all cores behind it. Reading happens in batches, of which a
few wait for their signatures, so a log of any size needs little memory.
"""

from __future__ import annotations

import io
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import chain, islice

from node.cli.evidence_check import EvidenceSummary, check_evidence_file
from node.intake.signatures import SignatureAudit
from protocol.archive import read_stream
from protocol.chain import Head, RunResult, every_signature_holds, verify_run
from protocol.content import Inception, Profile, read_content
from protocol.entry import Envelope
from protocol.errors import ContentError, LocalError, RemoteError, SignatureError
from protocol.evidence import is_evidence
from protocol.identity import fingerprint
from protocol.limits import KEY_EVENTS_MAX, RUN_ENTRIES_MAX

BATCHES_WAITING_MAX = 4

Tell = Callable[[int], None]
"""Hears how many entries have been read and checked so far."""


class ArchiveError(LocalError):
    """The file is not a whole, unaltered log; says where the first fault is."""

    code = "archive"
    advice = "Export the log again, from a node that has it whole; do not trust this file."


@dataclass(frozen=True, slots=True)
class ArchiveSummary:
    """A log that was found good. Ids are lower-case hexadecimal."""

    log: str
    fingerprint: str
    name: str
    code: str
    entries: int
    without_content: int
    key_events: int
    kinds: dict[str, int]
    head: str
    every_signature: bool


class _Signatures:
    """Verifies each signature on all cores, a few batches behind the run rule."""

    def __init__(self, audit: SignatureAudit) -> None:
        self._audit = audit
        self._waiting: deque[tuple[RunResult, list[Future[bool]]]] = deque()

    def take(self, result: RunResult) -> None:
        """Have the accepted entries verified; raises for a batch before, when one was bad."""
        bare = tuple(Envelope(entry, None) for entry, _ in result.accepted)
        signed = result._replace(accepted=bare)
        self._waiting.append((signed, self._audit.begin(signed)))
        if len(self._waiting) > BATCHES_WAITING_MAX:
            self._settle_one()

    def settle(self) -> None:
        """Wait for all of them; raises for the first bad one."""
        while self._waiting:
            self._settle_one()

    def _settle_one(self) -> None:
        result, answers = self._waiting.popleft()
        if all(answer.result() for answer in answers):
            return
        assert result.head is not None, "without a head nothing was accepted"
        keys = result.head.keys
        bad = next(one for one in result.accepted if not every_signature_holds(keys, [one]))
        raise _fault(bad.entry.header.sequence, SignatureError("its own signature does not hold"))


class _Check:
    def __init__(self, signatures: _Signatures | None) -> None:
        self.head: Head | None = None
        self.kinds: Counter[str] = Counter()
        self.without_content = 0
        self.name, self.code = "", ""
        self._signatures = signatures

    def take(self, log: bytes, envelopes: list[Envelope]) -> list[Envelope]:
        """Check the next entries; return those that no signature covers yet."""
        result = verify_run(self.head, log, envelopes, missing_content_allowed=True)
        self.head = result.head
        for envelope in result.accepted:
            self._note(envelope)
        if self._signatures is not None:
            self._signatures.take(result)
        if result.error is not None:
            raise self.fault(result.error)
        return list(result.pending)

    def fault(self, error: RemoteError) -> ArchiveError:
        """Return what is wrong with the first entry that is not good."""
        self.settle()
        return _fault(self.head.sequence + 1 if self.head else 1, error)

    def settle(self) -> None:
        """Wait for the signatures of what was taken; a bad one among them is the first fault."""
        if self._signatures is not None:
            self._signatures.settle()

    def _note(self, envelope: Envelope) -> None:
        kind = envelope.entry.header.kind
        self.kinds[kind] += 1
        if envelope.body is None:
            self.without_content += 1
        elif kind in {"inception", "profile"}:
            try:
                content = read_content(kind, envelope.body.content)
            except ContentError:
                return
            if isinstance(content, (Inception, Profile)):
                self.name, self.code = content.name, content.code


def _fault(sequence: int, error: RemoteError) -> ArchiveError:
    return ArchiveError(f"Entry {sequence} is not good: {error} ({error.code}).")


def check_archive(
    stream: io.BufferedIOBase, *, every_signature: bool = False, tell: Tell = lambda _: None
) -> ArchiveSummary | EvidenceSummary:
    """Check a CBOR sequence from its first entry to its last; raises ArchiveError."""
    envelopes = _numbered_faults(read_stream(stream))
    first = list(islice(envelopes, KEY_EVENTS_MAX + 2))
    if not first:
        raise ArchiveError("The file holds no entries.")
    if len(first) <= KEY_EVENTS_MAX + 1 and is_evidence(first):
        try:
            return check_evidence_file(first)
        except RemoteError as error:
            raise ArchiveError(f"The evidence is not good: {error} ({error.code}).") from error
    with ExitStack() as stack:
        signatures = None
        if every_signature:
            signatures = _Signatures(stack.enter_context(closing(SignatureAudit())))
        check = _Check(signatures)
        _check_all(check, chain(first, envelopes), tell)
    return _summary(check, every_signature)


def _check_all(check: _Check, envelopes: Iterator[Envelope], tell: Tell) -> None:
    waiting = list(islice(envelopes, RUN_ENTRIES_MAX))
    log = waiting[0].entry.log
    while waiting:
        pending = check.take(log, waiting)
        tell(check.head.sequence if check.head else 0)
        following = list(islice(envelopes, RUN_ENTRIES_MAX))
        if pending and not following:
            raise check.fault(SignatureError("no valid signature covers it"))
        waiting = pending + following
    check.settle()


def _summary(check: _Check, every_signature: bool) -> ArchiveSummary:
    assert check.head is not None, "a log without a fault has a head"
    log = check.head.log
    return ArchiveSummary(
        log=log.hex(),
        fingerprint=fingerprint(log),
        name=check.name,
        code=check.code,
        entries=check.head.sequence,
        without_content=check.without_content,
        key_events=len(check.head.keys.periods),
        kinds=dict(sorted(check.kinds.items())),
        head=check.head.id.hex(),
        every_signature=every_signature,
    )


def _numbered_faults(envelopes: Iterator[Envelope]) -> Iterator[Envelope]:
    """Pass entries on; a fault of the file itself is told with the entry's place in it."""
    read = 0
    while True:
        try:
            envelope = next(envelopes)
        except StopIteration:
            return
        except RemoteError as error:
            message = f"Entry {read + 1} of the file cannot be read: {error} ({error.code})."
            raise ArchiveError(message) from error
        read += 1
        yield envelope
