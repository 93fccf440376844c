"""Entries that the disk has changed: noted, taken from what can still be read or asked of a
neighbour, and put back where they were.

A damaged run is never served or shown: whoever reads it checks it first. What takes its place is
proved by the ids that the log goes on from (protocol/mending.py), so it does not matter who gives
it. What nobody can give now is asked for again with every round, and when a neighbour connects.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from node.ground.background import GREETING_SECONDS, finish
from node.ground.ground import Ground
from protocol.effects import Effect, RangeArrived
from protocol.entry import Envelope
from protocol.errors import RemoteError
from protocol.hub import Hub
from protocol.limits import RUN_ENTRIES_MAX
from protocol.mending import proven
from protocol.settling import decode_runs
from storage.damage_store import Damage, Gap
from storage.errors import DamagedLogError, StorageError
from storage.mending import Torn
from storage.run_scan import readable
from storage.settings_store import DAMAGE_MET

ROUND_SECONDS = 60.0
ANSWER_SECONDS_MAX = 20.0
PIECES = (RUN_ENTRIES_MAX, RUN_ENTRIES_MAX // 10)
"""Entries asked for at once; fewer when so many take more room than is kept aside."""
MET_MAX = 1_000


class Mender:
    """One loop; `met` and `wake` tell it that there is something to do."""

    def __init__(
        self, ground: Ground, *, hub: Hub, perform: Callable[[Iterable[Effect]], None]
    ) -> None:
        """`perform` carries out what the hub asks for."""
        self._own_log = ground.own_log
        self._directory = ground.directory
        self._recovery = ground.recovery
        self._walker = ground.walker
        self._log_store = ground.log_store
        self._facts = ground.facts
        self._clock = ground.clock
        self._logger = ground.logger
        self._ranges = hub.ranges
        self._perform = perform
        self._woken = asyncio.Event()
        self._busy = asyncio.Lock()
        self._met: set[tuple[bytes, int]] = set()
        self._asked: dict[tuple[int, bytes], asyncio.Future[tuple[bytes, ...]]] = {}
        self.listeners: list[Callable[[], None]] = []
        """Called when entries are back: what is made from the log may go on."""

    def met(self, error: DamagedLogError) -> None:
        """Somebody who read the log met damage."""
        if error.sequence and len(self._met) < MET_MAX:
            self._met.add((error.log, error.sequence))
            self._woken.set()

    def wake(self) -> None:
        """There is something new to be mended, or somebody new to be asked."""
        self._woken.set()

    def arrived(self, effect: RangeArrived) -> None:
        """A neighbour has answered."""
        waiting = self._asked.get((effect.link, effect.log))
        if waiting is not None and not waiting.done():
            waiting.set_result(effect.payloads)

    async def run(self) -> None:
        """Mend, round after round, until cancelled."""
        rest_seconds = GREETING_SECONDS
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest_seconds):
                    await self._woken.wait()
            rest_seconds = ROUND_SECONDS
            self._woken.clear()
            try:
                await self.mend_all()
            except StorageError:
                self._logger.exception("damaged entries could not be looked after")

    async def mend_all(self) -> list[Damage]:
        """Mend what can be mended now; returns what is left. Raises storage errors."""
        async with self._busy:
            met, self._met = self._met, set()
            for log, sequence in met:
                await self.look(log, Gap(sequence, sequence))
            for damage in await self._walker.damage.open():
                for gap in await self.look(damage.log, damage.gap):
                    await self._mend(damage.log, gap)
            left = await self._walker.damage.open()
            await self._judge_own(left)
            return left

    async def look(self, log: bytes, gap: Gap) -> list[Gap]:
        """Look closer at entries that may be damaged, and at what follows; returns what is."""
        before = {one.gap for one in await self._walker.damage.open() if one.log == log}
        now_ms = self._clock.time_ms()
        gaps = await self._walker.look(log, Gap(gap.first, gap.last + RUN_ENTRIES_MAX), now_ms)
        if gaps and not before.issuperset(gaps):
            await self.tell(log, gaps)
        return gaps

    async def tell(self, log: bytes, gaps: Iterable[Gap]) -> None:
        """Damage was found that was not known."""
        for gap in gaps:
            event = "stored entries were changed by the disk"
            self._logger.error(event, log=log, sequence=gap.first, count=gap.entry_count)
        await self._facts.put(DAMAGE_MET, str(self._clock.time_ms()))
        self._woken.set()

    async def _mend(self, log: bytes, gap: Gap) -> None:
        count = 0
        while (torn := await self._log_store.torn(log, gap)) is not None:
            entries = await self._find(torn)
            if not entries or not await finish(
                self._log_store.mend(torn, entries, self._clock.time_ms())
            ):
                break
            count += len(entries)
        await self._walker.look(log, gap, self._clock.time_ms())
        if count:
            self._logger.warning("damaged entries are back", log=log, count=count)
            for listener in self.listeners:
                listener()

    async def _find(self, torn: Torn) -> tuple[Envelope, ...]:
        """The newest of what is missing: from damaged runs as far as they can be read, else from a
        neighbour; empty when nobody can give it now."""
        if torn.last_id is None:
            return ()
        log, gap = torn.end.log, torn.gap
        inside: dict[int, Envelope] = {}
        for envelope in await asyncio.to_thread(readable, torn.bad):
            if gap.first <= envelope.entry.header.sequence <= gap.last:
                inside[envelope.entry.header.sequence] = envelope
        in_order = [inside[sequence] for sequence in sorted(inside)]
        if found := await asyncio.to_thread(proven, log, torn.last_id, in_order):
            return found
        view = self._directory.get(log)
        if view is None or not view.accepted:
            return ()
        for count in PIECES:
            for link in self._ranges.holders(log, gap.last):
                after = max(gap.first - 1, gap.last - count)
                if found := await self._ask(link, torn, after):
                    return found
        return ()

    async def _ask(self, link: int, torn: Torn, after: int) -> tuple[Envelope, ...]:
        log = torn.end.log
        answer: asyncio.Future[tuple[bytes, ...]] = asyncio.get_running_loop().create_future()
        self._asked[link, log] = answer
        try:
            self._perform(self._ranges.ask(link, log, after, torn.gap.last))
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                payloads = await answer
        except TimeoutError:
            self._perform(self._ranges.withdraw(link, log))
            return ()
        finally:
            del self._asked[link, log]
        return await asyncio.to_thread(_proven, torn, payloads)

    async def _judge_own(self, left: Iterable[Damage]) -> None:
        """Nothing is signed on top of an own head that cannot be read."""
        head = self._directory.sequence(self._own_log)
        own = [damage.gap.last for damage in left if damage.log == self._own_log]
        is_damaged = bool(own) and max(own) >= head
        newest = None
        if head and not is_damaged:  # a lost database holds nothing that could be damaged
            try:
                newest = await self._log_store.entry(self._own_log, head)
            except DamagedLogError as error:  # as a start meets it, before anybody has looked
                self.met(error)
                is_damaged = True
        if newest is not None and head == self._directory.sequence(self._own_log):
            # A start that could not read it does not know whether it was our last word.
            self._recovery.note_newest(newest.entry.header.kind)
        self._recovery.note_damage(is_damaged)


def _proven(torn: Torn, payloads: tuple[bytes, ...]) -> tuple[Envelope, ...]:
    assert torn.last_id is not None, "nothing is asked for that could not be proved"
    try:
        found = decode_runs(payloads)
    except RemoteError:
        return ()
    return proven(torn.end.log, torn.last_id, found)
