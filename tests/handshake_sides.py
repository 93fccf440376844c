"""The two sides of a handshake, without a session around them."""

from __future__ import annotations

from collections.abc import Callable

from factories import LogMaker
from protocol.entry import Envelope
from protocol.handshake import VERSIONS, Handshake, Ourselves, Party
from protocol.messages import Auth, Hello, Recover, decode
from protocol.transitions import Role

ORIGIN = "https://hjo.example"
Change = Callable[[bytes], bytes]


def unchanged(frame: bytes) -> bytes:
    """Return the frame as it is."""
    return frame


class Side:
    """A municipality that can take part in a handshake, knowing others' key events.

    ``held`` are the key events of its own log that it holds, all of them unless told otherwise.
    """

    def __init__(self, maker: LogMaker, *known: LogMaker) -> None:
        self.maker = maker
        self.known = {other.log: key_events(other) for other in known}
        self.held: tuple[Envelope, ...] | None = None
        self.versions = VERSIONS
        self.nonce = maker.salt()

    def ourselves(self) -> Ourselves:
        """Return what this side says about itself."""
        return Ourselves(
            self.maker.log,
            self.maker.key.sign,
            self.key_events,
            self.maker.log[:16],
            frozenset({ORIGIN}),
            public_key=lambda: self.maker.key.public_key,
            versions=self.versions,
        )

    def key_events(self, log: bytes) -> tuple[Envelope, ...]:
        """Return the key events that this side holds of a log."""
        if log != self.maker.log:
            return self.known.get(log, ())
        return key_events(self.maker) if self.held is None else self.held

    def dial(self, expected: bytes, origin: str = ORIGIN) -> Handshake:
        """Return a dialer's handshake."""
        return Handshake(
            self.ourselves(), Role.DIALER, self.nonce, expected_log=expected, origin=origin
        )

    def answer(self) -> Handshake:
        """Return a responder's handshake."""
        return Handshake(self.ourselves(), Role.RESPONDER, self.maker.salt())


def key_events(maker: LogMaker) -> tuple[Envelope, ...]:
    """Return a log's key events."""
    return tuple(item for item in maker.envelopes if item.entry.is_key_event)


def take(handshake: Handshake, frame: bytes) -> list[bytes]:
    """Give a HELLO frame to a handshake."""
    message = decode(frame)
    assert isinstance(message, Hello)
    return handshake.receive_hello(message, frame)


def meet(handshake: Handshake, frame: bytes) -> Party:
    """Give a proof to a handshake; returns who the other side is."""
    message = decode(frame)
    if isinstance(message, Recover):
        return handshake.receive_recover(message)
    assert isinstance(message, Auth)
    return handshake.receive_auth(message)


def shake(
    dialer: Handshake,
    responder: Handshake,
    *,
    first: Change = unchanged,
    second: Change = unchanged,
    third: Change = unchanged,
    fourth: Change = unchanged,
) -> tuple[Party, Party, list[bytes]]:
    """Carry a handshake through, each frame changed on its way; returns who each side met."""
    opening = first(dialer.begin())
    hello, auth = take(responder, opening)
    hello, auth = second(hello), third(auth)
    take(dialer, hello)
    met_by_dialer = meet(dialer, auth)
    proof = fourth(dialer.auth())
    met_by_responder = meet(responder, proof)
    return met_by_dialer, met_by_responder, [opening, hello, auth, proof]


def make_sides() -> tuple[Side, Side]:
    """Return two municipalities that know each other's log."""
    left, right = LogMaker(1), LogMaker(2, code="1497", name="Hjo kommun")
    return Side(left, right), Side(right, left)
