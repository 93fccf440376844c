"""The recovery key as people handle it: sixteen groups of four, and two groups to catch a slip.

The seed of the next signing key is written once, on the recovery sheet. Typed back with a wrong or
swapped letter it is refused here, before anything is signed with a key that nobody committed to.
The sheet's QR code holds the same key and the log's id, for a reader that types.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from node.errors import ArgumentError
from protocol.identity import SigningKey, next_key_digest
from protocol.limits import ID_BYTES
from storage.key_file import SEED_BYTES

_CHECK_DOMAIN = b"tidan/1 recovery key check"
_CHECK_CHARS = 8
_CODE_PREFIX = "TIDAN:RECOVERY:1:"
_MISREAD = str.maketrans("oil", "011")  # letters that no key has, and the digits they look like


class RecoveryKey(NamedTuple):
    """A key read from a sheet, and the log it is said to belong to when its QR code was read."""

    seed: bytes
    log: bytes | None = None

    @property
    def digest(self) -> bytes:
        """What the log's newest key event must have committed to; safe to show."""
        return next_key_digest(SigningKey(self.seed).public_key)


def write_recovery_key(seed: bytes) -> str:
    """The key in groups, eight to a line; the last two are the check."""
    text = seed.hex() + _check_of(seed)
    groups = [text[start : start + 4] for start in range(0, len(text), 4)]
    lines = [groups[start : start + 8] for start in range(0, len(groups), 8)]
    return "\n".join(" ".join(line) for line in lines)


def code_text(seed: bytes, log: bytes) -> str:
    """What the sheet's QR code says, in the letters that make it smallest."""
    return f"{_CODE_PREFIX}{log.hex()}:{seed.hex()}{_check_of(seed)}".upper()


def read_recovery_key(text: str) -> RecoveryKey:
    """The key from a sheet, however spaced, or from its QR code.

    Raises ArgumentError when it is not a key or when a group is wrong.
    """
    plain = re.sub(r"[\s-]", "", text)
    log: bytes | None = None
    if plain.upper().startswith(_CODE_PREFIX):
        log_text, _, plain = plain[len(_CODE_PREFIX) :].partition(":")
        log = _bytes_of(log_text, 2 * ID_BYTES)
    plain = plain.lower().translate(_MISREAD)
    seed = _bytes_of(plain, 2 * SEED_BYTES + _CHECK_CHARS)[:SEED_BYTES]
    if plain[2 * SEED_BYTES :] != _check_of(seed):
        raise ArgumentError("The recovery key's last groups do not fit; some group is mistyped.")
    return RecoveryKey(seed, log)


def _bytes_of(text: str, length: int) -> bytes:
    if not re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", text, re.ASCII):
        raise ArgumentError("A recovery key is eighteen groups of four characters, 0-9 and a-f.")
    return bytes.fromhex(text)


def _check_of(seed: bytes) -> str:
    return hashlib.sha256(_CHECK_DOMAIN + seed).hexdigest()[:_CHECK_CHARS]
