"""Verbs about the network's shape: whom to become neighbours with, and how far everybody is."""

from __future__ import annotations

from node.operations.acting import Acting
from node.operations.known_network import Distance, KnownNetwork, SuggestedNeighbour


class SuggestionOperations(Acting):
    """The part of `Operations` that is about the shape of the network."""

    async def suggested_neighbours(self) -> list[SuggestedNeighbour]:
        """Municipalities known here that would make good neighbours; at most five."""
        return (await self._known_network()).suggested()

    async def distances(self) -> list[Distance]:
        """How many steps it is to each municipality known here."""
        return (await self._known_network()).distances()

    async def _known_network(self) -> KnownNetwork:
        parts = self._parts
        said = await parts.lifecycle_queries.all()
        return KnownNetwork(
            parts.own_log,
            await parts.log_store.logs(),
            await parts.neighbours.all(),
            await parts.introduction_queries.all(),
            frozenset(log for log, one in said.items() if one.left_ms is not None),
        )
