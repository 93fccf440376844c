"""What goes through ingest: a neighbour's run or own drafts, and what becomes of it on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from node.intake.signing import Draft
from protocol.chain import Head, RunResult
from protocol.codes import NOT_WANTED
from protocol.content.lifecycle import LEAVE_KIND
from protocol.entry import Envelope
from protocol.errors import RemoteError
from protocol.run import PackedRun


class NotWantedError(RemoteError):
    """A run of a log that is not (or no longer) accepted here."""

    code = NOT_WANTED
    advice = "Accept the log under members if you want it."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a neighbour's run: our head after it, or why it was refused."""

    head: Head | None
    error: RemoteError | None = None
    failed: bool = False
    """True when our own disk or database failed; the neighbour has done nothing wrong."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A run from a neighbour; `answer` is called once, after the commit, unless the
    session ends before."""

    link: int
    log: bytes
    payload: bytes
    answer: Callable[[Outcome], None]

    @property
    def size_bytes(self) -> int:
        """How much it takes while it waits."""
        return len(self.payload)


@dataclass(frozen=True, slots=True)
class DraftsCall:
    """What one caller wants written, and where it waits for it."""

    drafts: tuple[Draft, ...]
    written: asyncio.Future[tuple[Envelope, ...]]


@dataclass(frozen=True, slots=True)
class Drafts:
    """Own entries that are signed and committed together; each call gets back its own."""

    calls: tuple[DraftsCall, ...]

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """All of them, in the order of the calls."""
        return tuple(draft for call in self.calls for draft in call.drafts)

    @property
    def size_bytes(self) -> int:
        """How much it takes while it waits."""
        return sum(len(draft.content) for draft in self.drafts)

    @property
    def is_last_word(self) -> bool:
        """Whether nothing of ours may be signed on top of these: they are taken alone."""
        return any(draft.kind == LEAVE_KIND for draft in self.drafts)

    def give_back(self, envelopes: Sequence[Envelope]) -> None:
        """They are stored: each call gets what became of its drafts."""
        start = 0
        for call in self.calls:
            end = start + len(call.drafts)
            if not call.written.done():
                call.written.set_result(tuple(envelopes[start:end]))
            start = end

    def fail(self, error: Exception) -> None:
        """None of them is stored."""
        for call in self.calls:
            if not call.written.done():
                call.written.set_exception(error)


@dataclass(frozen=True, slots=True)
class Committed:
    """One log moved, from `previous` (sequence, id); `payload` is the run encoded for others, and
    `size_bytes` what the entries take before compression."""

    head: Head
    previous: tuple[int, bytes] | None
    envelopes: tuple[Envelope, ...]
    payload: bytes | None
    came_from: int | None
    size_bytes: int
    settled: bool = False
    """A rotation ended a fork: entries that were there before may not be the log any more."""


@dataclass(slots=True)
class Step:
    """One item on its way, the head it is to continue, and what checking it gave."""

    item: Arrival | Drafts
    log: bytes
    before: Head | None
    result: RunResult | None = None
    packed: tuple[PackedRun, ...] = ()
    older: Envelope | None = None
    """Newest entry of a run that lies wholly behind our head, to be compared with what is there."""
    signatures: Sequence[Future[bool]] = ()
    """Answers under way, when every signature is asked for."""
    error: Exception | None = None

    @property
    def moves(self) -> bool:
        """Whether there is something to store."""
        return self.error is None and self.result is not None and bool(self.result.accepted)

    @property
    def after(self) -> Head | None:
        """The head it leads to."""
        return self.result.head if self.moves and self.result else self.before

    @property
    def refusal(self) -> Exception | None:
        """Why it, or the rest of it, is not taken."""
        return self.error or (self.result.error if self.result else None)

    @property
    def payload(self) -> bytes | None:
        """What others are sent at once; they ask for what does not fit into one run."""
        return self.packed[0].payload if len(self.packed) == 1 else None

    def committed(self) -> Committed | None:
        """Tell what to announce once it is stored; None when nothing was."""
        if not self.moves or self.result is None or self.result.head is None:
            return None
        came_from = self.item.link if isinstance(self.item, Arrival) else None
        previous = (self.before.sequence, self.before.id) if self.before else None
        size_bytes = sum(run.size_bytes for run in self.packed)
        return Committed(
            self.result.head, previous, self.result.accepted, self.payload, came_from, size_bytes
        )


def content_bytes(envelopes: Sequence[Envelope]) -> int:
    """How much content these entries carry."""
    return sum(len(item.body.content) for item in envelopes if item.body)
