"""Small writes that nobody waits for, done one after another in the order they were asked for.

A failure is logged and concerns that one chore. The queue is bounded: when it is full the chore is
dropped and said so, since what is noted here (last success, last error, a knock) will be noted
again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from structlog.typing import FilteringBoundLogger

from node.ground.background import finish

WAITING_MAX = 1_000

Chore = Callable[[], Coroutine[None, None, object]]


class Chores:
    """The queue and its loop; `run` is one task of the node."""

    def __init__(self, logger: FilteringBoundLogger) -> None:
        self._logger = logger
        self._queue: asyncio.Queue[Chore] = asyncio.Queue(WAITING_MAX)

    def add(self, chore: Chore) -> bool:
        """Queue one chore; False when too many wait and it is dropped with a log line."""
        try:
            self._queue.put_nowait(chore)
        except asyncio.QueueFull:
            self._logger.warning("too many small writes wait; one was dropped")
            return False
        return True

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._do(await self._queue.get())

    async def finish(self) -> None:
        """Do what is queued; called when the node stops."""
        while not self._queue.empty():
            await self._do(self._queue.get_nowait())

    async def settled(self) -> None:
        """Wait until everything queued so far is done."""
        await self._queue.join()

    async def _do(self, chore: Chore) -> None:
        try:
            await finish(chore())
        except Exception:
            self._logger.exception("small write failed")
        finally:
            self._queue.task_done()
