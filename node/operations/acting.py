"""Somebody who asks a node to do something: the parts to do it with, and the name for the audit."""

from __future__ import annotations

from node.config import bracketed
from node.operations.parts import Parts
from node.origins import host_here


class Acting:
    """What all groups of verbs have."""

    def __init__(self, parts: Parts, actor: str) -> None:
        self._parts = parts
        self._actor = actor

    @property
    def _site(self) -> str:
        """Where people reach the node's pages."""
        settings = self._parts.settings
        here = f"http://{bracketed(host_here(settings.host))}:{settings.port}"
        return settings.public_url or here
