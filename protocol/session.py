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

from protocol import fork
from protocol.blob_exchange import BlobExchange
from protocol.codes import NOT_HELD, NOT_WANTED, PAUSED
from protocol.directory import Directory, Item, Standing
from protocol.effects import (
    Close,
    ForkFound,
    Knocked,
    LinkStatus,
    LogRefused,
    NeighbourStored,
    ReconcileDone,
    Send,
    Supply,
)
from protocol.errors import (
    ForkError,
    LimitError,
    MalformedError,
    RemoteError,
    TimeoutRemoteError,
)
from protocol.fields import NOTHING_ID
from protocol.handshake import Handshake, Party
from protocol.inflow import Inflow, held_item
from protocol.invite import Invite
from protocol.lag import Lag, lag
from protocol.limits import (
    FORK_FRAMES_MAX,
    FRAME_BYTES_MAX,
    HANDSHAKE_FRAME_BYTES_MAX,
    HANDSHAKE_TIMEOUT_MS,
    REASON_CHARS_MAX,
    RECONCILE_TIMEOUT_MS,
    REMOTE_LOGS_MAX,
    RUN_BYTES_TARGET,
    STRANGER_KEY_EVENTS_MAX,
)
from protocol.messages import (
    Auth,
    BlobMessage,
    Bye,
    Fork,
    Have,
    Hello,
    Message,
    Reconcile,
    Recover,
    Refused,
    Run,
    Stored,
    Want,
    decode,
    encode,
)
from protocol.notices import Barred, Joined, Lacking, Learned, Output
from protocol.outflow import Outflow
from protocol.reconcile import Reconciler
from protocol.settling import Rotations
from protocol.transitions import GREETING_STATES, SYNC_STATES, Event, Role, State, next_state


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
        self.outflow = Outflow()
        self.inflow = Inflow(link, directory)
        self.blobs = BlobExchange(link)
        self.rotations = Rotations(link, directory, handshake.key_events, self.outflow)
        self._handshake = handshake
        self._directory = directory
        self._since_ms = now_ms
        self._reconciler: Reconciler | None = None
        self._refusing: set[bytes] = set()
        self._forks_told: set[bytes] = set()
        self._forks_judged: set[bytes] = set()
        self._forks_received = 0

    @property
    def is_syncing(self) -> bool:
        """Whether logs may be spoken of."""
        return self.state in SYNC_STATES

    @property
    def carries_blobs(self) -> bool:
        """Whether both sides speak the version in which files travel."""
        return self._handshake.carries_blobs

    @property
    def version(self) -> int:
        """The newest version of the protocol that both sides speak."""
        return self._handshake.version

    def may_bring(self, log: bytes) -> bool:
        """Whether entries of a log are taken from this neighbour now."""
        return self.party is None or self._directory.takes_from(self.party.log, log)

    def status(self) -> LinkStatus:
        """Return how the link stands; nobody is behind before logs may be spoken of."""
        theirs = {log: item.sequence for log, item in self.remote.items()}
        behind = lag(self._directory, theirs) if self.is_syncing else Lag(0, 0)
        return LinkStatus(
            self.party.log if self.party else None,
            self.role,
            self.state,
            *behind,
            self.outflow.credit_bytes,
        )

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
            case Auth() | Recover():
                return self._on_auth(message)
            case Invite():
                self._handshake.receive_invite(message)
                return []
            case Reconcile():
                return self._on_reconcile(message, now_ms)
            case Have():
                return self._learn(message.items)
            case Want():
                return self._on_want(message)
            case Run():
                taken = self.inflow.take(message, len(frame), self.may_bring(message.log))
                return [*taken, *self._learn((Item(message.log, message.last, NOTHING_ID),))]
            case Stored():
                return self._on_stored(message)
            case Refused():
                return self._on_refused(message)
            case Fork():
                return self._on_fork(message)
            case Bye():
                return [Close(self.link, message.code, message.reason, by_them=True)]
            case _:
                return self._on_blob_message(message)

    def end(self, error: RemoteError) -> list[Output]:
        """End the session, telling the neighbour why."""
        return self.leave(error.code, str(error))

    def leave(self, code: str, reason: str) -> list[Output]:
        """End the session for a reason of our own; raises :class:`StateError` when it has ended."""
        self.state = next_state(self.state, Event.END)
        said = "".join(char for char in reason if char.isprintable())[:REASON_CHARS_MAX]
        return [self._send(Bye(code, said)), Close(self.link, code, said)]

    def tick(self, now_ms: int) -> list[Output]:
        """End a session whose handshake or reconciliation stands still."""
        waited_ms = now_ms - self._since_ms
        if self.state in GREETING_STATES and waited_ms >= HANDSHAKE_TIMEOUT_MS:
            return self.end(TimeoutRemoteError("the handshake took too long"))
        if self.state is State.RECONCILING and waited_ms >= RECONCILE_TIMEOUT_MS:
            return self.end(TimeoutRemoteError("the reconciliation stands still"))
        return []

    def _move(self, event: Event, now_ms: int) -> None:
        before, self.state = self.state, next_state(self.state, event)
        greeting = self.state in GREETING_STATES
        if event is Event.RECONCILE or (self.state is not before and not greeting):
            self._since_ms = now_ms  # the whole handshake shares one time-out

    def _send(self, message: Message) -> Send:
        return Send(self.link, encode(message))

    # --- handshake and reconciliation -----------------------------------------------------

    def _on_auth(self, auth: Auth | Recover) -> list[Output]:
        party = self.party = self._proved(auth)
        if party.log in self._directory.paused:
            return self.leave(PAUSED, "a person here has paused the exchange")
        if party.log not in self._directory.neighbours:
            invite, origin, refusal = self._handshake.turn_away(party)
            gone = self.end(refusal)
            view = self._directory.get(party.log)
            if view is not None and view.standing is Standing.BLOCKED:
                return gone  # a person has answered already
            return [Knocked(self.link, party.log, party.code, party.name, invite, origin), *gone]
        return [Joined()]

    def _proved(self, auth: Auth | Recover) -> Party:
        if isinstance(auth, Recover):
            return self._handshake.receive_recover(auth)
        is_stranger = self._handshake.claimed_log not in self._directory.neighbours
        if is_stranger and len(auth.key_events) > STRANGER_KEY_EVENTS_MAX:
            raise LimitError(f"a stranger shows at most {STRANGER_KEY_EVENTS_MAX} key events")
        return self._handshake.receive_auth(auth)

    def start(self) -> list[Output]:
        """Begin to sync with a neighbour that may stay; the dialer speaks first."""
        if self.role is Role.RESPONDER:
            return []
        self._reconciler = Reconciler(self._directory.items())
        opening = Reconcile(self._reconciler.begin())
        frames = (*self._handshake.show_invite(), self._handshake.auth())
        return [*(Send(self.link, frame) for frame in frames), self._send(opening)]

    def _on_reconcile(self, message: Reconcile, now_ms: int) -> list[Output]:
        if self._reconciler is None:
            self._reconciler = Reconciler(self._directory.items())
        step = self._reconciler.receive(message.ranges)
        outputs: list[Output] = []
        if step.answer is not None:
            outputs.append(self._send(Reconcile(step.answer)))
        outputs += self._learn(step.learned)
        if step.done:
            outputs += self._learn(self._reconciler.agreed())
            self._move(Event.RECONCILED, now_ms)
            outputs.append(ReconcileDone(self.link))
        return outputs

    def _learn(self, items: list[Item] | tuple[Item, ...]) -> list[Output]:
        """Take in heads of the neighbour; what is older than what is known says nothing."""
        outputs: list[Output] = []
        for item in items:
            known = self.remote.get(item.log)
            if known is None or _says_more(item, known):
                if self.state is State.LIVE and not (known and known.sequence):
                    self._forks_told.discard(item.log)  # it lacked the log to judge a proof by
                self.remote[item.log] = item
                if not self._directory.is_at(item):
                    outputs.append(Learned(item))
        if len(self.remote) > REMOTE_LOGS_MAX:
            raise LimitError(f"a neighbour speaks of at most {REMOTE_LOGS_MAX} logs")
        return outputs

    # --- what the neighbour gets ----------------------------------------------------------

    def _on_want(self, want: Want) -> list[Output]:
        self.outflow.want(want)
        if want.after < want.through:
            self._refusing.discard(want.log)
        held = held_item(self._directory, want.log)
        newer = [self._send(Have((held,)))] if held.sequence > want.through > want.after else []
        return [*newer, *self.pump()]

    def pump(self) -> list[Output]:
        """Have the next run prepared that the neighbour waits for, if there is credit.

        Only when no run is asked for comes a piece of a file.
        """
        outputs: list[Output] = []
        while (want := self.outflow.next_want()) is not None:
            head = held_item(self._directory, want.log)
            if head.sequence > want.after:
                through = min(want.through, head.sequence)
                supply = Supply(self.link, want.log, want.after, through, RUN_BYTES_TARGET)
                return [*outputs, supply]
            self.outflow.prepared(want.log, want.after + 1)
            self.outflow.drop(want.log)
            outputs.append(self._send(Refused(want.log, NOT_HELD, 0)))
        return outputs + (self.blobs.pump() if self.outflow.is_idle else [])

    def _on_blob_message(self, message: BlobMessage) -> list[Output]:
        if not self.carries_blobs:
            raise MalformedError("files travel in version 2 of the protocol only")
        return [*self.blobs.receive(message), *self.pump()]

    def supplied(self, log: bytes, first: int, count: int, payload: bytes) -> list[Output]:
        """Send the run that was prepared, unless it is no longer wanted."""
        want = self.outflow.prepared(log, first)
        outputs: list[Output] = []
        if want is not None and count:
            outputs.append(
                Send(self.link, self.outflow.serve(want, Run(log, first, count, payload)))
            )
        elif want is not None:
            self.outflow.drop(log)
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
        if (
            follows
            and payload
            and not self.outflow.is_wanted(item.log)
            and self.outflow.has_room(payload)
        ):
            run = Run(item.log, item.sequence - count + 1, count, payload)
            return [Send(self.link, self.outflow.send(run, item.id))]
        return [self._send(Have((item,)))]

    def _known(self, log: bytes) -> Item | None:
        """How far the neighbour is, once everything we sent has arrived."""
        sent = self.outflow.sent.get(log)
        item = self.remote.get(log)
        if item is not None and (sent is None or item.sequence > sent.sequence):
            return item
        return sent

    def tell_fork(self, log: bytes, proof: bytes) -> list[Output]:
        """Pass a fork proof on, once for as long as the neighbour holds, or lacks, the log."""
        if not self.is_syncing or log in self._forks_told:
            return []
        self._forks_told.add(log)
        return [self._send(Fork(proof))]

    def _on_stored(self, stored: Stored) -> list[Output]:
        self.outflow.give_back(stored.credit_bytes)
        item = stored.item
        outputs = self._learn((item,))
        sent = self.outflow.sent.get(item.log)
        if sent is not None and sent.sequence <= item.sequence:
            del self.outflow.sent[item.log]
        shared = min(item.sequence, held_item(self._directory, item.log).sequence)
        if shared:
            outputs.append(NeighbourStored(self.link, item.log, shared))
        return outputs + self.pump()

    def _on_refused(self, refused: Refused) -> list[Output]:
        self.outflow.give_back(refused.credit_bytes)
        self.outflow.sent.pop(refused.log, None)
        if refused.code == NOT_HELD:
            self.inflow.drop_branch(refused.log)
            gone = self.inflow.drop_range(refused.log)
            return [*gone, Lacking(refused.log), *self.pump()]
        self._refusing.add(refused.log)
        outputs: list[Output] = [LogRefused(self.link, refused.log, refused.code)]
        if refused.code != NOT_WANTED:
            outputs += [Barred(refused.log), *self.rotations.tell(refused.log)]
        return outputs + self.pump()

    # --- forks ----------------------------------------------------------------------------

    def _on_fork(self, message: Fork) -> list[Output]:
        self._forks_received += 1
        if self._forks_received > FORK_FRAMES_MAX:
            raise LimitError(f"at most {FORK_FRAMES_MAX} fork proofs are taken in one session")
        proof = fork.decode_proof(message.proof)
        self._forks_told.add(proof.log)
        view = self._directory.get(proof.log)
        # Without a head the log's own key events come first: they say whether this was settled.
        if view is None or view.head is None or view.frozen or proof.log in self._forks_judged:
            return []
        self._forks_judged.add(proof.log)
        try:
            fork.verify_proof(proof, view.head.keys)
        except ForkError:
            return [*self.rotations.tell(proof.log)]  # it may not know what has settled it
        except RemoteError as error:
            return self.inflow.end_log(proof.log, error.code)
        return [ForkFound(self.link, proof.log, message.proof)]


def _says_more(item: Item, known: Item) -> bool:
    """Whether a head is newer than the one known, or another at the same number."""
    if item.sequence == known.sequence:
        return item.id not in (NOTHING_ID, known.id)
    return item.sequence > known.sequence


def _same(known: Item, previous: Item) -> bool:
    """Whether the neighbour is where we were, as far as is known; else it will refuse the run."""
    return known.sequence == previous.sequence and known.id in (NOTHING_ID, previous.id)
