"""Somebody who asks a node to do something: the parts to do it with, and the name for the audit."""

from __future__ import annotations

from node.operations.parts import Parts


class Acting:
    """What all groups of verbs have."""

    def __init__(self, parts: Parts, actor: str) -> None:
        self._parts = parts
        self._actor = actor
