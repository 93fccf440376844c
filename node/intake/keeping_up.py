"""A loop that brings something derived up to date, and tells whoever waits for it.

What it derives from is there first and safe; so a failure is logged and tried again, and delays
what is shown, never what is kept. Between its steps a loop may pause for others, unless somebody
waits.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from structlog.typing import FilteringBoundLogger

RETRY_SECONDS = 5.0


class KeepingUp(ABC):
    """One loop; `wake` tells it that there is something new."""

    def __init__(self, logger: FilteringBoundLogger, failing: str) -> None:
        """`failing` is what the log says when a round fails."""
        self._logger = logger
        self._failing = failing
        self._woken = asyncio.Event()
        self._wanted = 0
        self._done = 0
        self._changed = asyncio.Condition()
        self._failure: Exception | None = None
        self._waiting = 0
        self._hurried = asyncio.Event()

    def wake(self) -> None:
        """There is something that has not been worked through yet."""
        self._wanted += 1
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            target, self._failure = self._wanted, None
            try:
                await self._keep_up()
                self._done = target
            except Exception as error:  # of any kind: whoever waits is told, and it is tried again
                self._failure = error
                self._logger.exception(self._failing)
            await self._tell()
            if self._failure is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(RETRY_SECONDS):
                        await self._woken.wait()
                self._woken.set()

    @abstractmethod
    async def _keep_up(self) -> None:
        """Work through all that is new."""

    async def _tell(self) -> None:
        """Let those who wait look again."""
        async with self._changed:
            self._changed.notify_all()

    async def _wait(self, happened: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: happened() or self._failure is not None)
        if not happened() and self._failure is not None:
            raise self._failure

    @contextlib.contextmanager
    def _hurry(self) -> Iterator[None]:
        """Let there be no pauses while the body waits."""
        self._waiting += 1
        self._hurried.set()
        try:
            yield
        finally:
            self._waiting -= 1

    async def _pause(self, seconds: float) -> None:
        """Give way for so long, or until somebody waits."""
        if self._waiting:
            return
        self._hurried.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurried.wait()
