"""A queue with one lane for each sender, emptied in turn.

Order within a lane is kept. Whoever fills its own lane delays nobody else by more than one item a
turn, and a lane whose sender is gone is dropped with all that waits in it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class FairQueue(Generic[ItemT]):
    """Many put, one takes; lanes are numbers. What bounds a lane is the business of who puts."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lanes: dict[int, deque[ItemT]] = {}  # in the order in which they are served
        self._something = asyncio.Event()

    def put(self, lane: int, item: ItemT) -> None:
        """Queue an item behind the others of its lane."""
        self._lanes.setdefault(lane, deque()).append(item)
        self._something.set()

    def drop(self, lane: int) -> Collection[ItemT]:
        """Forget what waits in a lane; returns what that was."""
        return self._lanes.pop(lane, ())

    def take(self) -> ItemT | None:
        """Return the next item of the lane whose turn it is, or None when nothing waits."""
        if not self._lanes:
            return None
        lane = next(iter(self._lanes))
        items = self._lanes.pop(lane)
        item = items.popleft()
        if items:
            self._lanes[lane] = items  # behind the others
        return item

    def take_from(self, lane: int) -> ItemT | None:
        """Return the next item of one lane out of turn, or None when it is empty."""
        items = self._lanes.get(lane)
        if items is None:
            return None
        item = items.popleft()
        if not items:
            del self._lanes[lane]
        return item

    @property
    def is_filled(self) -> bool:
        """Whether something waits."""
        return bool(self._lanes)

    async def filled(self) -> None:
        """Wait until something waits."""
        while not self._lanes:
            self._something.clear()
            await self._something.wait()
