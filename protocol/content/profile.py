"""Kind ``profile``: how a municipality presents itself; the newest of a log counts."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from protocol.content.base import Contact, KommunCode, Line, RootContent, WebUrl

Domain = Annotated[
    str, StringConstraints(max_length=253, pattern=r"^([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$")
]


class Profile(RootContent):
    """Name, kommunkod and where to reach the municipality."""

    name: Line
    code: KommunCode
    domain: Domain | None = None
    contact: Contact | None = None
    url: WebUrl | None = None
