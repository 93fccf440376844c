"""Processes that analyse (analysing.py), for whoever has a lot to put into an index.

In a module of its own: what starts processes is a megabyte that a node does not need to hold.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

COLLECTOR_THRESHOLDS = (100_000, 50, 100)
"""With Python's own a sixteenth of the time is looking for cycles, and there are hardly any."""
PROCESSES = 2
"""Where there are cores for them: beside one that reads, puts together and writes."""
_NICER = 10
"""What the node itself does comes first."""


@contextmanager
def analysts() -> Iterator[Executor | None]:
    """Give processes that analyse; None where there is one core only, or no memory to share.

    They begin when they are first needed, and end with the process that has them, however it ends.
    """
    executor = _processes() if (os.cpu_count() or 1) > 1 else None
    try:
        yield executor
    finally:
        if executor is not None:
            executor.shutdown(cancel_futures=True)


def _processes() -> Executor | None:
    try:
        return ProcessPoolExecutor(PROCESSES, get_context("spawn"), _begin)
    except (OSError, ImportError, NotImplementedError):
        # What Python raises where the machine shares no semaphores: no /dev/shm, or a read-only
        # one, or a system without them. A thread does the same work, so nothing is lost but time.
        return None


def _begin() -> None:
    """What a process does first: give way to others, and end when there is nobody to work for."""
    os.nice(_NICER)
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None, "only processes that another has started come here"
    wait([parent.sentinel])
    os._exit(1)
