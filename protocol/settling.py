"""How a rotation ends a fork everywhere (docs/protocol.md §6.5).

The next key signs once: a rotation. It is authentic by itself, since it reveals the key that was
committed to, and it names the entry that it continues. So of two branches under one key, the one
that holds the rotation is the log, however long the other has become.

1. Whoever holds a rotation and meets a neighbour on another branch shows it: a RUN of that one
   entry, out of order. A node that does not know the rule answers it like any run that brings
   nothing.
2. Whoever is shown the next rotation of a log asks that neighbour for the branch, from after the
   newest key event that both hold through the rotation, and keeps it aside, bounded.
3. All of it is verified together. Then it takes the place of what contradicts it, in one step; what
   gave way is kept as evidence.
4. Heads that were told before are void then, so the sessions are begun anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, islice

from protocol.chain import Head, RunResult, extend_keys, verify_run
from protocol.directory import Directory
from protocol.effects import Send
from protocol.entry import Envelope
from protocol.errors import KeyEventError, LimitError, RemoteError
from protocol.limits import (
    BRANCH_BYTES_MAX,
    BRANCH_ENTRIES_MAX,
    BRANCH_UNFOLDED_BYTES_MAX,
    ROTATIONS_TOLD_MAX,
)
from protocol.messages import Run
from protocol.outflow import Outflow
from protocol.run import announced_bytes, decode_run, encode_run


def next_rotation(directory: Directory, run: Run) -> Envelope | None:
    """Return the rotation that a run of one entry shows, if it is the next of a log we take.

    Nobody but the owner of the next key can make one. None for anything else, and for one beyond
    the log's quota: all before it would have to be taken in. A fork is settled whatever the quota.
    """
    view = directory.get(run.log)
    if run.count != 1 or view is None or not view.accepted or view.head is None:
        return None
    if run.last > directory.takes_through(run.log) and not view.frozen:
        return None
    try:
        (envelope,) = decode_run(run.payload)
        extend_keys(view.head.keys, envelope)
    except (RemoteError, ValueError):  # ValueError: not one entry
        return None
    entry = envelope.entry
    return envelope if (entry.log, entry.header.sequence) == (run.log, run.first) else None


def verify_branch(base: Head, payloads: Iterable[bytes]) -> RunResult:
    """Check all of a branch that continues ``base``; what was accepted ends in a rotation.

    Raises a :class:`RemoteError` unless every entry holds and the last one is a rotation.
    """
    result = verify_run(base, base.log, decode_runs(payloads))
    if result.error is not None:
        raise result.error
    if result.pending or not result.accepted or not result.accepted[-1].entry.is_key_event:
        raise KeyEventError("the branch does not end in a rotation")
    return result


def decode_runs(payloads: Iterable[bytes]) -> list[Envelope]:
    """Return the entries of runs that were kept aside, in order; nothing is verified yet.

    Raises as :func:`protocol.run.decode_run`, also when there are more than the runs said.
    """
    opened = chain.from_iterable(decode_run(payload) for payload in payloads)
    envelopes = list(islice(opened, BRANCH_ENTRIES_MAX + 1))
    if len(envelopes) > BRANCH_ENTRIES_MAX:
        raise LimitError(f"at most {BRANCH_ENTRIES_MAX} entries are kept aside")
    return envelopes


@dataclass(slots=True)
class BranchFetch:
    """Entries that are kept aside until all have come: those after ``after`` through a number.

    A branch that ends in a rotation, or a range that is no longer whole here.
    """

    after: int
    through: int
    payloads: list[bytes] = field(default_factory=list)
    reached: int = 0
    size_bytes: int = 0
    unfolded_bytes: int = 0

    def __post_init__(self) -> None:
        self.reached = self.after

    def continues(self, run: Run) -> bool:
        """Whether a run is the next part of it."""
        return run.first == self.reached + 1 and run.last <= self.through

    def take(self, run: Run) -> bool:
        """Keep a run that continues what came; True when all of it is here.

        Raises :class:`LimitError` when the branch is too long to be kept aside.
        """
        if not self.continues(run):
            return False
        self.payloads.append(run.payload)
        self.reached = run.last
        self.size_bytes += len(run.payload)
        self.unfolded_bytes += announced_bytes(run.payload)
        if self._is_too_long():
            raise LimitError("more was asked for at once than is kept aside")
        return self.reached == self.through

    def _is_too_long(self) -> bool:
        return (
            self.reached - self.after > BRANCH_ENTRIES_MAX
            or self.size_bytes > BRANCH_BYTES_MAX
            or self.unfolded_bytes > BRANCH_UNFOLDED_BYTES_MAX
        )


class Rotations:
    """Shows a neighbour the rotations of logs of which it holds another branch."""

    def __init__(
        self,
        link: int,
        directory: Directory,
        key_events: Callable[[bytes], tuple[Envelope, ...]],
        outflow: Outflow,
    ) -> None:
        """One for each session; what was shown is forgotten with it."""
        self._link = link
        self._directory = directory
        self._key_events = key_events
        self._outflow = outflow
        self._told: dict[bytes, int] = {}

    def tell(self, log: bytes) -> list[Send]:
        """Show every rotation of ``log`` that we hold, a few times a session at most."""
        told, view = self._told.get(log, 0), self._directory.get(log)
        if told >= ROTATIONS_TOLD_MAX or view is None or not view.may_grow:
            return []
        self._told[log] = told + 1
        sends = []
        for envelope in self._key_events(log)[1:]:
            run = Run(log, envelope.entry.header.sequence, 1, encode_run([envelope]))
            if self._outflow.has_room(run.payload):
                sends.append(Send(self._link, self._outflow.send_aside(run)))
        return sends
