"""The one writer of the log: own entries and neighbours' runs go through one queue and one path.

Order of durability, the same for every part of what waits:

1. check each run against the head that the runs before it lead to; sign own drafts on top of it
   (`checker`);
2. commit all that was accepted in one transaction, then write the guard file when our own log
   moved, both fsynced (`committer`);
3. update the directory, then tell listeners (live push) and acknowledge.

So nothing is acknowledged, shown or sent that a power cut could take back, and many runs share one
commit. While one part is committed the next is checked, and what comes meanwhile joins it. A run
that is refused ends with its named error and touches no other; a commit that fails for several
runs is tried again for each alone, so that one of them cannot hold up the rest.

Each session has a lane of its own in the queue and lanes are served in turn. What waits in one is
bounded by the credit that the session granted and goes with the session; own drafts are bounded by
`DRAFTS_WAITING_MAX`. Once a run is refused, what its session had sent of the same log before it
was told so is refused unread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from node.errors import OverloadedError
from node.ground.background import finish
from node.ground.ground import Ground
from node.intake.checker import Checker
from node.intake.committer import Committer
from node.intake.fair_queue import FairQueue
from node.intake.settling import Branch, Rotation, Settled, Settler
from node.intake.signing import Draft
from node.intake.step import Arrival, Committed, Drafts, DraftsCall, Step, content_bytes
from protocol.chain import Head
from protocol.entry import Envelope

PART_ITEMS_MAX = 200
PART_BYTES_MAX = 2_000_000
"""Content of one commit; as much again may be in the making. It bounds what ingest holds."""
DRAFTS_WAITING_MAX = 2_000
OWN_LANE = 0
"""Lane of own drafts in the queue; those of sessions have the numbers of their links, from 1."""
_Waiting = Arrival | Drafts | Branch | Rotation


class Ingest:
    """The queue and the loop that empties it; `run` is one task of the node."""

    def __init__(self, ground: Ground) -> None:
        self._own_log = ground.own_log
        self._directory = ground.directory
        self._recovery = ground.recovery
        self._first_asking = ground.first_asking
        self.listeners: list[Callable[[Committed], None]] = []
        self._checker = Checker(ground)
        self._committer = Committer(ground, self.listeners)
        self._settler = Settler(ground, self.listeners)
        self._queue: FairQueue[_Waiting] = FairQueue()
        self._drafts_waiting = 0
        self._committing: asyncio.Task[None] | None = None
        self._heads_committing: dict[bytes, Head | None] = {}
        self.waiting_bytes = 0
        """How much has come and is not committed yet."""

    def arrive(self, arrival: Arrival) -> None:
        """Queue a neighbour's run; its size was bounded by the credit we granted."""
        self._put(arrival.link, arrival)

    def forget_link(self, link: int) -> None:
        """A session ended: what waits of it, in the queue or for a signature, is dropped."""
        self.waiting_bytes -= sum(item.size_bytes for item in self._queue.drop(link))
        self._checker.forget_link(link)

    async def write(self, drafts: Sequence[Draft]) -> tuple[Envelope, ...]:
        """Sign and commit own entries together; returns when they are stored here.

        The first ones after a start wait until neighbours have been asked for our log. Raises
        `RecoveringError`, `FrozenError`, `OverloadedError`, or a storage error.
        """
        self._recovery.require_signing(self._directory.get(self._own_log))
        await self._first_asking.over()
        self._recovery.require_signing(self._directory.get(self._own_log))
        if self._drafts_waiting + len(drafts) > DRAFTS_WAITING_MAX:
            raise OverloadedError(f"More than {DRAFTS_WAITING_MAX} own entries wait to be written.")
        written: asyncio.Future[tuple[Envelope, ...]] = asyncio.get_running_loop().create_future()
        self._drafts_waiting += len(drafts)
        self._put(OWN_LANE, Drafts((DraftsCall(tuple(drafts), written),)))
        try:
            return await asyncio.shield(written)
        finally:
            self._drafts_waiting -= len(drafts)

    @property
    def settling(self) -> asyncio.Lock:
        """Held while a rotation or a branch is put in place."""
        return self._settler.settling

    def settle(self, branch: Branch) -> None:
        """Queue a neighbour's branch that ends in a rotation."""
        self._put(branch.link, branch)

    async def rotate(
        self,
        seed: bytes,
        next_digest: bytes,
        keep_through: int | None,
        *,
        without_rest: bool = False,
    ) -> Settled:
        """Bring the next key in force; returns the key event, stored here, and what gave way to it.

        What was asked to be written before it is stored first. `without_rest`: although our log may
        not be here in full. Raises `RecoveringError`, `ArgumentError` for a key or an entry that
        does not fit, or a storage error.
        """
        view = self._directory.get(self._own_log)
        self._recovery.require_rotation(view, without_rest=without_rest)
        if not without_rest:
            await self._first_asking.over()
            self._recovery.require_rotation(self._directory.get(self._own_log))
        done: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()
        self._put(OWN_LANE, Rotation(seed, next_digest, keep_through, without_rest, done))
        return await asyncio.shield(done)

    def _put(self, lane: int, item: _Waiting) -> None:
        self.waiting_bytes += item.size_bytes
        self._queue.put(lane, item)

    async def run(self) -> None:
        """Work until cancelled; a part that was begun is finished first."""
        try:
            while True:
                await self._queue.filled()
                await finish(self._take_part())
                if not self._queue.is_filled:
                    await finish(self._committed())
                    self._checker.settle()
        finally:
            await self._committed()

    async def _take_part(self) -> None:
        """Check what waits, until it is enough for a commit or nothing more comes."""
        steps: list[Step] = []
        heads: dict[bytes, Head | None] = {}
        unfolded_bytes = 0
        while len(steps) < PART_ITEMS_MAX and unfolded_bytes < PART_BYTES_MAX:
            item = self._queue.take()
            if item is None:
                if not steps or not self._is_committing:
                    break
                await self._committed()  # what comes meanwhile shares the next commit
                continue
            if isinstance(item, Branch | Rotation):
                await self._committed()
                await self._commit(steps)
                await self._settler.take(item)
                self.waiting_bytes -= item.size_bytes
                return
            if isinstance(item, Drafts) and item.is_last_word:
                await self._committed()
                await self._commit(steps)
                await self._commit([await self._check(item, self._own_log, {})])
                return
            for step in await self._checked(item, heads):
                steps.append(step)
                unfolded_bytes += content_bytes(step.result.accepted) if step.result else 0
        await self._committed()
        self._heads_committing = heads
        self._committing = asyncio.create_task(self._commit(steps))

    async def _checked(self, item: Arrival | Drafts, heads: dict[bytes, Head | None]) -> list[Step]:
        if isinstance(item, Arrival):
            return [await self._check(item, item.log, heads)]
        await self._committed()  # what we sign must stand on what is on the disk
        joined = self._join(item)
        step = await self._check(joined, self._own_log, heads)
        if step.error is None or len(joined.calls) == 1:
            return [step]
        # One of the calls cannot be signed; the others shall not fail with it.
        return [await self._check(Drafts((call,)), self._own_log, heads) for call in joined.calls]

    async def _check(
        self, item: Arrival | Drafts, log: bytes, heads: dict[bytes, Head | None]
    ) -> Step:
        step = Step(item, log, heads[log] if log in heads else self._head(log))
        await self._checker.check(step)
        self._committer.begin_audit(step)
        heads[log] = step.after
        return step

    def _join(self, item: Drafts) -> Drafts:
        """Put what other calls want written beside it: one signature covers all of them."""
        calls, size_bytes = list(item.calls), item.size_bytes
        while size_bytes < PART_BYTES_MAX:
            more = self._queue.take_from(OWN_LANE)
            if not isinstance(more, Drafts) or more.is_last_word:
                if more is not None:
                    self._queue.put(OWN_LANE, more)
                break
            calls += more.calls
            size_bytes += more.size_bytes
        return Drafts(tuple(calls))

    async def _commit(self, steps: list[Step]) -> None:
        await self._committer.complete(steps)
        for step in steps:
            self._checker.remember_refusal(step)
            self.waiting_bytes -= step.item.size_bytes
        self._heads_committing = {}

    @property
    def _is_committing(self) -> bool:
        return self._committing is not None and not self._committing.done()

    async def _committed(self) -> None:
        """Wait until the part that is being committed is, also when this wait is cancelled.

        Raises what should not happen, so that the node notices that nothing is stored any more.
        """
        if self._committing is not None:
            await asyncio.wait({self._committing})
            self._committing.result()

    def _head(self, log: bytes) -> Head | None:
        """Where a log will stand when what is being committed is."""
        if log in self._heads_committing:
            return self._heads_committing[log]
        return self._committer.head(log)
