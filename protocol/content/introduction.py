"""Kind ``introduction``: a signed statement that a log belongs to a municipality.

It is withdrawn with a ``withdraw`` entry. It decides nothing: each node's admin does.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from protocol.content.base import HexId, KommunCode, Line, RootContent, WebUrl
from protocol.limits import FINGERPRINT_CHARS_MAX

Fingerprint = Annotated[
    str, StringConstraints(max_length=FINGERPRINT_CHARS_MAX, pattern=r"^[0-9a-f ]+$")
]


class Introduction(RootContent):
    """The introduced log, its kommunkod and name, and where its node answers."""

    log: HexId
    code: KommunCode
    name: Line
    url: WebUrl | None = None
    fingerprint: Fingerprint | None = None
