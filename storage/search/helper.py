"""The process beside ours that fills an index when there is much to put in (worker.py)."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from storage.errors import IndexingError

WORKER = "storage.search.worker"
"""Not imported: it holds what starts processes, which ours has no use for."""
UNTOLD = "ignore:resource_tracker:UserWarning"
"""Told to stop it leaves what its own processes shared to Python's tracker, which removes it and
would warn whoever reads the node's log."""


@asynccontextmanager
async def indexing_helper(
    location: str, folder: Path, epoch: bytes, tell: Callable[[int], None]
) -> AsyncIterator[None]:
    """Let another process index while the body runs and until all is in; ``tell`` hears how far.

    Raises :class:`storage.errors.IndexingError` when it fails; what it committed stays.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", UNTOLD),
        "-m",
        WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = {"database": location, "folder": str(folder), "epoch": epoch.hex()}
    listening = asyncio.create_task(_listen(process.stdout, tell))
    try:
        process.stdin.write(json.dumps(told).encode() + b"\n")
        await process.stdin.drain()
        yield
        process.stdin.close()
        await listening
        if await process.wait() != 0:
            raise IndexingError("The process that fills the search index has failed.")
    finally:
        listening.cancel()
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _listen(lines: asyncio.StreamReader, tell: Callable[[int], None]) -> None:
    async for line in lines:
        if line.strip().isdigit():
            tell(int(line))
