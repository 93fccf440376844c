"""When this node last ran: a copy that is put back remembers an earlier time than the node itself.

Restarts and reboots take minutes. A node that was off for longer may be a machine, or its data,
put back from a copy: what it signed after that copy was made is unknown to it, and at its
neighbours. `FirstAsking` then hears all of them (docs/adr/0054).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from node.clock import Clock
from node.errors import StoppingError
from node.ground.chores import Chores
from node.ground.first_asking import FirstAsking
from storage.settings_store import SettingsStore

LAST_RUN: Final = "last_run_ms"
"""Name of the stored fact when the node last ran, in milliseconds since 1970."""
OFF_SECONDS_MAX: Final = 300
"""For how long a node may be off and still be taken for itself."""
NOTE_SECONDS: Final = 60


async def was_off_for_long(facts: SettingsStore, clock: Clock) -> bool:
    """Whether more time has gone since the last run than a restart takes, or less than none.

    False for a node that has never noted a run.
    """
    noted = await facts.get(LAST_RUN)
    return noted is not None and is_long(clock.time_ms() - int(noted))


def is_long(off_ms: int) -> bool:
    """Whether a node that was off for this long may be a copy; a clock that was put back tells
    nothing, so it may be one as well."""
    return not 0 <= off_ms <= OFF_SECONDS_MAX * 1000


class LastRun:
    """Notes once a minute that the node runs."""

    def __init__(
        self, facts: SettingsStore, clock: Clock, first_asking: FirstAsking, chores: Chores
    ) -> None:
        self._facts = facts
        self._clock = clock
        self._first_asking = first_asking
        self._chores = chores

    async def run(self) -> None:
        """Work until cancelled.

        Nothing is noted while neighbours are to be heard because of a long time off: otherwise it
        would look short after one more restart. That they were not heard in time is told although
        nobody wants to sign.
        """
        with suppress(StoppingError):
            await self._first_asking.over()
        while True:
            if not self._first_asking.must_hear_all:
                self._chores.add(self._note)
            await asyncio.sleep(NOTE_SECONDS)

    async def _note(self) -> None:
        await self._facts.put(LAST_RUN, str(self._clock.time_ms()))
