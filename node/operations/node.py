"""One open node: its parts, and the verbs that people ask it to do."""

from __future__ import annotations

from dataclasses import dataclass

from node.operations.operations import Operations
from node.operations.parts import Parts
from node.operations.standings import ADMIN


@dataclass(frozen=True, slots=True)
class Node(Parts):
    """What commands, control socket and pages are given."""

    @property
    def operations(self) -> Operations:
        """The verbs, as whoever can reach the data folder asks for them."""
        return self.acting(ADMIN)

    def acting(self, actor: str) -> Operations:
        """The verbs that commands, control socket and pages share; the audit names `actor`."""
        return Operations(self, actor)
