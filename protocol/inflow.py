"""Runs from the neighbour: credit granted, order, refusals, evidence (docs/protocol.md §7).

1. A run is stored when it continues what is held, or what came before it in this session and
   is being stored. One that leaves a gap, or brings nothing, is answered with our head.
2. Every RUN frame is answered with exactly one STORED or REFUSED that gives its credit back.
3. A log that breaks a rule is ended: refused with the error's code from then on, and not asked
   for again in this session.
4. A chain that contradicts ours may be a fork. The neighbour is asked, once, for its entry at
   our number; meanwhile its runs of this log are dropped.
5. What is beyond the quota of a log, or comes from a neighbour that has brought its share, is
   refused as not wanted and ends nothing: it is asked for again when there is room.
6. A rotation that does not continue what is held, from whichever neighbour, leads to the branch
   that it ends (:mod:`protocol.settling`): that branch is the log, also of one that was ended or
   frozen. One that proved too long is not asked for again in the session: its last run may be the
   rotation alone, as when it is shown, and would be asked for without end.
7. A range that is held, but no longer whole, may be asked for once more: it is kept aside, whatever
   stands about its log, and handed over as it came.
"""

from __future__ import annotations

from protocol.codes import FROZEN, NOT_WANTED
from protocol.directory import Directory, Item
from protocol.effects import (
    BranchArrived,
    Effect,
    ForkSuspected,
    IngestOutcome,
    RangeArrived,
    RunArrived,
    Send,
)
from protocol.entry import Entry
from protocol.errors import CreditError, ForkError, LimitError, LinkError, RemoteError
from protocol.fields import NOTHING_ID
from protocol.limits import CREDIT_BYTES
from protocol.messages import Refused, Run, Stored, Want, encode
from protocol.notices import Barred, Delivered, Output
from protocol.run import decode_run
from protocol.settling import BranchFetch, next_rotation

_CONTRADICTIONS = frozenset({LinkError.code, ForkError.code})


def held_item(directory: Directory, log: bytes) -> Item:
    """Return our head of a log that we may speak of; number 0 when there is none."""
    view = directory.get(log)
    if view is None or not view.accepted or view.head is None:
        return Item(log, 0, NOTHING_ID)
    return Item(log, view.head.sequence, view.head.id)


class Inflow:
    """One direction of one session: from the neighbour to us."""

    def __init__(self, link: int, directory: Directory) -> None:
        """Begin with full credit granted and nothing asked for."""
        self._link = link
        self._directory = directory
        self._granted_bytes = CREDIT_BYTES
        self._arrived: dict[bytes, int] = {}
        self._ended: dict[bytes, str] = {}
        self._evidence_asked: dict[bytes, int] = {}
        self._evidence: dict[bytes, Entry] = {}
        self._branches: dict[bytes, BranchFetch] = {}
        self._too_long: set[bytes] = set()
        self._ranges: dict[bytes, BranchFetch] = {}

    def want(self, log: bytes, after: int, through: int) -> Send:
        """Ask for entries; ``after == through`` withdraws the request."""
        self._arrived.pop(log, None)
        return Send(self._link, encode(Want(log, after, through)))

    def delivered_through(self, log: bytes) -> int:
        """Return the last number of the log that came since it was last asked for."""
        return self._arrived.get(log, 0)

    def is_settled(self, log: bytes) -> bool:
        """Whether nothing more is asked of this neighbour about the log: ended, or in doubt."""
        return log in self._ended or log in self._evidence_asked

    def take(self, run: Run, cost: int, may_bring: bool) -> list[Output]:
        """Take a RUN frame of ``cost`` bytes in; raises :class:`CreditError`.

        ``may_bring`` says whether the neighbour may bring entries of that log now.
        """
        self._granted_bytes -= cost
        if self._granted_bytes < 0:
            raise CreditError("more was sent than had been granted")
        if run.log in self._branches:
            return self._take_branch(run, cost)
        if self.awaits_range(run.log) and self._ranges[run.log].continues(run):
            return self._take_range(run, cost)
        held = held_item(self._directory, run.log).sequence
        reached = max(held, self._arrived.get(run.log, 0))
        out_of_order = run.first > reached + 1 or run.last <= held
        refusal = self._refusal(run, may_bring)
        is_aside = (out_of_order or refusal) and run.log not in self._too_long
        if is_aside and (rotation := next_rotation(self._directory, run)):
            return self._ask_branch(rotation.entry, cost)
        if refusal:
            return [self._refuse(run.log, refusal, cost)]
        if run.log in self._evidence_asked:
            return self._take_evidence(run, cost)
        if out_of_order:
            return [self._acknowledge(run.log, cost)]
        self._arrived[run.log] = max(reached, run.last)
        arrived = RunArrived(self._link, run.log, run.first, run.count, run.payload, cost)
        return [Delivered(run.log), arrived]

    def ingested(self, log: bytes, outcome: IngestOutcome, cost: int) -> list[Output]:
        """Answer the neighbour for a run that was stored or refused."""
        if outcome.error is None:
            return [self._acknowledge(log, cost)]
        if outcome.error == NOT_WANTED:
            return [self._refuse(log, NOT_WANTED, cost)]  # a decision here, which may change
        if outcome.error not in _CONTRADICTIONS or log in self._ended:
            return self.end_log(log, outcome.error, cost)
        return [self._acknowledge(log, cost), *self.suspect(log, outcome.error)]

    def end_log(self, log: bytes, code: str, cost: int = 0) -> list[Output]:
        """End one log in this session; everything else goes on."""
        self._evidence_asked.pop(log, None)
        return [self._refuse(log, self._ended.setdefault(log, code), cost), Barred(log)]

    def suspect(self, log: bytes, code: str = ForkError.code) -> list[Output]:
        """The neighbour's chain contradicts ours: ask, once, for its entry at our number."""
        held = held_item(self._directory, log).sequence
        if self.is_settled(log):
            return []
        if log in self._evidence or not held:
            return self.end_log(log, code)
        self._evidence_asked[log] = held
        return [Barred(log), self.want(log, held - 1, held)]

    def evidence(self, log: bytes) -> Entry | None:
        """Return the neighbour's contradicting entry, once it has come."""
        return self._evidence.get(log)

    def _take_evidence(self, run: Run, cost: int) -> list[Output]:
        sequence = self._evidence_asked[run.log]
        if (run.first, run.count) != (sequence, 1):
            return [self._acknowledge(run.log, cost)]
        try:
            (envelope,) = decode_run(run.payload)
        except (RemoteError, ValueError):  # ValueError: not one entry
            return self.end_log(run.log, LinkError.code, cost)
        entry = envelope.entry
        if entry.log != run.log or entry.header.sequence != sequence:
            return self.end_log(run.log, LinkError.code, cost)
        del self._evidence_asked[run.log]
        self._evidence[run.log] = entry
        return [self._acknowledge(run.log, cost), ForkSuspected(self._link, run.log, sequence)]

    def _ask_branch(self, rotation: Entry, cost: int) -> list[Output]:
        """The neighbour has shown the log's next rotation: ask it for all that leads there."""
        view = self._directory.get(rotation.log)
        assert view is not None, "its next rotation is known by its keys"
        assert view.head is not None, "keys come with a head"
        self._evidence_asked.pop(rotation.log, None)
        fetch = BranchFetch(view.head.keys.since, rotation.header.sequence)
        self._branches[rotation.log] = fetch
        wanted = self.want(rotation.log, fetch.after, fetch.through)
        return [self._acknowledge(rotation.log, cost), Barred(rotation.log), wanted]

    def _take_branch(self, run: Run, cost: int) -> list[Output]:
        fetch = self._branches[run.log]
        try:
            is_whole = fetch.take(run)
        except LimitError as error:
            self.drop_branch(run.log)
            self._too_long.add(run.log)
            return self.end_log(run.log, error.code, cost)
        if not is_whole:
            return [self._acknowledge(run.log, cost)]
        self.drop_branch(run.log)
        arrived = BranchArrived(self._link, run.log, fetch.after, tuple(fetch.payloads))
        return [self._acknowledge(run.log, cost), arrived]

    def drop_branch(self, log: bytes) -> None:
        """Wait for a branch no longer: it is here, or the neighbour cannot give it."""
        self._branches.pop(log, None)

    def want_range(self, log: bytes, after: int, through: int) -> Send:
        """Ask once more for entries that are held, but no longer whole."""
        self._ranges[log] = BranchFetch(after, through)
        return self.want(log, after, through)

    def awaits_range(self, log: bytes) -> bool:
        """Whether such a range of the log is still coming."""
        return log in self._ranges

    def drop_range(self, log: bytes) -> list[Effect]:
        """The neighbour cannot give such a range, or gave too much."""
        fetch = self._ranges.pop(log, None)
        return [RangeArrived(self._link, log, fetch.after, ())] if fetch else []

    def withdraw_range(self, log: bytes) -> list[Effect]:
        """Take the request for such a range back."""
        fetch = self._ranges.pop(log, None)
        return [self.want(log, fetch.through, fetch.through)] if fetch else []

    def _take_range(self, run: Run, cost: int) -> list[Output]:
        acknowledged, fetch = self._acknowledge(run.log, cost), self._ranges[run.log]
        try:
            is_whole = fetch.take(run)
        except LimitError:
            return [acknowledged, *self.drop_range(run.log)]
        if not is_whole:
            return [acknowledged]
        del self._ranges[run.log]
        arrived = RangeArrived(self._link, run.log, fetch.after, tuple(fetch.payloads))
        return [acknowledged, arrived]

    def _refusal(self, run: Run, may_bring: bool) -> str | None:
        """Why a run is not taken, if it is not."""
        if run.log in self._ended:
            return self._ended[run.log]
        view = self._directory.get(run.log)
        if view is None or not view.accepted:
            return NOT_WANTED
        if view.frozen:
            return FROZEN
        if run.log in self._evidence_asked:
            return None  # to be compared, not stored
        has_room = run.last <= self._directory.takes_through(run.log)
        return None if has_room and may_bring else NOT_WANTED

    def _acknowledge(self, log: bytes, cost: int) -> Send:
        self._granted_bytes += cost
        return Send(self._link, encode(Stored(held_item(self._directory, log), cost)))

    def _refuse(self, log: bytes, code: str, cost: int) -> Send:
        self._granted_bytes += cost
        return Send(self._link, encode(Refused(log, code, cost)))
