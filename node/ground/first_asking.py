"""Before a node signs anything after a start, it asks its neighbours how far its own log went.

The guard file tells when the database is an old copy. When the whole machine is put back, both are
equally old, and nothing here knows: but whoever has received our newest entries does. So what is
signed first waits until every neighbour has compared logs with us, and no longer than
the operator's `ask_neighbours_seconds`, because a node that is cut off goes on working. A neighbour
that has more of our log makes its claim before it is done comparing, and `Recovery` then decides.

After a time off that is longer than a restart takes, nothing is signed although the wait is over,
until all have been heard or a person has decided: `Recovery` is told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable

from node.errors import StoppingError


class FirstAsking:
    """Who has not been heard since this start, and how long it is still waited for."""

    def __init__(
        self,
        neighbours: Callable[[], Iterable[bytes]],
        now_ms: Callable[[], int],
        wait_ms: int,
        *,
        give_up: Callable[[], None] | None = None,
    ) -> None:
        """Begin to wait for the present neighbours, so long at most; `now_ms` is a clock that never
        jumps. With `give_up` all must be heard: it is called when they were not in time."""
        self._give_up = give_up if wait_ms else None
        self._has_given_up = False
        self._is_stopping = False
        self._neighbours = neighbours
        self._now_ms = now_ms
        self._unheard = set(neighbours())
        self._ends_ms = now_ms() + wait_ms
        self._woken = asyncio.Event()
        self.begin: Callable[[], Awaitable[None]] | None = None
        """Called once when somebody waits: for a node that is not serving, and so calls nobody."""

    @property
    def ms_left(self) -> int:
        """How long it is waited at most; 0 when all who still are neighbours have been heard."""
        return max(0, self._ends_ms - self._now_ms()) if self.unheard else 0

    @property
    def unheard(self) -> set[bytes]:
        """Those of the present neighbours that were there at the start and have not been heard."""
        return self._unheard.intersection(self._neighbours())

    @property
    def must_hear_all(self) -> bool:
        """Whether nothing may be signed before all have been heard, and they have not been yet."""
        return self._give_up is not None and bool(self.unheard)

    def heard(self, neighbour: bytes) -> None:
        """A neighbour has compared all logs with us."""
        self._unheard.discard(neighbour)
        self.look()

    def end(self) -> None:
        """Nobody need be heard any more: a new key signs, which has signed nothing before, or a
        person has decided."""
        self._unheard.clear()
        self.look()

    def look(self) -> None:
        """Somebody may be a neighbour no more: let those who wait see whether it is over."""
        if not self.ms_left:
            self._woken.set()

    def stop(self) -> None:
        """The node is being stopped: who waits is told so, and nobody waits any more."""
        self._is_stopping = True
        self._woken.set()

    async def over(self) -> None:
        """Wait until all have been heard, or for as long as is waited at most; raises
        `StoppingError` when the node is stopped before."""
        if self.ms_left and self.begin is not None:
            begin, self.begin = self.begin, None
            await begin()
        while left_ms := self.ms_left:
            if self._is_stopping:
                raise StoppingError("The node was stopped before its neighbours had answered.")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_ms / 1000):
                    await self._woken.wait()
        self.settle()

    def settle(self) -> None:
        """The wait is over: tell, once, when it has ended without those who must be heard."""
        if self.must_hear_all and not self._has_given_up and self._give_up is not None:
            self._has_given_up = True
            self._give_up()
