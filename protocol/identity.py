"""Keys, key events and fingerprints (docs/protocol.md §4).

A log's first entry holds its public key and the digest of the **next** key, which is made at
the same time and kept off the node. A ``key`` entry reveals that next key, is signed by it and
commits to one more. So whoever steals the signing key cannot take over the log (KERI's
pre-rotation). This file reads and checks the content of key events; their place in the chain
is :mod:`protocol.chain`'s business.
"""

from __future__ import annotations

import hashlib
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from protocol import strict_json
from protocol.errors import ContentError, KeyEventError, KeyRefusedError, SignatureError
from protocol.limits import KEY_BYTES, NAME_CHARS_MAX, SIGNATURE_BYTES

INCEPTION_KIND = "inception"
KEY_KIND = "key"
KEY_EVENT_KINDS = frozenset({INCEPTION_KIND, KEY_KIND})

_NEXT_KEY_DOMAIN = b"tidan/1 next key"

_FIELD_PRIME = 2**255 - 19
_ORDER_8_Y = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
# The y coordinates of the eight points of low order (RFC 8032 §5.1; ePrint 2020/1244 table 1).
# With either sign bit, and with y = p and y = p + 1, these are the 14 encodings that make
# one signature fit many messages.
_LOW_ORDER_Y = frozenset({0, 1, _FIELD_PRIME - 1, _ORDER_8_Y, _FIELD_PRIME - _ORDER_8_Y})
_KEYS_CHECKED = 4_096
_KEY_EVENTS_REMEMBERED = 1_024
_FORBIDDEN_NAME_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class Keys(NamedTuple):
    """A log's key history.

    ``periods`` holds ``(first sequence number, public key)`` in ascending order;
    ``next_digest`` is the commitment to the key that may rotate next.
    """

    periods: tuple[tuple[int, bytes], ...]
    next_digest: bytes

    @property
    def current(self) -> bytes:
        """The public key that signs from here on."""
        return self.periods[-1][1]

    @property
    def since(self) -> int:
        """The sequence number of the newest key event."""
        return self.periods[-1][0]

    def at(self, sequence: int) -> bytes:
        """Return the public key in force at ``sequence`` (1 or higher)."""
        index = bisect_right(self.periods, sequence, key=lambda period: period[0])
        return self.periods[max(index, 1) - 1][1]


class KeyEvent(NamedTuple):
    """What a key event's content says; code and name are empty in a rotation."""

    key: bytes
    next_digest: bytes
    code: str = ""
    name: str = ""


class SigningKey:
    """An Ed25519 key pair derived from 32 bytes of seed (RFC 8032 §5.1.5)."""

    def __init__(self, seed: bytes) -> None:
        self.public_key, self._secret = crypto_sign_seed_keypair(seed)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of ``message``."""
        signed: bytes = crypto_sign(message, self._secret)
        return signed[:SIGNATURE_BYTES]


def next_key_digest(public_key: bytes) -> bytes:
    """Return the commitment to a key that is not yet revealed (docs/protocol.md §4.1)."""
    return hashlib.sha256(_NEXT_KEY_DOMAIN + public_key).digest()


def fingerprint(log: bytes) -> str:
    """Return a log id's first 16 bytes in groups of four, for two people to compare."""
    text = log[:16].hex()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _check_point(encoded: bytes, what: str) -> None:
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    if y >= _FIELD_PRIME:
        raise KeyRefusedError(f"{what} is not canonically encoded")
    if y in _LOW_ORDER_Y:
        raise KeyRefusedError(f"{what} is a point of low order")


def check_public_key(public_key: bytes) -> None:
    """Raise :class:`KeyRefusedError` unless the key is canonical and not of low order.

    Whether there is a point with this y shows when the key's own signature is verified.
    """
    if len(public_key) != KEY_BYTES:
        raise KeyRefusedError("a public key is 32 bytes")
    _check_point(public_key, "the public key")


def verify(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Check an Ed25519 signature (RFC 8032 §5.1.7), strictly.

    Raises :class:`SignatureError` when it does not match and :class:`KeyRefusedError` when
    the key or R is of low order or not canonical. libsodium is used because it takes half of
    OpenSSL's time and lets other threads run; both check the equation without cofactor.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError("a signature is 64 bytes")
    _check_key(public_key)
    _check_point(signature[:32], "the signature's R")
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError as error:
        raise SignatureError("the signature does not match") from error


@lru_cache(maxsize=_KEYS_CHECKED)
def _check_key(public_key: bytes) -> None:
    """Refuse a key that must not be used; a log's entries are nearly all under one."""
    if len(public_key) != KEY_BYTES:
        raise SignatureError("a public key is 32 bytes")
    _check_point(public_key, "the public key")


def inception_content(event: KeyEvent) -> bytes:
    """Return the content of a first entry (docs/protocol.md §4.2)."""
    return _dump(event, {"code": event.code, "name": event.name})


def rotation_content(event: KeyEvent) -> bytes:
    """Return the content of a ``key`` entry (docs/protocol.md §4.3)."""
    return _dump(event, {})


def _dump(event: KeyEvent, more: dict[str, str]) -> bytes:
    document = {"schema": 1, "key": event.key.hex(), "next": event.next_digest.hex(), **more}
    return strict_json.dumps(document)


@lru_cache(maxsize=_KEY_EVENTS_REMEMBERED)
def read_key_event(kind: str, content: bytes) -> KeyEvent:
    """Return what a key event says, or raise :class:`KeyEventError`.

    Unlike other content, a key event is read when it is accepted, so there is exactly one
    spelling of each: the fields in the order given, no spaces, lower-case hexadecimal. The same few
    are read in every handshake, so good ones, which are short, are remembered.
    """
    try:
        document = strict_json.loads(content)
    except ContentError as error:
        raise KeyEventError(f"the key event cannot be read: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != 1:
        raise KeyEventError("the key event is of an unknown schema")
    try:
        event = KeyEvent(
            key=bytes.fromhex(document["key"]),
            next_digest=bytes.fromhex(document["next"]),
            code=_text(document["code"]) if kind == INCEPTION_KIND else "",
            name=_text(document["name"]) if kind == INCEPTION_KIND else "",
        )
        spelled = (inception_content if kind == INCEPTION_KIND else rotation_content)(event)
    except (KeyError, TypeError, ValueError, UnicodeEncodeError) as error:
        raise KeyEventError("the key event lacks a field or has a wrong type") from error
    if spelled != content or len(event.next_digest) != KEY_BYTES:
        raise KeyEventError("the key event is not spelled as the protocol says")
    if kind == INCEPTION_KIND:
        _check_owner(event)
    check_public_key(event.key)
    return event


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _check_owner(event: KeyEvent) -> None:
    """Refuse a municipality code or name that could deceive the reader."""
    if not (len(event.code) == 4 and event.code.isascii() and event.code.isdigit()):
        raise KeyEventError("the municipality code is not four digits")
    name = event.name
    if not 1 <= len(name) <= NAME_CHARS_MAX or name != name.strip():
        raise KeyEventError("the name is empty, too long or padded")
    if unicodedata.normalize("NFC", name) != name or any(
        unicodedata.category(char) in _FORBIDDEN_NAME_CATEGORIES for char in name
    ):
        raise KeyEventError("the name holds invisible or non-normalised characters")
