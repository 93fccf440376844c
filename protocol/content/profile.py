"""Kind ``profile``: how a municipality presents itself; the newest of a log counts."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from protocol.content.base import Contact, KommunCode, Line, RootContent, WebUrl
from protocol.limits import DOMAIN_CHARS_MAX

Domain = Annotated[
    str,
    StringConstraints(
        max_length=DOMAIN_CHARS_MAX, pattern=r"^([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$"
    ),
]


class Profile(RootContent):
    """Name, kommunkod and where to reach the municipality."""

    name: Line
    code: KommunCode
    domain: Domain | None = None
    contact: Contact | None = None
    url: WebUrl | None = None
