"""What a reader may see, as far as searching is concerned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.record_views import MEMBERS

ScopeKey = tuple[frozenset[str], frozenset[int]]
"""What two scopes have in common that see the same."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose records and which of them a reader may see."""

    visible: Collection[str]
    hidden_logs: Collection[int]

    @property
    def key(self) -> ScopeKey:
        """The same for any two that see the same."""
        return frozenset(self.visible), frozenset(self.hidden_logs)


EVERYTHING = Scope(MEMBERS, ())
