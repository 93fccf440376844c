"""The recovery key as people handle it: sixteen groups of four, and two groups to catch a slip.

The seed of the next signing key is written once, on the recovery sheet. Typed back with a wrong or
swapped letter it is refused here, before anything is signed with a key that nobody committed to.
"""

from __future__ import annotations

import hashlib
import re

from node.errors import ArgumentError
from storage.key_file import SEED_BYTES

_CHECK_DOMAIN = b"tidan/1 recovery key check"
_CHECK_CHARS = 8


def write_recovery_key(seed: bytes) -> str:
    """The key in groups, eight to a line; the last two are the check."""
    text = seed.hex() + _check_of(seed)
    groups = [text[start : start + 4] for start in range(0, len(text), 4)]
    lines = [groups[start : start + 8] for start in range(0, len(groups), 8)]
    return "\n".join(" ".join(line) for line in lines)


def read_recovery_key(text: str) -> bytes:
    """The 32-byte seed from a sheet, however spaced; raises ArgumentError when a group is wrong."""
    plain = re.sub(r"[\s-]", "", text).lower()
    if not re.fullmatch(rf"[0-9a-f]{{{2 * SEED_BYTES + _CHECK_CHARS}}}", plain):
        raise ArgumentError("A recovery key is eighteen groups of four characters, 0-9 and a-f.")
    seed = bytes.fromhex(plain[: 2 * SEED_BYTES])
    if plain[2 * SEED_BYTES :] != _check_of(seed):
        raise ArgumentError("The recovery key's last groups do not fit; some group is mistyped.")
    return seed


def _check_of(seed: bytes) -> str:
    return hashlib.sha256(_CHECK_DOMAIN + seed).hexdigest()[:_CHECK_CHARS]
