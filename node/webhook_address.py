"""Where alerts are posted to and the secret they are signed with, as an operator writes them. Pure.

The secret has the form of Standard Webhooks: base64 of 24 to 64 bytes, maybe after `whsec_`.
"""

from __future__ import annotations

import base64
from typing import Final

from yarl import URL

from node.origins import is_loopback

ADDRESS_CHARS_MAX: Final = 2_000
KEY_BYTES_MIN: Final = 24
KEY_BYTES_MAX: Final = 64
_PREFIX: Final = "whsec_"


def read_webhook_url(text: str) -> str:
    """The address. Raises ValueError for one over which an alert could be read on its way."""
    url = URL(text.strip())
    is_private = url.scheme == "http" and is_loopback(url.host or "")
    if not url.host or not (url.scheme == "https" or is_private) or url.fragment:
        raise ValueError("must be an https address, or http on this machine")
    if url.user or url.password or len(text) > ADDRESS_CHARS_MAX:
        raise ValueError("must hold no user name or password; the secret signs what is posted")
    return str(url)


def read_webhook_key(text: str) -> bytes:
    """The bytes that a secret stands for. Raises ValueError, never repeating it."""
    try:
        key = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise ValueError("must be base64, as `openssl rand -base64 32` makes it") from None
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise ValueError(f"must stand for {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")
    return key
