"""Checks an exported log offline, with nothing but the file (docs/protocol.md §5, §8).

The whole log must be there from its first entry. Everything is checked by the run rule, or each
signature too; reading happens in batches, so a log of any size needs little memory.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from protocol.archive import read_stream
from protocol.chain import Head, verify_run
from protocol.content import Inception, Profile, read_content
from protocol.entry import Envelope
from protocol.errors import ContentError, LocalError, RemoteError, SignatureError
from protocol.identity import fingerprint
from protocol.limits import RUN_ENTRIES_MAX


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


class _Check:
    def __init__(self, every_signature: bool) -> None:
        self.head: Head | None = None
        self.kinds: Counter[str] = Counter()
        self.without_content = 0
        self.name, self.code = "", ""
        self._every_signature = every_signature

    def take(self, log: bytes, envelopes: list[Envelope]) -> list[Envelope]:
        """Check the next entries; return those that no signature covers yet."""
        result = verify_run(
            self.head,
            log,
            envelopes,
            every_signature=self._every_signature,
            missing_content_allowed=True,
        )
        self.head = result.head
        for envelope in result.accepted:
            self._note(envelope)
        if result.error is not None:
            raise self.fault(result.error)
        return list(result.pending)

    def fault(self, error: RemoteError) -> ArchiveError:
        good = self.head.sequence if self.head else 0
        return ArchiveError(f"Entry {good + 1} is not good: {error} ({error.code}).")

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


def check_archive(stream: io.BufferedIOBase, *, every_signature: bool = False) -> ArchiveSummary:
    """Check a CBOR sequence from its first entry to its last; raises ArchiveError."""
    check = _Check(every_signature)
    envelopes = _numbered_faults(read_stream(stream))
    waiting = list(islice(envelopes, RUN_ENTRIES_MAX))
    if not waiting:
        raise ArchiveError("The file holds no entries.")
    log = waiting[0].entry.log
    while waiting:
        pending = check.take(log, waiting)
        following = list(islice(envelopes, RUN_ENTRIES_MAX))
        if pending and not following:
            raise check.fault(SignatureError("no valid signature covers it"))
        waiting = pending + following
    assert check.head is not None
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
