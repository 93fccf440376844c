"""Nodes of a test that are started together, and ended together however it goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar


class Startable(Protocol):
    """Some nodes; `stop` also ends those that a start which failed has left."""

    async def start(self) -> None:
        """Start them, and make them neighbours."""
        ...

    async def stop(self) -> None:
        """End all of them."""
        ...


Nodes = TypeVar("Nodes", bound=Startable)


@asynccontextmanager
async def started(nodes: Nodes) -> AsyncIterator[Nodes]:
    """Give them started; they are stopped afterwards."""
    try:
        await nodes.start()
        yield nodes
    finally:
        await nodes.stop()
