"""Who is at the other end (docs/protocol.md §7.3).

::

    dialer                                responder
      HELLO  ────────────────────────────→
             ←──────────────  HELLO, AUTH
      (INVITE), AUTH  ───────────────────→

1. Each AUTH signs both HELLO frames as they travelled and the signer's role. So neither side's
   fresh nonce, log id, version list nor the dialled origin can be swapped (relay), an AUTH
   never fits another session (replay), nor the other direction (reflection).
2. The signing key is the newest of the log's key history. Each side says how many key events
   of the other it holds and is sent only the rest; it never accepts a shorter history than it
   knows, since it checks the signature with the newest key it has seen.
3. A node that has lost its log (RECOVER in the place of AUTH) shows no key events: whoever holds
   the log takes its present key, and the next one that the log has committed to.
4. The responder checks that the origin that was dialled is its own, the dialer that the log that
   answers is the one it dialled.

5. A dialer that was invited shows the invite only once the responder has proved to be the log
   that the invite names.

Whether the proved party is a neighbour is decided by :mod:`protocol.session`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from protocol.chain import read_keys
from protocol.entry import Envelope
from protocol.errors import (
    AwaitingApprovalError,
    HandshakeError,
    InviteRefusedError,
    KeyRefusedError,
    LocalError,
    MalformedError,
    NotNeighbourError,
    SignatureError,
    StateError,
    VersionError,
    WrongNeighbourError,
    WrongOriginError,
)
from protocol.identity import INCEPTION_KIND, next_key_digest, read_key_event, verify
from protocol.invite import Invite, is_proved, key_digest, make_invite
from protocol.limits import (
    BLOBS_VERSION,
    INVITES_VERSION,
    KEY_EVENTS_MAX,
    NONCE_BYTES,
    PROTOCOL_VERSION,
    RECOVERY_VERSION,
)
from protocol.messages import Auth, Hello, Recover, encode
from protocol.transitions import Role

VERSIONS = (PROTOCOL_VERSION, BLOBS_VERSION, INVITES_VERSION)
_DOMAIN = b"tidan/1 handshake"
_RECOVERY_DOMAIN = b"tidan/1 recovery"
_ROLE_BYTES = {Role.DIALER: b"\x01", Role.RESPONDER: b"\x02"}


def _nobody_is_invited(_key_digest: bytes, _log: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Ourselves:
    """What a node says about itself in every handshake.

    ``signer`` signs with our current key; ``public_key`` returns its public half when it may be
    another than the one in force in the log as it is held here. ``key_events`` returns the key
    events held of any log, oldest first, none when unknown. ``origins`` are the origins under which
    neighbours may dial this node. ``invited`` says whether the log may use the invite with this key
    digest now; ``own_origin`` is where this node asks whoever invited it to dial, empty when it
    cannot be reached. ``versions`` are those of the protocol that this node speaks.
    """

    log: bytes
    signer: Callable[[bytes], bytes]
    key_events: Callable[[bytes], tuple[Envelope, ...]]
    epoch: bytes
    origins: frozenset[str]
    invited: Callable[[bytes, bytes], bool] = _nobody_is_invited
    own_origin: str = ""
    public_key: Callable[[], bytes] | None = None
    versions: tuple[int, ...] = VERSIONS


class Party(NamedTuple):
    """The proved other side; code and name are what its first entry says.

    ``key_number`` says which of its log's keys it has proved to hold: 1 for the first.
    """

    log: bytes
    epoch: bytes
    key_number: int
    code: str
    name: str


def transcript_digest(
    role: Role, dialer_hello: bytes, responder_hello: bytes, *, recovering: bool = False
) -> bytes:
    """Return what the side with ``role`` signs: 32 bytes over both HELLO frames."""
    domain = _RECOVERY_DOMAIN if recovering else _DOMAIN
    return hashlib.sha256(domain + _ROLE_BYTES[role] + dialer_hello + responder_hello).digest()


class Handshake:
    """One side of one handshake; the session guards the order of calls."""

    def __init__(
        self,
        ourselves: Ourselves,
        role: Role,
        nonce: bytes,
        *,
        expected_log: bytes | None = None,
        origin: str = "",
        invite: bytes | None = None,
    ) -> None:
        """Prepare; ``nonce`` is 32 fresh random bytes. A dialer names log and origin dialled.

        ``invite`` is the secret of an invite to show to that log.
        """
        if len(nonce) != NONCE_BYTES:
            raise LocalError("a nonce is 32 bytes")
        if role is Role.DIALER and expected_log is None:
            raise LocalError("whoever dials must know the log id of the neighbour")
        self._ourselves = ourselves
        self._role = role
        self._nonce = nonce
        self._expected_log = expected_log
        self._origin = origin
        self._hello_sent = b""
        self._hello_received = b""
        self._theirs: Hello | None = None
        self._known: tuple[Envelope, ...] = ()
        self._secret = invite
        self._shown: Invite | None = None

    def begin(self) -> bytes:
        """Return the dialer's HELLO frame."""
        assert self._expected_log is not None, "only a dialer begins"
        return self._make_hello(self._expected_log)

    def receive_hello(self, hello: Hello, frame: bytes) -> list[bytes]:
        """Take the other side's HELLO; returns the frames that answer it.

        Raises :class:`VersionError`, :class:`WrongOriginError`, :class:`WrongNeighbourError`
        or :class:`HandshakeError`.
        """
        if PROTOCOL_VERSION not in hello.versions:
            raise VersionError(f"this node speaks version {PROTOCOL_VERSION}")
        if hello.log == self._ourselves.log:
            raise HandshakeError("the other side claims to be this node")
        if self._role is Role.RESPONDER and hello.origin not in self._ourselves.origins:
            raise WrongOriginError("the address that was dialled is not this node's")
        if self._role is Role.DIALER and hello.origin:
            raise HandshakeError("whoever answers names no origin")
        if self._expected_log not in (None, hello.log):
            raise WrongNeighbourError("another node answered than the one that was dialled")
        self._theirs, self._hello_received = hello, frame
        if self._role is Role.DIALER:
            return []
        return [self._make_hello(hello.log), self.auth()]

    def auth(self) -> bytes:
        """Return our AUTH frame, with the key events the other side lacks.

        RECOVER instead, when our key is not the one in force in our log as far as it is here.
        """
        ours, theirs = self._ourselves, self._theirs
        assert theirs is not None, "both HELLO come before an AUTH"
        events = ours.key_events(ours.log)
        key = ours.public_key() if ours.public_key is not None else None
        is_in_force = bool(events) and read_keys(ours.log, events).current == key
        if key is not None and not is_in_force and self._both_speak(RECOVERY_VERSION):
            return encode(Recover(key, ours.signer(self._digest(self._role, recovering=True))))
        signature = ours.signer(self._digest(self._role))
        return encode(Auth(events[theirs.keys_known :], signature))

    def key_events(self, log: bytes) -> tuple[Envelope, ...]:
        """Return the key events that we hold of a log, oldest first."""
        return self._ourselves.key_events(log)

    def show_invite(self) -> list[bytes]:
        """Return the dialer's INVITE frame, if it has an invite and the other side knows them."""
        assert self._theirs is not None, "who answers has proved who it is before"
        if self._secret is None or not self._both_speak(INVITES_VERSION):
            return []
        frames = self._hello_sent, self._hello_received
        return [encode(make_invite(self._secret, *frames, self._ourselves.own_origin))]

    def receive_invite(self, invite: Invite) -> None:
        """Take a dialer's invite; it counts once AUTH has shown whose it is."""
        if self._role is Role.DIALER:
            raise StateError("whoever answers shows no invite")
        if not self._both_speak(INVITES_VERSION):
            raise MalformedError("invites are shown in version 3 of the protocol only")
        self._shown = invite

    def turn_away(self, party: Party) -> tuple[bytes | None, str, NotNeighbourError]:
        """Return what a proved stranger is told, with the invite that it may use and its address.

        An invite is looked up before its signature is checked, so that guesses cost nothing.
        """
        shown = self._shown
        if shown is None:
            return None, "", NotNeighbourError("not an approved neighbour")
        digest = key_digest(shown.key)
        if self._ourselves.invited(digest, party.log) and is_proved(
            shown, self._hello_received, self._hello_sent
        ):
            return digest, shown.origin, AwaitingApprovalError("the invite waits for approval")
        return None, "", InviteRefusedError("no such invite")

    @property
    def claimed_log(self) -> bytes | None:
        """Whose node the other side says it is, before that is proved."""
        return self._theirs.log if self._theirs else None

    @property
    def version(self) -> int:
        """The newest version that both sides speak; both have said so in HELLO."""
        theirs = self._theirs.versions if self._theirs else ()
        return max(set(self._ourselves.versions) & set(theirs), default=PROTOCOL_VERSION)

    def _both_speak(self, version: int) -> bool:
        theirs = self._theirs.versions if self._theirs else ()
        return version in self._ourselves.versions and version in theirs

    @property
    def carries_blobs(self) -> bool:
        """Whether both sides speak the version in which files travel."""
        return self._both_speak(BLOBS_VERSION)

    def receive_recover(self, recover: Recover) -> Party:
        """Check a RECOVER: the key must be in force in the log that we hold, or be the next one.

        Raises :class:`HandshakeError`, or :class:`MalformedError` when the other side does not
        speak the version in which it exists.
        """
        hello = self._theirs
        assert hello is not None, "both HELLO come before a RECOVER"
        if not self._both_speak(RECOVERY_VERSION):
            raise MalformedError("a log is recovered so in version 3 of the protocol only")
        events = self._ourselves.key_events(hello.log)
        if not events:
            raise HandshakeError("nothing is held here of the log that is to be recovered")
        keys = read_keys(hello.log, events)
        if keys.current != recover.key and next_key_digest(recover.key) != keys.next_digest:
            raise HandshakeError("the key is neither the log's present one nor its next")
        self._verify(recover.key, recover.signature, recovering=True)
        return _party(hello, len(keys.periods) + (recover.key != keys.current), events)

    def receive_auth(self, auth: Auth) -> Party:
        """Check the other side's AUTH; returns who it is.

        Raises :class:`HandshakeError` when the signature does not fit this session, and the
        errors of :func:`protocol.chain.read_keys` for bad key events.
        """
        hello = self._theirs
        assert hello is not None, "both HELLO come before an AUTH"
        # They sent what we lacked at our HELLO; more may have come by another link since.
        events = (*self._known, *auth.key_events)
        events = max(events, self._ourselves.key_events(hello.log), key=len)
        if len(events) > KEY_EVENTS_MAX:
            raise HandshakeError("too many key events")
        keys = read_keys(hello.log, events)
        self._verify(keys.current, auth.signature)
        return _party(hello, len(keys.periods), events)

    def _verify(self, key: bytes, signature: bytes, *, recovering: bool = False) -> None:
        other = Role.RESPONDER if self._role is Role.DIALER else Role.DIALER
        try:
            verify(key, signature, self._digest(other, recovering=recovering))
        except (SignatureError, KeyRefusedError) as error:
            raise HandshakeError("the signature does not fit this session") from error

    def _make_hello(self, other: bytes) -> bytes:
        ours = self._ourselves
        self._known = ours.key_events(other)
        known = len(self._known)
        hello = Hello(ours.versions, ours.log, self._nonce, ours.epoch, self._origin, known)
        self._hello_sent = encode(hello)
        return self._hello_sent

    def _digest(self, role: Role, *, recovering: bool = False) -> bytes:
        frames = (self._hello_sent, self._hello_received)
        dialer, responder = frames if self._role is Role.DIALER else reversed(frames)
        return transcript_digest(role, dialer, responder, recovering=recovering)


def _party(hello: Hello, key_number: int, events: tuple[Envelope, ...]) -> Party:
    body = events[0].body
    assert body is not None, "read_keys refuses key events without content"
    first = read_key_event(INCEPTION_KIND, body.content)
    return Party(hello.log, hello.epoch, key_number, first.code, first.name)
