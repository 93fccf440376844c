"""Tokens: the secret a browser or a link carries, of which only the digest is stored."""

from __future__ import annotations

import base64
import hashlib

TOKEN_BYTES = 32
TOKEN_CHARS = 43


def token_text(secret: bytes) -> str:
    """The token as it stands in a cookie or an address."""
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")


def token_digest(token: str) -> bytes:
    """What is stored of a token; any text has one, and a wrong text has one that nobody has."""
    return hashlib.sha256(b"tidan web token" + token.encode("utf-8", "replace")).digest()
