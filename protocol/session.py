"""One session with one neighbour: frames in, effects and notices out (docs/protocol.md §7).

1. Whatever bytes arrive, a session never raises: bytes that break framing, handshake, order or
   flow control end this session with a BYE that names the error; a log that breaks its own
   rules ends that log in this session, with REFUSED, and nothing else.
2. Which message may come next is decided in :mod:`protocol.transitions` alone.
3. What concerns other sessions as well (whom to ask, duplicates, forks) is told to the hub as a
   notice; a session knows only its own link and the shared directory.
4. All memory of the neighbour lives and dies with the session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from protocol import fork
from protocol.directory import Directory, Item
from protocol.effects import (
    Close,
    Effect,
    ForkFound,
    ForkSuspected,
    IngestOutcome,
    Knocked,
    LogRefused,
    NeighbourStored,
    ReconcileDone,
    RunArrived,
    Send,
    Supply,
)
from protocol.entry import Entry
from protocol.errors import (
    CreditError,
    ForkError,
    LimitError,
    LinkError,
    NotNeighbourError,
    RemoteError,
    TimeoutRemoteError,
)
from protocol.fields import NOTHING_ID
from protocol.handshake import Handshake, Party
from protocol.limits import (
    CREDIT_BYTES,
    FORK_FRAMES_MAX,
    FRAME_BYTES_MAX,
    HANDSHAKE_FRAME_BYTES_MAX,
    HANDSHAKE_TIMEOUT_MS,
    REASON_CHARS_MAX,
    RECONCILE_TIMEOUT_MS,
    REMOTE_LOGS_MAX,
    RUN_BYTES_TARGET,
)
from protocol.messages import (
    Auth,
    Bye,
    Fork,
    Have,
    Hello,
    Message,
    Reconcile,
    Refused,
    Run,
    Stored,
    Want,
    decode,
    encode,
)
from protocol.outflow import Outflow
from protocol.reconcile import Reconciler
from protocol.run import decode_run
from protocol.transitions import SYNC_STATES, Event, Role, State, next_state

NOT_WANTED = "not_wanted"
NOT_HELD = "not_held"
FROZEN = "frozen"
CONTRADICTIONS = frozenset({LinkError.code, ForkError.code})
"""Ingest errors that may mean a fork: the neighbour's entry at our number is asked for."""


@dataclass(frozen=True, slots=True)
class Joined:
    """To the hub: a neighbour proved who it is; :meth:`Session.start` when it may stay."""


@dataclass(frozen=True, slots=True)
class Learned:
    """To the hub: the neighbour's head of a log; number 0 when it holds nothing of it.

    The id is empty when only the number is known.
    """

    item: Item


@dataclass(frozen=True, slots=True)
class Delivered:
    """To the hub: a run came that is now being stored."""

    log: bytes


@dataclass(frozen=True, slots=True)
class Lacking:
    """To the hub: the neighbour could not deliver a log now."""

    log: bytes


@dataclass(frozen=True, slots=True)
class Barred:
    """To the hub: never ask this neighbour for the log again in this session."""

    log: bytes


Notice: TypeAlias = Joined | Learned | Delivered | Lacking | Barred
Output: TypeAlias = Effect | Notice


class Session:
    """One link's half of the protocol."""

    def __init__(
        self, link: int, role: Role, handshake: Handshake, directory: Directory, now_ms: int
    ) -> None:
        """Begin to wait for a HELLO; a dialer first sends ``handshake.begin()``."""
        self.link = link
        self.role = role
        self.state = State.HELLO_AWAITED
        self.party: Party | None = None
        self.remote: dict[bytes, Item] = {}
        self.offered: set[bytes] = set()
        self.ended: dict[bytes, str] = {}
        self.out = Outflow()
        self._handshake = handshake
        self._directory = directory
        self._since_ms = now_ms
        self._reconciler: Reconciler | None = None
        self._refusing: set[bytes] = set()
        self._granted_bytes = CREDIT_BYTES
        self._arrived: dict[bytes, int] = {}
        self._evidence_asked: dict[bytes, int] = {}
        self._evidence: dict[bytes, Entry] = {}
        self._forks_told: set[bytes] = set()
        self._forks_received = 0

    @property
    def is_syncing(self) -> bool:
        """Whether logs may be spoken of."""
        return self.state in SYNC_STATES

    # --- frames ---------------------------------------------------------------------------

    def receive(self, frame: bytes, now_ms: int) -> list[Output]:
        """Take one frame in; never raises for what the neighbour sent."""
        bytes_max = FRAME_BYTES_MAX if self.is_syncing else HANDSHAKE_FRAME_BYTES_MAX
        try:
            message = decode(frame, bytes_max=bytes_max)
            self._move(message.EVENT, now_ms)
            return self._handle(message, frame, now_ms)
        except RemoteError as error:
            return self.end(error)

    def _handle(self, message: Message, frame: bytes, now_ms: int) -> list[Output]:
        match message:
            case Hello():
                answers = self._handshake.receive_hello(message, frame)
                return [Send(self.link, answer) for answer in answers]
            case Auth():
                return self._on_auth(message)
            case Reconcile():
                return self._on_reconcile(message, now_ms)
            case Have():
                return self._learn(message.items)
            case Want():
                return self._on_want(message)
            case Run():
                return self._on_run(message, len(frame))
            case Stored():
                return self._on_stored(message)
            case Refused():
                return self._on_refused(message)
            case Fork():
                return self._on_fork(message)
            case Bye():
                return [Close(self.link, message.code, message.reason)]

    def end(self, error: RemoteError) -> list[Output]:
        """End the session, telling the neighbour why."""
        return self.leave(error.code, str(error))

    def leave(self, code: str, reason: str) -> list[Output]:
        """End the session for a reason of our own."""
        if self.state is State.CLOSED:
            return []
        self.state = next_state(self.state, Event.END)
        said = "".join(char for char in reason if char.isprintable())[:REASON_CHARS_MAX]
        return [self._send(Bye(code, said)), Close(self.link, code, said)]

    def tick(self, now_ms: int) -> list[Output]:
        """End a session whose handshake or reconciliation stands still."""
        waited_ms = now_ms - self._since_ms
        greeting = self.state in (State.HELLO_AWAITED, State.AUTH_AWAITED)
        if greeting and waited_ms >= HANDSHAKE_TIMEOUT_MS:
            return self.end(TimeoutRemoteError("the handshake took too long"))
        if self.state is State.RECONCILING and waited_ms >= RECONCILE_TIMEOUT_MS:
            return self.end(TimeoutRemoteError("the reconciliation stands still"))
        return []

    def _move(self, event: Event, now_ms: int) -> None:
        before, self.state = self.state, next_state(self.state, event)
        handshaking = self.state in (State.HELLO_AWAITED, State.AUTH_AWAITED)
        if event is Event.RECONCILE or (self.state is not before and not handshaking):
            self._since_ms = now_ms  # the whole handshake shares one time-out

    def _send(self, message: Message) -> Send:
        return Send(self.link, encode(message))

    # --- handshake and reconciliation -----------------------------------------------------

    def _on_auth(self, auth: Auth) -> list[Output]:
        party = self.party = self._handshake.receive_auth(auth)
        if party.log not in self._directory.neighbours:
            knock = Knocked(self.link, party.log, party.code, party.name)
            return [knock, *self.end(NotNeighbourError("not an approved neighbour"))]
        return [Joined()]

    def start(self) -> list[Output]:
        """Begin to sync with a neighbour that may stay; the dialer speaks first."""
        if self.role is Role.RESPONDER:
            return []
        self._reconciler = Reconciler(self._directory.items())
        opening = Reconcile(self._reconciler.begin())
        return [Send(self.link, self._handshake.auth()), self._send(opening)]

    def _on_reconcile(self, message: Reconcile, now_ms: int) -> list[Output]:
        if self._reconciler is None:
            self._reconciler = Reconciler(self._directory.items())
        step = self._reconciler.receive(message.ranges)
        outputs: list[Output] = []
        if step.answer is not None:
            outputs.append(self._send(Reconcile(step.answer)))
        outputs += self._learn(step.learned)
        if step.done:
            self._move(Event.RECONCILED, now_ms)
            outputs += self._learn(self._reconciler.agreed())
            outputs.append(ReconcileDone(self.link))
        return outputs

    def _learn(self, items: list[Item] | tuple[Item, ...]) -> list[Output]:
        """Take in heads of the neighbour; what is older than what is known says nothing."""
        outputs: list[Output] = []
        for item in items:
            known = self.remote.get(item.log)
            if known is None or (known.sequence, known.id) < (item.sequence, item.id):
                self.remote[item.log] = item
                outputs.append(Learned(item))
        if len(self.remote) > REMOTE_LOGS_MAX:
            raise LimitError(f"a neighbour speaks of at most {REMOTE_LOGS_MAX} logs")
        return outputs

    def _learn_number(self, run: Run) -> list[Output]:
        """A run that is not taken still says how far the neighbour is."""
        return self._learn((Item(run.log, run.last, NOTHING_ID),))

    # --- what the neighbour gets ----------------------------------------------------------

    def _on_want(self, want: Want) -> list[Output]:
        self._refusing.discard(want.log)
        self.out.want(want)
        view = self._directory.get(want.log)
        outputs: list[Output] = []
        if view and view.accepted and view.head and view.head.sequence > want.through:
            outputs.append(self._send(Have((Item(want.log, view.head.sequence, view.head.id),))))
        return outputs + self.pump()

    def pump(self) -> list[Output]:
        """Have the next run prepared that the neighbour waits for, if there is credit."""
        outputs: list[Output] = []
        while (want := self.out.next_want()) is not None:
            head = self._held(want.log)
            if head.sequence > want.after:
                through = min(want.through, head.sequence)
                supply = Supply(self.link, want.log, want.after, through, RUN_BYTES_TARGET)
                return [*outputs, supply]
            self.out.prepared(want.log, want.after + 1)
            self.out.drop(want.log)
            outputs.append(self._send(Refused(want.log, NOT_HELD, 0)))
        return outputs

    def supplied(self, log: bytes, first: int, count: int, payload: bytes) -> list[Output]:
        """Send the run that was prepared, unless it is no longer wanted."""
        want = self.out.prepared(log, first)
        outputs: list[Output] = []
        if want is not None and count:
            outputs.append(Send(self.link, self.out.serve(want, Run(log, first, count, payload))))
        elif want is not None:
            self.out.drop(log)
            outputs.append(self._send(Refused(log, NOT_HELD, 0)))
        return outputs + self.pump()

    def tell(
        self, item: Item, previous: Item | None, payload: bytes | None, count: int
    ) -> list[Output]:
        """Tell the neighbour of our new head: the run itself when it just lacks that."""
        if not self.is_syncing or self._reconciler is None or item.log in self._refusing:
            return []  # before our snapshot is taken, it will hold the new head anyway
        known = self._known(item.log)
        if known is not None and known.sequence > item.sequence:
            return []
        follows = known is not None and previous is not None and _same(known, previous)
        if follows and payload and not self.out.is_wanted(item.log) and self.out.has_room(payload):
            run = Run(item.log, item.sequence - count + 1, count, payload)
            return [Send(self.link, self.out.send(run, item.id))]
        return [self._send(Have((item,)))]

    def _known(self, log: bytes) -> Item | None:
        """How far the neighbour is, once everything we sent has arrived."""
        sent = self.out.sent.get(log)
        item = self.remote.get(log)
        if item is not None and (sent is None or item.sequence > sent.sequence):
            return item
        return sent

    def tell_fork(self, log: bytes, proof: bytes) -> list[Output]:
        """Pass a fork proof on, once."""
        if not self.is_syncing or log in self._forks_told:
            return []
        self._forks_told.add(log)
        return [self._send(Fork(proof))]

    def _on_stored(self, stored: Stored) -> list[Output]:
        self.out.give_back(stored.credit_bytes)
        item = stored.item
        outputs = self._learn((item,))
        sent = self.out.sent.get(item.log)
        if sent is not None and sent.sequence <= item.sequence:
            del self.out.sent[item.log]
        if item.sequence:
            outputs.append(NeighbourStored(self.link, item.log, item.sequence))
        return outputs + self.pump()

    def _on_refused(self, refused: Refused) -> list[Output]:
        self.out.give_back(refused.credit_bytes)
        self.out.sent.pop(refused.log, None)
        if refused.code == NOT_HELD:
            return [Lacking(refused.log), *self.pump()]
        self._refusing.add(refused.log)
        outputs: list[Output] = [LogRefused(self.link, refused.log, refused.code)]
        if refused.code != NOT_WANTED:
            outputs.append(Barred(refused.log))
        return outputs + self.pump()

    # --- what we get ----------------------------------------------------------------------

    def want(self, log: bytes, after: int, through: int) -> list[Output]:
        """Ask for entries; ``after == through`` withdraws the request."""
        self._arrived.pop(log, None)
        return [self._send(Want(log, after, through))]

    def _on_run(self, run: Run, cost: int) -> list[Output]:
        self._granted_bytes -= cost
        if self._granted_bytes < 0:
            raise CreditError("more was sent than had been granted")
        if refusal := self._refusal(run.log):
            self._granted_bytes += cost
            return [self._send(Refused(run.log, refusal, cost)), *self._learn_number(run)]
        if run.log in self._evidence_asked:
            return self._on_evidence(run, cost)
        held = self._held(run.log).sequence
        reached = max(held, self._arrived.get(run.log, 0))
        if run.first > reached + 1:
            return [self._acknowledge(run.log, cost), *self._learn_number(run)]
        if run.last <= held:
            return [self._acknowledge(run.log, cost)]
        self._arrived[run.log] = max(reached, run.last)
        arrived = RunArrived(self.link, run.log, run.first, run.count, run.payload, cost)
        return [Delivered(run.log), arrived]

    def ingested(self, log: bytes, outcome: IngestOutcome, cost: int) -> list[Output]:
        """Answer the neighbour for a run that was stored or refused."""
        if outcome.error is None:
            return [self._acknowledge(log, cost)]
        if log in self.ended or outcome.error not in CONTRADICTIONS:
            return self.end_log(log, outcome.error, cost)
        return [self._acknowledge(log, cost), *self.suspect(log, outcome.error)]

    def delivered_through(self, log: bytes) -> int:
        """The last number of the log that came since it was last asked for."""
        return self._arrived.get(log, 0)

    def end_log(self, log: bytes, code: str, cost: int = 0) -> list[Output]:
        """End one log in this session; everything else goes on."""
        self.ended[log] = code
        self._evidence_asked.pop(log, None)
        self._granted_bytes += cost
        return [self._send(Refused(log, code, cost)), Barred(log)]

    def _refusal(self, log: bytes) -> str | None:
        """Why a run of this log is not taken, if it is not."""
        if log in self.ended:
            return self.ended[log]
        if self._directory.accepts(log):
            return None
        view = self._directory.get(log)
        return FROZEN if view is not None and view.accepted else NOT_WANTED

    def _acknowledge(self, log: bytes, cost: int) -> Send:
        self._granted_bytes += cost
        return self._send(Stored(self._held(log), cost))

    def _held(self, log: bytes) -> Item:
        """Our head of a log that we may speak of; number 0 when there is none."""
        view = self._directory.get(log)
        if view is None or not view.accepted or view.head is None:
            return Item(log, 0, NOTHING_ID)
        return Item(log, view.head.sequence, view.head.id)

    # --- forks ----------------------------------------------------------------------------

    def suspect(self, log: bytes, code: str = ForkError.code) -> list[Output]:
        """The neighbour's chain contradicts ours: ask, once, for its entry at our number."""
        held = self._held(log)
        if log in self._evidence_asked or log in self.ended:
            return []
        if log in self._evidence or not held.sequence:
            return self.end_log(log, code)
        self._evidence_asked[log] = held.sequence
        return [Barred(log), self._send(Want(log, held.sequence - 1, held.sequence))]

    def _on_evidence(self, run: Run, cost: int) -> list[Output]:
        """Take the entry that was asked for; runs that were under way before it are dropped."""
        sequence = self._evidence_asked[run.log]
        if (run.first, run.count) != (sequence, 1):
            return [self._acknowledge(run.log, cost)]
        del self._evidence_asked[run.log]
        try:
            (envelope,) = decode_run(run.payload)
        except (RemoteError, ValueError):
            return self.end_log(run.log, LinkError.code, cost)
        entry = envelope.entry
        if entry.log != run.log or entry.header.sequence != sequence:
            return self.end_log(run.log, LinkError.code, cost)
        self._evidence[run.log] = entry
        return [self._acknowledge(run.log, cost), ForkSuspected(self.link, run.log, sequence)]

    def is_settled(self, log: bytes) -> bool:
        """Whether nothing more is asked of this neighbour about the log: ended, or in doubt."""
        return log in self.ended or log in self._evidence_asked

    def take_evidence(self, log: bytes) -> Entry | None:
        """Return the neighbour's contradicting entry, for the hub to judge."""
        return self._evidence.get(log)

    def _on_fork(self, message: Fork) -> list[Output]:
        self._forks_received += 1
        if self._forks_received > FORK_FRAMES_MAX:
            raise LimitError(f"at most {FORK_FRAMES_MAX} fork proofs are taken in one session")
        proof = fork.decode_proof(message.proof)
        self._forks_told.add(proof.log)
        view = self._directory.get(proof.log)
        if view is None or view.frozen or proof.log in self.ended:
            return []
        try:
            fork.verify_proof(proof, view.head.keys if view.head else None)
        except ForkError:
            return []  # settled by a key event that the neighbour may not know yet
        except RemoteError as error:
            return self.end_log(proof.log, error.code)
        return [ForkFound(self.link, proof.log, message.proof)]


def _same(known: Item, previous: Item) -> bool:
    """Whether the neighbour is where we were, as far as is known; else it will refuse the run."""
    return known.sequence == previous.sequence and known.id in (NOTHING_ID, previous.id)
