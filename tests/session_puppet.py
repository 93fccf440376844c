"""A session under test and the neighbour that says to it whatever a test wants."""

from __future__ import annotations

from functools import cache

from factories import LogMaker
from memory_world import MemoryNode, World, origin_of
from protocol import effects
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.directory import Item, LogView, Standing
from protocol.effects import Effect
from protocol.entry import Envelope
from protocol.handshake import Handshake, Ourselves
from protocol.invite import Invite
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
from protocol.ranges import Mode, Range
from protocol.reconcile import fingerprint
from protocol.run import encode_run
from protocol.transitions import Event, Role, State

LINK = 1
EVERYTHING = Reconcile((Range(b"", Mode.FINGERPRINT, bytes(16)),))


class Puppet:
    """A neighbour played by the test, frame by frame, against one real node that answers."""

    def __init__(self, *, is_neighbour: bool = True) -> None:
        self.world = World()
        self.maker = _begun(2, "1497", "Hjo kommun").copy()
        self.node: MemoryNode = self.world.add(_begun(1, "1498", "Tidaholms kommun").copy())
        if is_neighbour:
            self.node.directory.neighbours.add(self.maker.log)
        self.node.directory.put(LogView(self.maker.log, Standing.MEMBER))
        self.node.perform = lambda todo: None  # the test performs what it wants to
        self.now_ms = 0
        ourselves = Ourselves(
            self.maker.log,
            self.sign,
            lambda log: self.key_events() if log == self.maker.log else (),
            bytes(16),
            frozenset(),
        )
        self.handshake = Handshake(
            ourselves,
            Role.DIALER,
            bytes(range(32)),
            expected_log=self.node.own_log,
            origin=origin_of(self.node.own_log),
        )
        self.node.hub.connect(LINK, role=Role.RESPONDER, nonce=bytes(32), now_ms=0)

    def sign(self, message: bytes) -> bytes:
        """Sign with the puppet's newest key."""
        return self.maker.key.sign(message)

    def key_events(self) -> tuple[Envelope, ...]:
        """The key events of the puppet's own log."""
        return tuple(item for item in self.maker.envelopes if item.entry.is_key_event)

    def give(self, message: Message | bytes) -> list[Effect]:
        """Give one message, or raw frame, to the node; returns its effects."""
        frame = message if isinstance(message, bytes) else encode(message)
        return self.node.hub.receive(LINK, frame, self.now_ms)

    def advance(self, state: State) -> None:
        """Bring the session to a state by the honest way."""
        if state is State.HELLO_AWAITED:
            return
        hello, _ = self.give(self.handshake.begin())
        self.handshake.receive_hello(decode(hello.frame), hello.frame)
        if state is State.AUTH_AWAITED:
            return
        if state is State.INVITE_SHOWN:
            self.give(some(Event.INVITE, self))
            return
        self.give(self.handshake.auth())
        if state is State.RECONCILING:
            return
        same = fingerprint(self.node.directory.items())
        self.give(Reconcile((Range(b"", Mode.FINGERPRINT, same),)))

    def state(self) -> State | None:
        """Return the session's state, None when it is gone."""
        status = self.node.hub.link_status(LINK)
        return status.state if status else None


@cache
def _begun(number: int, code: str, name: str) -> LogMaker:
    """A log of one entry; signing it anew for each puppet would be most of the work."""
    return LogMaker(number, code=code, name=name)


def make_puppet(state: State, *, is_neighbour: bool = True) -> Puppet:
    """Return a puppet whose session is in ``state``."""
    puppet = Puppet(is_neighbour=is_neighbour)
    puppet.advance(state)
    assert puppet.state() is state
    return puppet


def messages(todo: list[Effect]) -> list[Message]:
    """Return the messages among effects."""
    return [decode(effect.frame) for effect in todo if isinstance(effect, effects.Send)]


def closed_with(todo: list[Effect]) -> str:
    """Return the code of a session's end, which is told to the neighbour as well."""
    *_, bye, close = todo
    assert isinstance(close, effects.Close)
    assert isinstance(decode(bye.frame), Bye)
    assert decode(bye.frame).code == close.code
    return close.code


def some(event: Event, puppet: Puppet) -> Message:
    """Return a well-formed message of each kind."""
    log = puppet.maker.log
    item = Item(log, 1, log)
    return {
        Event.HELLO: Hello((1,), log, bytes(32), bytes(16), "", 0),
        Event.INVITE: Invite(bytes(32), "", bytes(64)),
        Event.AUTH: Auth((), bytes(64)),
        Event.RECONCILE: EVERYTHING,
        Event.HAVE: Have((item,)),
        Event.WANT: Want(log, 0, 1),
        Event.RUN: Run(log, 1, 1, encode_run(puppet.maker.envelopes[:1])),
        Event.STORED: Stored(item, 0),
        Event.REFUSED: Refused(log, "not_wanted", 0),
        Event.FORK: Fork(b"proof"),
        Event.BYE: Bye("going_away", ""),
        Event.WANT_BLOB: WantBlob(Piece(Blob(log, 1), 0, 1)),
        Event.BLOB: BlobPiece(log, 0, b"x"),
        Event.NO_BLOB: NoBlob(log, 0, "not_held"),
        Event.BLOB_HERE: BlobHere(Blob(log, 1)),
    }[event]
