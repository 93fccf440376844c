"""Ed25519 verification, remembered: the same signature is checked at every node of a world.

Only the library's answer is remembered, below all rules of our own, so every check still
happens where the protocol makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar
from unittest.mock import patch

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from protocol import identity
from protocol.limits import SIGNATURE_BYTES

ANSWERS_KEPT = 200_000


class RememberedAnswers:
    """Stands for the library's verification and asks it only once for each signature."""

    _answers: ClassVar[dict[tuple[bytes, bytes], bool]] = {}

    def __call__(self, signed: bytes, public_key: bytes) -> bytes:
        """Raise as the library does, without asking it twice."""
        good = self._answers.get((signed, public_key))
        if good is None:
            good = self._ask(signed, public_key)
            if len(self._answers) >= ANSWERS_KEPT:
                self._answers.clear()
            self._answers[signed, public_key] = good
        if not good:
            raise BadSignatureError
        return signed[SIGNATURE_BYTES:]

    def _ask(self, signed: bytes, public_key: bytes) -> bool:
        try:
            crypto_sign_open(signed, public_key)
        except BadSignatureError:
            return False
        return True


@contextmanager
def memoised_verification() -> Iterator[None]:
    """Let the protocol's verification remember answers while the block runs."""
    with patch.object(identity, "crypto_sign_open", RememberedAnswers()):
        yield
