"""The node's long-running tasks: started together, ended together, and noticed when one dies."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from structlog.typing import FilteringBoundLogger

ResultT = TypeVar("ResultT")

GREETING_SECONDS = 1.0
"""After a start neighbours are greeted first; what nobody waits for begins when this has passed."""


async def finish(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run to the end even when cancelled meanwhile; the cancellation then takes effect.

    For work whose steps belong together: what was committed must also be announced and answered,
    and whoever asked for two writes must not get one.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


class Background:
    """Tasks that run as long as the node is open; none of them is meant to end by itself."""

    def __init__(self, logger: FilteringBoundLogger) -> None:
        self._logger = logger
        self._tasks: list[asyncio.Task[None]] = []
        self.healthy = True

    def start(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        """Run one loop; its unexpected end makes the node unready and is logged."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._noticed)
        self._tasks.append(task)
        return task

    async def stop(self) -> None:
        """End all tasks, in reverse order of their start."""
        for task in reversed(self._tasks):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _noticed(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        self.healthy = False
        self._logger.error(
            "a task of the node ended", state=task.get_name(), exc_info=task.exception()
        )
