"""Invites: how a stranger shows that our administrator asked it in (docs/protocol.md §7.12).

An invite is a secret that travels beside the protocol, from person to person, with the address and
the log id of whoever made it. Both sides derive one key pair from the secret: the inviter keeps
nothing but a digest of the public half, the invited signs the session with the private half. So
the secret itself never travels in a session, what is shown fits that session and no other, and
whoever reads the inviter's database has nothing to show.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from protocol import canonical
from protocol.canonical import Value
from protocol.errors import (
    InviteCodeError,
    KeyRefusedError,
    LimitError,
    MalformedError,
    RemoteError,
    SignatureError,
)
from protocol.fields import read_octets
from protocol.identity import SigningKey, verify
from protocol.limits import (
    ID_BYTES,
    INVITE_CODE_CHARS_MAX,
    INVITE_SECRET_BYTES,
    KEY_BYTES,
    ORIGIN_CHARS_MAX,
    SIGNATURE_BYTES,
)
from protocol.transitions import Event

_KEY_DOMAIN = b"tidan/1 invite"
_DIGEST_DOMAIN = b"tidan/1 invite key"
_PROOF_DOMAIN = b"tidan/1 invite proof"
_CODE_VERSION = 1
_KOMMUNKOD = re.compile(r"[0-9]{4}")
_CODE_TEXT = re.compile(r"[A-Za-z0-9_-]+")


class InviteCode(NamedTuple):
    """What one person gives another: where to dial, who has to answer there, and the secret.

    ``code`` is the kommunkod that the inviter claims, for the page that asks before anything is
    dialled.
    """

    origin: str
    log: bytes
    secret: bytes
    code: str


@dataclass(frozen=True, slots=True)
class Invite:
    """Sent by a dialer before its AUTH: proof of an invite, and where the sender can be dialled."""

    EVENT: ClassVar[Event] = Event.INVITE
    key: bytes
    origin: str
    signature: bytes

    def fields(self) -> list[object]:
        """Return the fields in wire order."""
        return [self.key, self.origin, self.signature]

    @classmethod
    def read(cls, fields: list[Value]) -> Invite:
        """Return the message that ``fields`` spell."""
        key, origin, signature = fields
        return cls(
            read_octets(key, KEY_BYTES),
            _read_origin(origin),
            read_octets(signature, SIGNATURE_BYTES),
        )


def invite_key(secret: bytes) -> SigningKey:
    """Return the key pair of an invite."""
    return SigningKey(hashlib.sha256(_KEY_DOMAIN + secret).digest())


def key_digest(public_key: bytes) -> bytes:
    """Return what the inviter keeps of an invite: 32 bytes."""
    return hashlib.sha256(_DIGEST_DOMAIN + public_key).digest()


def proof_digest(dialer_hello: bytes, responder_hello: bytes, origin: str) -> bytes:
    """Return what the invited signs: 32 bytes over both HELLO frames and its own address."""
    transcript = dialer_hello + responder_hello + origin.encode()
    return hashlib.sha256(_PROOF_DOMAIN + transcript).digest()


def make_invite(secret: bytes, dialer_hello: bytes, responder_hello: bytes, origin: str) -> Invite:
    """Return the message that shows an invite in the session with these HELLO frames."""
    key = invite_key(secret)
    signature = key.sign(proof_digest(dialer_hello, responder_hello, origin))
    return Invite(key.public_key, origin, signature)


def is_proved(invite: Invite, dialer_hello: bytes, responder_hello: bytes) -> bool:
    """Whether the sender holds the invite's secret, shown in this session."""
    digest = proof_digest(dialer_hello, responder_hello, invite.origin)
    try:
        verify(invite.key, invite.signature, digest)
    except (SignatureError, KeyRefusedError):
        return False
    return True


def encode_code(invite: InviteCode) -> str:
    """Return an invite as text to hand over: base64url of canonical CBOR, without padding."""
    fields = [_CODE_VERSION, invite.origin, invite.log, invite.secret, invite.code]
    return base64.urlsafe_b64encode(canonical.encode(fields)).rstrip(b"=").decode("ascii")


def decode_code(text: str) -> InviteCode:
    """Return the invite that ``text`` spells; raises :class:`InviteCodeError` for any other."""
    if len(text) > INVITE_CODE_CHARS_MAX or not _CODE_TEXT.fullmatch(text):
        raise InviteCodeError("an invite is letters, digits, - and _")
    try:
        fields = canonical.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        invite = _read_code(fields)
    except (RemoteError, binascii.Error) as error:
        raise InviteCodeError("the invite is not whole") from error
    if encode_code(invite) != text:
        raise InviteCodeError("the invite is not whole")
    return invite


def _read_code(fields: Value) -> InviteCode:
    if not isinstance(fields, list) or not fields or fields[0] != _CODE_VERSION:
        raise InviteCodeError("the invite is of a version that this node does not know")
    if len(fields) != len(InviteCode._fields) + 1:
        raise MalformedError("an invite has five parts")
    _, origin, log, secret, code = fields
    if not isinstance(code, str) or not _KOMMUNKOD.fullmatch(code):
        raise MalformedError("a kommunkod is four digits")
    return InviteCode(
        _read_origin(origin),
        read_octets(log, ID_BYTES),
        read_octets(secret, INVITE_SECRET_BYTES),
        code,
    )


def _read_origin(value: Value) -> str:
    if not isinstance(value, str):
        raise MalformedError("an origin is text")
    if len(value) > ORIGIN_CHARS_MAX:
        raise LimitError(f"an origin is at most {ORIGIN_CHARS_MAX} characters")
    return value
