"""Python's collector of reference cycles, set for a node: much stays, the rest is short-lived.

What leaves cycles behind here is little (a traceback, what a library ties together); all else
goes as soon as nothing refers to it. But the collector counts objects and not what they hold: what
came by the hundred and lived through two of its rounds would stay until there are millions of
objects more. So all is looked through by the clock as well.
"""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Final

THRESHOLDS = (10_000, 20, 20)
"""With Python's own (700, 10, 10) a sixth of a rebuild is looking for cycles that are not there:
each of its steps makes some hundred thousand objects and drops them together."""
COLLECT_SECONDS: Final = 10
COLLECT_SHARE_MAX: Final = 0.005
"""It takes some 15 ms; up to a tenth of a second with counts of 1,600 kinds in each of 290 logs,
a million records. In a thread it would stop everything just as long. So it is rarer where it takes
longer."""


def settle_collector() -> None:
    """What is here by now stays: looking it through again would cost 80 ms a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


async def keep_collecting() -> None:
    """Look through all again and again until cancelled."""
    took_seconds = 0.0
    while True:
        await asyncio.sleep(max(COLLECT_SECONDS, took_seconds / COLLECT_SHARE_MAX))
        began = time.thread_time()
        gc.collect()
        took_seconds = time.thread_time() - began
