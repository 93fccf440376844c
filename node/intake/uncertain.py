"""Commits that failed, and yet may have been carried out.

When a database ends, or a connection breaks, between storing a transaction and saying so, only the
database knows. What it has stored stands in the log: going on from the head before would be refused
for ever, and for our own log it would be a second signature at one number.
"""

from __future__ import annotations

from node.intake.step import Step
from storage.log_store import LogStore


class Uncertain:
    """Steps of which nobody knows whether they are stored, by log and in order."""

    def __init__(self, log_store: LogStore) -> None:
        self._log_store = log_store
        self._steps: dict[bytes, list[Step]] = {}

    def add(self, step: Step) -> None:
        """A step could not be committed, as it seems."""
        self._steps.setdefault(step.log, []).append(step)

    def error(self, log: bytes) -> Exception | None:
        """Why it is not known how far a log has come; None when it is."""
        steps = self._steps.get(log)
        return steps[-1].error if steps else None

    async def stored(self) -> list[Step]:
        """Ask the database; return those that are stored after all, each log's in order, and forget
        the others. Raises a storage error when it cannot be asked."""
        found: list[Step] = []
        for log, steps in list(self._steps.items()):
            row = await self._log_store.log(log)
            head = row.head if row else None
            through = [
                number
                for number, step in enumerate(steps, 1)
                if step.result is not None and step.result.head == head
            ]
            found += steps[: max(through, default=0)]
            del self._steps[log]
        return found
