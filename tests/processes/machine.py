"""A node in a process of its own, where it and its database are."""

from __future__ import annotations

from typing import Any

from node.errors import NewKeyNeededError, RecoveringError
from node_factories import example_record
from tests.kills.served import REFUSED, Served
from tests.processes.machines import Place

RECOVERING = frozenset({RecoveringError.code, NewKeyNeededError.code})
"""What a node says that has reasons not to sign."""
ENTRIES_MAX = 500
NAMES = ("sequence", "entry", "kind")
"""What is compared of an entry."""


class Machine(Served):
    """The node of a municipality on one machine, or on a copy of it."""

    def __init__(self, place: Place, code: str, name: str) -> None:
        super().__init__(place.folder, place.database_url, code=code, name=name)
        self.place = place

    async def publish(self, title: str) -> dict[str, Any]:
        """A record; returns what the node says of it, or raises what it answers."""
        content = example_record(title)
        told: dict[str, Any] = await self.ask("publish", kind="experience", content=content)
        return told

    async def refuses(self, why: str) -> list[str]:
        """Ask it to publish; what is wrong when it does, or says another reason than this."""
        try:
            told = await self.publish("Exempel: får inte undertecknas")
        except REFUSED as error:
            is_as_wanted = error.code in RECOVERING and why in str(error)
            return [] if is_as_wanted else [f"refused otherwise: {error.code}: {error}"]
        return [f"entry {told['sequence']} was signed at {self.folder.name}"]

    async def own_log(self) -> str:
        """The id of its own log."""
        return str((await self.ask("status"))["log"])

    async def entries(self, log: str) -> list[dict[str, Any]]:
        """Number, id and kind of each entry that it holds of a log."""
        page = await self.ask("log_entries", log=log, after_sequence=0, limit=ENTRIES_MAX)
        return [{name: item[name] for name in NAMES} for item in page["entries"]]
