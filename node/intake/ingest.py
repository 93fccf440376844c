"""The one writer of the log: own entries and neighbours' runs go through one queue and one path.

Order of durability, the same for every batch:

1. check each run against the head that the runs before it lead to; sign own drafts on top of it;
2. commit all that was accepted in one transaction (fsynced);
3. write the guard file when our own log moved (fsynced);
4. update the directory, then tell listeners (live push) and acknowledge.

So nothing is acknowledged, shown or sent that a power cut could take back, and many runs share one
commit. A run that is refused ends with its named error and touches no other; a commit that fails
for several runs is tried again for each alone, so that one of them cannot hold up the rest.

Each session has a lane of its own in the queue and lanes are served in turn. What waits in one is
bounded by the credit that the session granted and goes with the session; own drafts are bounded by
`DRAFTS_WAITING_MAX`. Once a run is refused, what its session had sent of the same log before it
was told so is refused unread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from node.errors import OverloadedError
from node.ground.background import finish
from node.ground.ground import Ground
from node.intake.arrivals import Checked, check_run
from node.intake.fair_queue import FairQueue
from node.intake.signatures import SignatureAudit
from node.intake.signing import INLINE_BYTES_MAX, Draft, Signer
from protocol.chain import Head, RunResult
from protocol.codes import NOT_WANTED
from protocol.directory import LogView, Standing
from protocol.entry import Envelope
from protocol.errors import ForkError, RemoteError, SignatureError
from protocol.run import PackedRun, pack_runs
from storage.appending import NewRun

BATCH_BYTES_MAX = 4_000_000
BATCH_ITEMS_MAX = 200
UNFOLDED_BYTES_MAX = 4_000_000
"""Content of one commit: a batch that decompresses to more is committed in parts."""
PENDING_BYTES_MAX = 4_000_000
"""Content of uncovered entries that one session may leave waiting."""
DRAFTS_WAITING_MAX = 2_000
OWN_LANE = 0
"""Lane of own drafts in the queue; those of sessions have the numbers of their links, from 1."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a neighbour's run: our head after it, or why it was refused."""

    head: Head | None
    error: RemoteError | None = None
    failed: bool = False
    """True when our own disk or database failed; the neighbour has done nothing wrong."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A run from a neighbour; `answer` is called once, after the commit, unless the
    session ends before."""

    link: int
    log: bytes
    payload: bytes
    answer: Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Committed:
    """One log moved, from `previous` (sequence, id); `payload` is the run encoded for others."""

    head: Head
    previous: tuple[int, bytes] | None
    envelopes: tuple[Envelope, ...]
    payload: bytes | None
    came_from: int | None


@dataclass(slots=True)
class _Drafts:
    """Own entries that are signed and committed together."""

    drafts: tuple[Draft, ...]
    written: asyncio.Future[tuple[Envelope, ...]]


@dataclass(slots=True)
class _Step:
    """One item of a batch, and what checking it gave."""

    item: Arrival | _Drafts
    before: Head | None
    result: RunResult | None = None
    packed: tuple[PackedRun, ...] = ()
    error: Exception | None = None

    @property
    def moves(self) -> bool:
        return self.result is not None and bool(self.result.accepted)

    @property
    def payload(self) -> bytes | None:
        """What others are sent at once; they ask for what does not fit into one run."""
        return self.packed[0].payload if len(self.packed) == 1 else None


class Ingest:
    """The queue and the loop that empties it; `run` is one task of the node."""

    def __init__(self, ground: Ground) -> None:
        self._own_log = ground.own_log
        self._signer = Signer(ground)
        self._directory = ground.directory
        self._log_store = ground.log_store
        self._guard = ground.guard
        self._recovery = ground.recovery
        self._clock = ground.clock
        self._logger = ground.logger
        self._audit = SignatureAudit() if ground.settings.every_signature else None
        self._queue: FairQueue[Arrival | _Drafts] = FairQueue()
        self._drafts_waiting = 0
        self._pending: dict[tuple[int, bytes], tuple[Envelope, ...]] = {}
        self._refused: dict[tuple[int, bytes], RemoteError] = {}
        self._ended: set[int] = set()
        self.listeners: list[Callable[[Committed], None]] = []

    def arrive(self, arrival: Arrival) -> None:
        """Queue a neighbour's run; its size was bounded by the credit we granted."""
        self._queue.put(arrival.link, arrival)

    def forget_link(self, link: int) -> None:
        """A session ended: what waits of it, in the queue or for a signature, is dropped."""
        self._queue.drop(link)
        self._ended.add(link)
        self._forget_ended()

    def _forget_ended(self) -> None:
        for kept in (self._pending, self._refused):
            for key in [key for key in kept if key[0] in self._ended]:
                kept.pop(key)

    async def write(self, drafts: Sequence[Draft]) -> tuple[Envelope, ...]:
        """Sign and commit own entries together; returns when they are stored here.

        Raises `RecoveringError`, `FrozenError`, `OverloadedError`, or a storage error.
        """
        self._recovery.require_signing(self._directory.get(self._own_log))
        if self._drafts_waiting + len(drafts) > DRAFTS_WAITING_MAX:
            raise OverloadedError(f"More than {DRAFTS_WAITING_MAX} own entries wait to be written.")
        written: asyncio.Future[tuple[Envelope, ...]] = asyncio.get_running_loop().create_future()
        self._drafts_waiting += len(drafts)
        self._queue.put(OWN_LANE, _Drafts(tuple(drafts), written))
        try:
            return await asyncio.shield(written)
        finally:
            self._drafts_waiting -= len(drafts)

    async def run(self) -> None:
        """Work until cancelled; a batch that was begun is finished first."""
        while True:
            batch = [await self._queue.get()]
            size_bytes = _size_bytes(batch[0])
            while len(batch) < BATCH_ITEMS_MAX and size_bytes < BATCH_BYTES_MAX:
                if (item := self._queue.take()) is None:
                    break
                batch.append(item)
                size_bytes += _size_bytes(item)
            await finish(self._process(batch))
            self._forget_ended()  # a session may have ended while its run was being checked
            self._ended.clear()

    async def _process(self, batch: list[Arrival | _Drafts]) -> None:
        heads: dict[bytes, Head | None] = {}
        steps: list[_Step] = []
        unfolded_bytes = 0
        for item in batch:
            log = item.log if isinstance(item, Arrival) else self._own_log
            step = _Step(item, heads.get(log, self._head(log)))
            steps.append(step)
            await self._check_safely(step)
            heads[log] = step.result.head if step.result else step.before
            unfolded_bytes += content_bytes(step.result.accepted) if step.result else 0
            if unfolded_bytes > UNFOLDED_BYTES_MAX:
                await self._complete(steps)
                heads, steps, unfolded_bytes = {}, [], 0
        await self._complete(steps)

    async def _complete(self, steps: list[_Step]) -> None:
        await self._store(steps)
        for step in steps:
            self._announce(step)

    async def _check_safely(self, step: _Step) -> None:
        try:
            await self._check(step)
        except RemoteError as error:
            step.error = error
        except Exception as error:  # noqa: BLE001  # ours, or a way past the decoders
            step.error = error
            self._note_failure("entries could not be checked", error)
        self._remember_refusal(step)

    def _remember_refusal(self, step: _Step) -> None:
        """The session asks for nothing more of this log; what is under way need not be read."""
        error = step.error or (step.result.error if step.result else None)
        if not isinstance(step.item, Arrival) or isinstance(error, NotWantedError):
            return
        if isinstance(error, RemoteError):
            without_run = type(error)(str(error))  # its traceback holds on to the whole run
            self._refused.setdefault((step.item.link, step.item.log), without_run)

    async def _check(self, step: _Step) -> None:
        if isinstance(step.item, _Drafts):
            self._recovery.require_signing(self._directory.get(self._own_log))
            step.result, step.packed = await self._signer.sign(step.item.drafts, step.before)
            return
        arrival = step.item
        view = self._directory.get(arrival.log)
        if view is None or not self._directory.accepts(arrival.log):
            step.error = NotWantedError("this log is not accepted here")
            return
        if (refused := self._refused.get((arrival.link, arrival.log))) is not None:
            step.error = refused
            return
        waiting = self._pending.pop((arrival.link, arrival.log), ())
        inline = len(arrival.payload) <= INLINE_BYTES_MAX
        arguments = (step.before, arrival.log, arrival.payload, waiting)
        checked: Checked = (
            check_run(*arguments) if inline else await asyncio.to_thread(check_run, *arguments)
        )
        if checked.older is not None:
            await self._compare_with_stored(checked.older)
        result, step.packed = checked.result, checked.packed
        if self._audit is not None and not await self._audit.holds(result):
            result = self._audit.narrowed(step.before, result)
            step.packed = pack_runs(result.accepted)
        step.result = self._keep_pending(arrival, result)

    def _keep_pending(self, arrival: Arrival, result: RunResult) -> RunResult:
        """Let uncovered entries wait for their session's next run, within a bound for each link."""
        waiting = [items for key, items in self._pending.items() if key[0] == arrival.link]
        size_bytes = sum(map(content_bytes, waiting)) + content_bytes(result.pending)
        if size_bytes > PENDING_BYTES_MAX:
            error = SignatureError("too many bytes wait for a valid signature")
            return result._replace(pending=(), error=error)
        if result.pending:
            self._pending[arrival.link, arrival.log] = result.pending
        return result

    async def _compare_with_stored(self, older: Envelope) -> None:
        sequence = older.entry.header.sequence
        stored = await self._log_store.entry(older.entry.log, sequence)
        if stored is not None and stored.entry.id != older.entry.id:
            raise ForkError(f"another entry is stored at number {sequence}")

    async def _store(self, steps: list[_Step]) -> None:
        moving = [step for step in steps if step.moves]
        if not moving:
            return
        try:
            await self._append(moving)
        except Exception as error:  # noqa: BLE001  # logged; the queue goes on
            self._note_failure("commit failed", error)
            if len(moving) == 1:
                moving[0].error = error
                return
            for step in moving:
                await self._store_alone(step)
        await self._write_guard(moving)

    async def _store_alone(self, step: _Step) -> None:
        try:
            await self._append([step])
        except Exception as error:  # noqa: BLE001  # what builds on it fails at storage's check
            step.error = error
            self._note_failure("commit failed", error)

    async def _append(self, steps: list[_Step]) -> None:
        new = [NewRun(step.result, step.packed) for step in steps if step.result is not None]
        await self._log_store.append_batch(new, self._clock.time_ms())

    async def _write_guard(self, moving: list[_Step]) -> None:
        heads = [
            step.result.head
            for step in moving
            if step.result and step.error is None and step.result.log == self._own_log
        ]
        if not heads or heads[-1] is None or self._recovery.reason is not None:
            return  # while recovering the guard must not forget how much is missing
        try:
            await asyncio.to_thread(self._guard.raise_to, heads[-1])
        except OSError as error:
            self._recovery.block("the guard file cannot be written")
            self._note_failure("guard file could not be written", error)
            for step in moving:
                if step.result and step.result.log == self._own_log:
                    step.error = error

    def _announce(self, step: _Step) -> None:
        result = step.result
        stored = step.moves and (step.error is None)
        if stored and result is not None and result.head is not None:
            self._move(result.log, result.head)
            came_from = step.item.link if isinstance(step.item, Arrival) else None
            previous = (step.before.sequence, step.before.id) if step.before else None
            committed = Committed(result.head, previous, result.accepted, step.payload, came_from)
            for listener in self.listeners:
                self._tell(listener, committed)
        if isinstance(step.item, _Drafts):
            _resolve(step.item.written, result, step.error)
        else:
            self._answer(step.item, step)

    def _move(self, log: bytes, head: Head) -> None:
        standing = Standing.OWN if log == self._own_log else Standing.MEMBER
        view = self._directory.get(log) or LogView(log, standing)
        self._directory.put(view._replace(head=head))

    def _tell(self, listener: Callable[[Committed], None], committed: Committed) -> None:
        try:
            listener(committed)
        except Exception as error:  # noqa: BLE001  # stored all the same: others still hear of it
            self._note_failure("listener failed", error)

    def _answer(self, arrival: Arrival, step: _Step) -> None:
        error = step.error or (step.result.error if step.result else None)
        remote = error if isinstance(error, RemoteError) else None
        outcome = Outcome(self._head(arrival.log), remote, failed=error is not None and not remote)
        try:
            arrival.answer(outcome)
        except Exception as failure:  # noqa: BLE001  # logged; the queue goes on
            self._note_failure("session failed", failure)

    def _head(self, log: bytes) -> Head | None:
        view = self._directory.get(log)
        return view.head if view else None

    def _note_failure(self, event: str, error: Exception) -> None:
        self._logger.error(event, exc_info=error)


class NotWantedError(RemoteError):
    """A run of a log that is not (or no longer) accepted here."""

    code = NOT_WANTED
    advice = "Accept the log under members if you want it."


def content_bytes(envelopes: Sequence[Envelope]) -> int:
    """How much content these entries carry."""
    return sum(len(item.body.content) for item in envelopes if item.body)


def _size_bytes(item: Arrival | _Drafts) -> int:
    if isinstance(item, Arrival):
        return len(item.payload)
    return sum(len(draft.content) for draft in item.drafts)


def _resolve(
    written: asyncio.Future[tuple[Envelope, ...]],
    result: RunResult | None,
    error: Exception | None,
) -> None:
    if written.done():
        return
    if error is not None:
        written.set_exception(error)
    elif result is not None:
        written.set_result(result.accepted)
