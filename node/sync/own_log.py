"""Whether this node's own log is whole and signed by it alone: what neighbours say of that."""

from __future__ import annotations

import asyncio
from functools import partial

from node.ground.chores import Chores
from node.ground.ground import Ground
from node.ground.recovery import COPY_MET, OWN_LOG_CLAIM


class OwnLog:
    """Keeps claims over a restart, and writes the guard once the log is back."""

    def __init__(self, ground: Ground, chores: Chores) -> None:
        self._log = ground.own_log
        self._directory = ground.directory
        self._own_key = ground.own_key
        self._recovery = ground.recovery
        self._first_asking = ground.first_asking
        self._guard = ground.guard
        self._facts = ground.facts
        self._logger = ground.logger
        self._chores = chores
        self._claim_waits = False

    def compared(self, neighbour: bytes) -> None:
        """A neighbour has compared all logs with us, and made its claim if it has one."""
        self._recovery.neighbour_compared(neighbour)
        self._first_asking.heard(neighbour)
        self.settle()

    def refused(self, neighbour: bytes) -> None:
        """A neighbour has answered that we are none of its neighbours, or not yet: it gives us
        nothing, so there is no use in waiting for it."""
        self._recovery.neighbour_refuses(neighbour)
        self._first_asking.heard(neighbour)
        self.settle()

    def note_claim(self, neighbour: bytes, sequence: int) -> None:
        """A neighbour has more of our log; said once, and written once for many claims."""
        if self._recovery.neighbour_ahead(neighbour, sequence):
            self._logger.warning("a neighbour has more of our log", sequence=sequence)
        if not self._claim_waits:
            self._claim_waits = self._chores.add(self._keep_claim)

    async def _keep_claim(self) -> None:
        self._claim_waits = False
        claimed = self._recovery.needed_sequence
        await self._facts.put(OWN_LOG_CLAIM, str(claimed) if claimed else "")

    def stop_signing(self, neighbour: bytes) -> None:
        """A neighbour has met two nodes with our key: neither signs until a person has chosen."""
        self._logger.error("a second node with our key is running", neighbour=neighbour)
        self._recovery.note_copy()
        self._chores.add(partial(self._facts.put, COPY_MET, neighbour.hex()))

    def settle(self) -> None:
        """See whether our own log is back; if so the guard is written and signing resumes."""
        self._first_asking.look()
        view = self._directory.get(self._log)
        if view is None or view.head is None:
            return
        head = view.head
        self._recovery.compare_key(view, self._own_key.current)
        if self._recovery.settle(head.sequence, self._directory.neighbours):
            self._logger.info("own log is back; signing resumes", sequence=head.sequence)
            self._chores.add(partial(asyncio.to_thread, self._guard.raise_to, head))
            self._chores.add(partial(self._facts.put, OWN_LOG_CLAIM, ""))
