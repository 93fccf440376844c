"""A mail address, as far as it can be judged without asking anybody. Pure."""

from __future__ import annotations

import re

ADDRESS_CHARS_MAX = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)


def read_address(text: str) -> str:
    """The address, trimmed. Raises ValueError for what no letter should be sent to."""
    address = text.strip()
    local = address.partition("@")[0]
    wrong = local.startswith(".") or local.endswith(".") or ".." in local
    if len(address) > ADDRESS_CHARS_MAX or not _ADDRESS.fullmatch(address) or wrong:
        raise ValueError("must be a mail address such as tidan@hjo.se")
    return address
