"""What every node of a world would work out anew: answers that depend on nothing but the question.

Of Ed25519 verification only the library's answer is remembered, below all rules of our own, so
every check still happens where the protocol makes it. What the library itself has just signed is
good; at the end of a world the oracle asks another library of all that is stored. Of runs it is
what their bytes spell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import ClassVar
from unittest.mock import patch

from nacl.bindings import crypto_sign, crypto_sign_open
from nacl.exceptions import BadSignatureError

from protocol import identity
from protocol.entry import Envelope
from protocol.limits import KEY_BYTES, SIGNATURE_BYTES
from protocol.run import decode_run, encode_run

ANSWERS_KEPT = 200_000
SIGNED_KEPT = 1_000


@lru_cache(maxsize=SIGNED_KEPT)
def _signed(message: bytes, secret_key: bytes) -> bytes:
    """A handshake that is begun again with the same numbers is signed the same."""
    signed: bytes = crypto_sign(message, secret_key)
    return signed


class RememberedAnswers:
    """Stands for the library's verification and asks it only once for each signature."""

    _answers: ClassVar[dict[tuple[bytes, bytes], bool]] = {}

    def __call__(self, signed: bytes, public_key: bytes) -> bytes:
        """Raise as the library does, without asking it twice."""
        good = self._answers.get((signed, public_key))
        if good is None:
            good = self._ask(signed, public_key)
            self._remember(signed, public_key, good)
        if not good:
            raise BadSignatureError
        return signed[SIGNATURE_BYTES:]

    def sign(self, message: bytes, secret_key: bytes) -> bytes:
        """Sign as the library does; the second half of its secret key is the public one."""
        signed = _signed(message, secret_key)
        self._remember(signed, secret_key[-KEY_BYTES:], good=True)
        return signed

    def _remember(self, signed: bytes, public_key: bytes, good: bool) -> None:
        if len(self._answers) >= ANSWERS_KEPT:
            self._answers.clear()
        self._answers[signed, public_key] = good

    def _ask(self, signed: bytes, public_key: bytes) -> bool:
        try:
            crypto_sign_open(signed, public_key)
        except BadSignatureError:
            return False
        return True


@contextmanager
def memoised_verification() -> Iterator[None]:
    """Let the protocol's verification remember answers while the block runs."""
    answers = RememberedAnswers()
    with (
        patch.object(identity, "crypto_sign_open", answers),
        patch.object(identity, "crypto_sign", answers.sign),
    ):
        yield


class Runs:
    """The runs of one world, each packed once and unpacked once, however many nodes do it."""

    def __init__(self) -> None:
        self._packed: dict[tuple[Envelope, ...], bytes] = {}
        self._unpacked: dict[bytes, list[Envelope]] = {}

    def encode(self, envelopes: Sequence[Envelope]) -> bytes:
        """Return what :func:`protocol.run.encode_run` does."""
        key = tuple(envelopes)
        payload = self._packed.get(key)
        if payload is None:
            payload = self._packed[key] = encode_run(key)
        return payload

    def decode(self, payload: bytes) -> list[Envelope]:
        """Return a new list of what :func:`protocol.run.decode_run` does; raises as that does."""
        envelopes = self._unpacked.get(payload)
        if envelopes is None:
            envelopes = self._unpacked[payload] = decode_run(payload)
        return list(envelopes)
