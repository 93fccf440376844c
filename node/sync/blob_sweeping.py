"""Now and then: files that nothing names any more are removed.

The first time is soon after the node starts, so that one that never runs for an hour sweeps as
well. What takes days to be removed (storage/blob_sweep.py) needs no better clock than that. A node
that may lack entries removes nothing: what is about to come back may name what lies there.
"""

from __future__ import annotations

import asyncio

from node.ground.background import GREETING_SECONDS, finish
from node.ground.ground import Ground
from storage.errors import StorageError

SWEEP_SECONDS = 60 * 60


async def keep_swept(ground: Ground) -> None:
    """Sweep soon and once an hour until cancelled; a failure is logged and tried again."""
    await asyncio.sleep(GREETING_SECONDS)
    while True:
        try:
            removed = await sweep(ground)
        except StorageError:
            ground.logger.exception("attachments could not be swept")
        else:
            if removed:
                ground.logger.info("attachments removed that nothing names", files=removed)
        await asyncio.sleep(SWEEP_SECONDS)


async def sweep(ground: Ground) -> int:
    """Sweep once, unless the node is recovering; returns how many files were removed."""
    if ground.recovery.reason is not None:
        return 0
    return await finish(ground.blob_sweep.run(ground.clock.time_ms()))
