"""Kinds ``address``, ``leave`` and ``continue``: a municipality moves, leaves, or is an heir.

Each is a kind of its own and no field of ``profile``: an older version, which reads none of them,
keeps showing the profile it knows.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from protocol.content.base import HexId, Note, RootContent
from protocol.limits import ORIGIN_CHARS_MAX

ADDRESS_KIND = "address"
LEAVE_KIND = "leave"
CONTINUE_KIND = "continue"

NodeAddress = Annotated[
    str,
    StringConstraints(max_length=ORIGIN_CHARS_MAX, pattern=r"^https?://[a-z0-9._:\[\]-]+$"),
]
"""Scheme, host and perhaps port, in lower case, as both sides sign it in a handshake."""


class Address(RootContent):
    """Where the log's node answers from now on; nobody has to believe it."""

    url: NodeAddress


class Leave(RootContent):
    """The log's last word until its key changes; ``successor`` is the log that goes on for it."""

    reason: Note | None = None
    successor: HexId | None = None


class Continue(RootContent):
    """The log goes on for another, ``predecessor``; it counts when that one says so as well."""

    predecessor: HexId
