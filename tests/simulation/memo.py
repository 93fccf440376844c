"""Ed25519 verification, remembered: the same signature is checked at every node of a world.

Only the library's answer is remembered, below all rules of our own, so every check still
happens where the protocol makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar
from unittest.mock import patch

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from protocol import identity

ANSWERS_KEPT = 200_000


class RememberedKey:
    """Stands for the library's public key and asks it only once for each signature."""

    _keys: ClassVar[dict[bytes, RememberedKey]] = {}
    _answers: ClassVar[dict[tuple[bytes, bytes, bytes], bool]] = {}

    def __init__(self, public_key: bytes) -> None:
        self._bytes = public_key
        self._key = Ed25519PublicKey.from_public_bytes(public_key)

    @classmethod
    def from_public_bytes(cls, public_key: bytes) -> RememberedKey:
        """Return the key, or raise as the library does."""
        known = cls._keys.get(public_key)
        if known is None:
            known = cls._keys[public_key] = cls(public_key)
        return known

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise as the library does, without asking it twice."""
        question = (self._bytes, signature, message)
        good = self._answers.get(question)
        if good is None:
            good = self._ask(signature, message)
            if len(self._answers) >= ANSWERS_KEPT:
                self._answers.clear()
            self._answers[question] = good
        if not good:
            raise InvalidSignature

    def _ask(self, signature: bytes, message: bytes) -> bool:
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@contextmanager
def memoised_verification() -> Iterator[None]:
    """Let the protocol's verification remember answers while the block runs."""
    with patch.object(identity, "Ed25519PublicKey", RememberedKey):
        yield
