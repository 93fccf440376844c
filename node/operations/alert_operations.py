"""The verb about what needs a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.operations.scrub_operations import ScrubOperations, ScrubView


@dataclass(frozen=True, slots=True)
class Examination:
    """What needs a person, with its words; neighbours are judged while the node `serves`."""

    serves: bool
    alerts: list[Mapping[str, Any]]
    scrubbed: ScrubView


class AlertOperations(ScrubOperations):
    """The part of `Operations` that is about alerts."""

    async def examine(self) -> Examination:
        """Look at everything now, at what only others know as well."""
        alerts = self._parts.alerts
        await alerts.ask_outside(anew=True)
        found = [alerts.plain(one) for one in await alerts.look()]
        return Examination(alerts.serves, found, await self.scrubbed())
