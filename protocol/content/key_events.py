"""Kinds ``inception`` (a log's first entry) and ``key`` (a rotation).

What a key event means is decided in protocol/identity.py; here it is only read, so that the
first entry can give a log its first name and kommunkod.
"""

from __future__ import annotations

from protocol.content.base import HexId, KommunCode, Line, RootContent


class KeyChange(RootContent):
    """The new public key, and the digest of the one after it."""

    key: HexId
    next: HexId


class Inception(KeyChange):
    """The first entry: keys, kommunkod and name."""

    code: KommunCode
    name: Line
