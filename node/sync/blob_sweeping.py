"""Now and then: files that nothing names any more are removed."""

from __future__ import annotations

import asyncio

from node.ground.background import finish
from node.ground.ground import Ground
from storage.errors import StorageError

SWEEP_SECONDS = 60 * 60


async def keep_swept(ground: Ground) -> None:
    """Sweep once an hour until cancelled; a failure is logged and tried again."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            removed = await finish(ground.blob_sweep.run(ground.clock.time_ms()))
        except StorageError:
            ground.logger.exception("attachments could not be swept")
        else:
            if removed:
                ground.logger.info("attachments removed that nothing names", files=removed)
