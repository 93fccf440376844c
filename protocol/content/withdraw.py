"""Kind ``withdraw``: an own earlier entry no longer stands; the reason stays visible."""

from __future__ import annotations

from protocol.content.base import HexId, Note, RootContent


class Withdraw(RootContent):
    """``target`` is the id of a record, comment, use, interest or introduction of the same log."""

    target: HexId
    reason: Note
