"""Puts together what came one by one, so that logs stay small on the disk and quick to hand on.

Beside ingest and never in its way: when enough small runs of a log have been committed, the end of
that log is packed (storage/packing.py). A failure is logged and tried again with the next entries.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from structlog.typing import FilteringBoundLogger

from node.ground.background import finish
from node.intake.step import Committed
from storage.log_store import LogStore

SMALL_RUNS = 32
"""Packed when so many have come: a log's end is then at most so many rows."""
SMALL_ENTRIES_MAX = 100


class Packer:
    """One loop; counts begin anew with each start, which leaves at most some rows unpacked."""

    def __init__(self, log_store: LogStore, logger: FilteringBoundLogger) -> None:
        self._log_store = log_store
        self._logger = logger
        self._small_runs: Counter[bytes] = Counter()
        self._due: asyncio.Queue[bytes] = asyncio.Queue()

    def on_committed(self, committed: Committed) -> None:
        """Listener of ingest."""
        if len(committed.envelopes) > SMALL_ENTRIES_MAX:
            return
        log = committed.head.log
        self._small_runs[log] += 1
        if self._small_runs[log] >= SMALL_RUNS:
            del self._small_runs[log]
            self._due.put_nowait(log)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            log = await self._due.get()
            try:
                await finish(self._log_store.pack(log))
            except Exception:
                self._logger.exception("a log could not be packed", log=log)
