"""Answers neighbours' requests for entries from the log, a few at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from node.ground.ground import Ground
from node.sync.mender import Mender
from protocol.effects import Effect, Supply
from protocol.hub import Hub
from storage.errors import DamagedLogError

AT_ONCE_MAX = 4


class Supplier:
    """Who asks first is served first, and each session asks for one run at a time."""

    def __init__(
        self,
        ground: Ground,
        *,
        hub: Hub,
        mender: Mender,
        perform: Callable[[Iterable[Effect]], None],
    ) -> None:
        self._directory = ground.directory
        self._log_store = ground.log_store
        self._clock = ground.clock
        self._logger = ground.logger
        self._hub = hub
        self._mender = mender
        self._perform = perform
        self._reading = asyncio.Semaphore(AT_ONCE_MAX)

    async def supply(self, wanted: Supply) -> None:
        """Answer one request; never further than the directory shows."""
        view = self._directory.get(wanted.log)
        through = min(wanted.through_sequence, view.head.sequence if view and view.head else 0)
        count, payload = 0, b""
        try:
            if through > wanted.after_sequence:
                count, payload = await self._read_run(wanted, through)
        except DamagedLogError as error:
            self._logger.warning("a damaged run was not passed on", error=str(error))
            self._mender.met(error)
        finally:  # a request without an answer would hold up every other log of the session
            first, now_ms = wanted.after_sequence + 1, self._clock.monotonic_ms()
            self._perform(self._hub.supply(wanted.link, wanted.log, first, count, payload, now_ms))

    async def _read_run(self, wanted: Supply, through: int) -> tuple[int, bytes]:
        """Return how many entries the next run has, and the run."""
        async with self._reading:
            run = await self._log_store.packed_run(
                wanted.log, wanted.after_sequence, through, wanted.bytes_max
            )
            return (run.entry_count, run.payload) if run is not None else (0, b"")
