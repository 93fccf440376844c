"""Makes what was checked durable, and only then known: to the directory, listeners and senders.

While one part is committed the next is checked, on top of heads that are not on the disk yet. When
something of a part fails, whatever was checked on top of it fails with the same error. A commit
that failed may have been carried out all the same: the database is asked before anything is built
on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from node.ground.ground import Ground
from node.intake.signatures import SignatureAudit, all_hold
from node.intake.step import Arrival, Committed, Outcome, Step
from node.intake.telling import tell
from node.intake.uncertain import Uncertain
from protocol.chain import Head
from protocol.directory import LogView, Standing
from protocol.errors import ForkError, RemoteError
from protocol.run import pack_runs
from storage.appending import NewRun
from storage.errors import DamagedLogError, StorageError


class Committer:
    """The second half of ingest; one part at a time."""

    def __init__(self, ground: Ground, listeners: list[Callable[[Committed], None]]) -> None:
        self._own_log = ground.own_log
        self._directory = ground.directory
        self._log_store = ground.log_store
        self._guard = ground.guard
        self._recovery = ground.recovery
        self._clock = ground.clock
        self._logger = ground.logger
        self._audit = SignatureAudit() if ground.settings.every_signature else None
        self._listeners = listeners
        self._lost: dict[bytes, Exception] = {}
        self._uncertain = Uncertain(ground.log_store)

    def head(self, log: bytes) -> Head | None:
        """Where a log stands on the disk."""
        view = self._directory.get(log)
        return view.head if view else None

    async def complete(self, steps: list[Step]) -> None:
        """Audit, commit, announce and answer a part; never raises."""
        await self._finish_audits(steps)
        await self._look_again()
        self._part_from_lost(steps)
        await self._store([step for step in steps if step.moves])
        self._part_from_lost(steps)
        for step in steps:
            await self._compare_with_stored(step)
            self._announce(step)
        self._lost = {step.log: step.refusal for step in steps if step.refusal is not None}

    async def doubt(self, log: bytes) -> Exception | None:
        """Why nothing may be built on a log now: a commit failed, and the database does not say
        whether it was carried out. None when all is known."""
        await self._look_again()
        return self._uncertain.error(log)

    async def _look_again(self) -> None:
        """Take in what is stored although its commit failed; whoever wanted it was told that it
        failed, and what was checked without it fails as well."""
        try:
            found = await self._uncertain.stored()
        except StorageError:
            return  # it is asked again before the next part
        for step in found:
            assert step.error is not None, "its commit failed"
            self._lost[step.log], step.error = step.error, None
            self._logger.warning("stored although the commit failed", log=step.log)
            if step.log == self._own_log:
                await asyncio.to_thread(self._raise_guard, step)
            self._make_known(step)

    def begin_audit(self, step: Step) -> None:
        """Have signatures verified beside all else, when each of them is asked for."""
        if self._audit is not None and step.result is not None and isinstance(step.item, Arrival):
            step.signatures = self._audit.begin(step.result)

    async def _finish_audits(self, steps: list[Step]) -> None:
        for step in steps:
            with self._failing(step, "signatures could not be checked"):
                if step.result is not None and not await all_hold(step.signatures):
                    step.result = SignatureAudit.narrowed(step.before, step.result)
                    step.packed = pack_runs(step.result.accepted)

    def _part_from_lost(self, steps: list[Step]) -> None:
        """Refuse what continues or repeats entries that will not be stored after all."""
        heads: dict[bytes, Head | None] = {}
        for step in steps:
            actual = heads.get(step.log, self.head(step.log))
            if step.error is None and step.before != actual and step.log in self._lost:
                step.error = self._lost[step.log]
            if step.moves:
                heads[step.log] = step.after
            if step.refusal is not None:
                self._lost[step.log] = step.refusal

    async def _store(self, moving: list[Step]) -> None:
        """Commit together, or else each alone, so that one cannot hold up the rest."""
        if len(moving) > 1:
            with self._failing(None, "commit failed"):
                await self._append(moving)
                return
        for step in moving:
            with self._failing(step, "commit failed"):
                await self._append([step])
            if isinstance(step.error, StorageError):
                self._uncertain.add(step)

    async def _append(self, steps: list[Step]) -> None:
        """Commit, then move the guard when our own log moved: both in one go, fsynced."""
        new = [NewRun(step.result, step.packed) for step in steps if step.result is not None]
        own = [step for step in steps if step.log == self._own_log]
        afterwards = partial(self._raise_guard, *own) if own else None
        await self._log_store.append_batch(new, self._clock.time_ms(), afterwards)

    def _raise_guard(self, *own: Step) -> None:
        """Let the guard follow our own log; what it cannot follow is not made known."""
        head = own[-1].after
        if head is None or self._recovery.reason is not None:
            return  # while recovering the guard must not forget how much is missing
        try:
            self._guard.raise_to(head)
        except OSError as error:
            self._recovery.block("the guard file cannot be written")
            self._logger.exception("guard file could not be written")
            for step in own:
                step.error = error

    async def _compare_with_stored(self, step: Step) -> None:
        """A run behind our head says the same as what is stored, or it is a fork."""
        if step.older is None or step.error is not None:
            return
        header = step.older.entry.header
        with self._failing(step, "a stored entry could not be read"):
            try:
                stored = await self._log_store.entry(step.log, header.sequence)
            except DamagedLogError:
                return  # it brings nothing new, and what it would be compared with is being mended
            if stored is not None and stored.entry.id != step.older.entry.id:
                step.error = ForkError(f"another entry is stored at number {header.sequence}")

    def _make_known(self, step: Step) -> None:
        committed = step.committed()
        if committed is not None:
            self._move(step.log, committed.head)
            tell(self._listeners, committed, self._logger)

    def _announce(self, step: Step) -> None:
        self._make_known(step)
        if isinstance(step.item, Arrival):
            self._answer(step.item, step.refusal)
        elif step.error is not None:
            step.item.fail(step.error)
        elif step.result is not None:
            step.item.give_back(step.result.accepted)

    def _move(self, log: bytes, head: Head) -> None:
        standing = Standing.OWN if log == self._own_log else Standing.MEMBER
        view = self._directory.get(log) or LogView(log, standing)
        self._directory.put(view._replace(head=head))

    def _answer(self, arrival: Arrival, error: Exception | None) -> None:
        remote = error if isinstance(error, RemoteError) else None
        outcome = Outcome(self.head(arrival.log), remote, failed=error is not None and not remote)
        with self._failing(None, "session failed"):
            arrival.answer(outcome)

    @contextmanager
    def _failing(self, step: Step | None, event: str) -> Iterator[None]:
        """Whatever fails inside, of ours, is logged and ends this step; the queue goes on."""
        try:
            yield
        except Exception as error:
            self._logger.exception(event)
            if step is not None:
                step.error = error
