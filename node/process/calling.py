"""Calling neighbours, by a node that serves and by one that is opened for a single command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from node.operations.node import Node


async def begin_calling(node: Node) -> None:
    """Dial the neighbours that have an address, now and for as long as the node runs."""
    node.dialer.start()
    for neighbour in await node.neighbours.all():
        if neighbour.log in node.directory.neighbours and neighbour.url is not None:
            await node.dialer.add(neighbour.log, neighbour.url)


@asynccontextmanager
async def calling(node: Node) -> AsyncIterator[None]:
    """Call neighbours, and be called by nobody, until this ends."""
    ticking = asyncio.create_task(node.sync.run())
    await begin_calling(node)
    try:
        yield
    finally:
        await node.sync.stop()
        await node.dialer.stop()
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
