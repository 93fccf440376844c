"""One open node: its parts, and the verbs that people ask it to do."""

from __future__ import annotations

from dataclasses import dataclass

from node.operations.operations import Operations
from node.operations.parts import Parts


@dataclass(frozen=True, slots=True)
class Node(Parts):
    """What commands, control socket and pages are given."""

    @property
    def operations(self) -> Operations:
        """The verbs that commands, control socket and pages share."""
        return Operations(self)
