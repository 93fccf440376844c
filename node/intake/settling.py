"""Rotations that settle: our own, and a neighbour's branch that ends in one (protocol.md §6.5).

Both may put other entries in the place of what is stored, so they are taken alone, when nothing
else is under way: checked against the log on the disk, committed in one transaction with everything
derived from it dropped, and only then known. For our own log the guard is taken back to the entry
that is continued before, so that a crash never leaves a guard that no log can reach.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from node.errors import ArgumentError
from node.ground.ground import Ground
from node.intake.step import Committed, NotWantedError, Outcome
from node.intake.telling import tell
from protocol import fork
from protocol.chain import Head, RunResult, rotate, verify_run
from protocol.directory import LogView
from protocol.entry import Envelope
from protocol.errors import KeyEventError, LocalError, RemoteError
from protocol.identity import SigningKey
from protocol.limits import EPOCH_BYTES, RUN_ENTRIES_MAX, SALT_BYTES
from protocol.settling import verify_branch
from storage.appending import NewRun
from storage.errors import DatabaseFailedError, StorageError

ASKED_TIMES_MAX, ASK_AGAIN_SECONDS = 40, 0.5
"""For as long as a database takes to start again."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What a neighbour sent of a log, from after a key event through its next rotation."""

    link: int
    log: bytes
    after: int
    payloads: tuple[bytes, ...]
    answer: Callable[[Outcome], None]

    @property
    def size_bytes(self) -> int:
        """How much it takes while it waits."""
        return sum(map(len, self.payloads))


class Settled(NamedTuple):
    """A rotation of ours that is stored, and how many entries gave way to it."""

    envelope: Envelope
    given_way: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """Our own log's next key, and the digest of the one after it.

    `keep_through` is the number of the entry to continue from; the newest when it is None.
    `without_rest` is for a log that is not here in full: a person has given up what is missing.
    """

    seed: bytes
    next_digest: bytes
    keep_through: int | None
    without_rest: bool
    done: asyncio.Future[Settled]

    @property
    def size_bytes(self) -> int:
        """Nothing to speak of."""
        return 0


class _Place(NamedTuple):
    """Where entries are to follow: our view of the log, and the head they continue."""

    view: LogView
    base: Head


class Settler:
    """Takes one branch or rotation at a time; `listeners` are those of ingest."""

    def __init__(self, ground: Ground, listeners: list[Callable[[Committed], None]]) -> None:
        self._ground = ground
        self._listeners = listeners
        self.settling = asyncio.Lock()
        """Held meanwhile: a log is not frozen for a fork that is being settled."""

    async def take(self, item: Branch | Rotation) -> None:
        """Carry it out and answer; never raises."""
        async with self.settling:
            await self._take(item)

    async def _take(self, item: Branch | Rotation) -> None:
        if isinstance(item, Rotation):
            try:
                item.done.set_result(await self._rotate(item))
            except Exception as error:  # of any kind: raised where the rotation is waited for
                self._ground.logger.exception("the key could not be rotated")
                if not item.done.done():
                    item.done.set_exception(error)
            return
        failed, remote = False, None
        try:
            await self._adopt(item)
        except RemoteError as error:
            remote = error
        except Exception:  # of any kind: our own failure, for which the neighbour is not blamed
            failed = True
            self._ground.logger.exception("a branch could not be put in place")
        view = self._ground.directory.get(item.log)
        item.answer(Outcome(view.head if view else None, remote, failed=failed))

    async def _adopt(self, branch: Branch) -> None:
        view = self._ground.directory.get(branch.log)
        if view is None or not view.accepted or view.head is None:
            raise NotWantedError("this log is not accepted here")
        newest = (await self._ground.log_store.key_events(branch.log))[-1].entry
        if newest.header.sequence != branch.after:
            return  # another neighbour's answer to the same question came first
        place = _Place(view, Head(branch.log, branch.after, newest.id, view.head.keys))
        result = await asyncio.to_thread(verify_branch, place.base, branch.payloads)
        entries = result.accepted
        keep = await self._agreed_through(place, entries)
        if keep > branch.after:
            kept = entries[keep - branch.after - 1].entry
            place = place._replace(base=place.base._replace(sequence=keep, id=kept.id))
        new = result._replace(accepted=entries[keep - branch.after :])
        await self._commit(place, new, came_from=branch.link)

    async def _agreed_through(self, place: _Place, entries: Sequence[Envelope]) -> int:
        """Return the number of the last entry that the branch and what is stored have in common."""
        head, after = place.view.head, place.base.sequence
        assert head is not None, "whoever has a place has a head"
        sequence, last = after, min(head.sequence, after + len(entries))
        while sequence < last:
            through = min(last, sequence + RUN_ENTRIES_MAX)
            for stored in await self._ground.log_store.read_run(place.base.log, sequence, through):
                if stored.entry.id != entries[sequence - after].entry.id:
                    return sequence
                sequence += 1
        return sequence

    async def _rotate(self, wanted: Rotation) -> Settled:
        ground = self._ground
        view = ground.directory.get(ground.own_log)
        ground.recovery.require_rotation(view, without_rest=wanted.without_rest)
        if view is None or view.head is None:
            raise ArgumentError("Nothing of our own log is here; it has to come from a neighbour.")
        base = await self._head_at(view.head, wanted.keep_through)
        try:
            envelope = rotate(
                base,
                SigningKey(wanted.seed),
                wanted.next_digest,
                time_ms=ground.clock.time_ms(),
                salt=ground.clock.token(SALT_BYTES),
            )
        except KeyEventError as error:
            raise ArgumentError("That is not the key of this log's recovery sheet.") from error
        result = verify_run(base, base.log, [envelope])
        if result.error is not None or not result.accepted:
            raise LocalError("the rotation did not verify") from result.error
        given_way = await self._commit(_Place(view, base), result, seed=wanted.seed)
        return Settled(envelope, given_way)

    async def _head_at(self, head: Head, sequence: int | None) -> Head:
        if sequence is None or sequence == head.sequence:
            return head
        if not head.keys.since <= sequence < head.sequence:
            raise ArgumentError(
                f"A rotation continues from entry {head.keys.since} to {head.sequence} of this log:"
                " what came before a change of key stands."
            )
        stored = await self._ground.log_store.entry(head.log, sequence)
        assert stored is not None, "entries up to the head are stored"
        return head._replace(sequence=sequence, id=stored.entry.id)

    async def _commit(
        self, place: _Place, new: RunResult, *, came_from: int | None = None, seed: bytes = b""
    ) -> int:
        """Store, then guard, then tell, as for any other entries; returns how many gave way."""
        ground, (view, base) = self._ground, place
        assert view.head is not None, "checked by whoever made the place"
        assert new.head is not None, "something was accepted"
        now = view._replace(head=new.head, frozen=await self._still_forked(view, new.head))
        is_own = base.log == ground.own_log
        if is_own and base.sequence < view.head.sequence:
            await asyncio.to_thread(ground.guard.replace, base)
        epoch = ground.clock.token(EPOCH_BYTES)
        packed = await asyncio.to_thread(NewRun.of, new)
        store = partial(
            ground.settling_store.settle,
            *(view.head, packed, base.sequence),
            frozen=now.frozen,
            epoch=epoch,
            now_ms=ground.clock.time_ms(),
        )
        given_way = await self._store(store, place, new.head, seed)
        if is_own:
            await self._make_own(now, new.head, rotated=bool(seed))
        if given_way:
            ground.projections.recent.forget()
            await ground.search.begin_anew(epoch)
        ground.directory.put(now)
        event = "a log has a new key"
        ground.logger.warning(event, log=base.log, sequence=new.head.sequence, count=given_way)
        payload = packed.packed[0].payload if len(packed.packed) == 1 else None
        previous = (base.sequence, base.id)
        settled = given_way > 0 or view.frozen or came_from is not None
        size_bytes = sum(run.size_bytes for run in packed.packed)
        moved = (new.head, previous, new.accepted, payload, came_from, size_bytes)
        committed = Committed(*moved, settled)
        tell(self._listeners, committed, ground.logger)
        return given_way

    async def _still_forked(self, view: LogView, head: Head) -> bool:
        """Whether a proof that froze the log says something that the new key has not settled."""
        proofs = await self._ground.log_store.forks(view.log) if view.frozen else []
        return any(fork.proves(kept.proof, head.keys) for kept in proofs)

    async def _store(
        self,
        store: Callable[[], Coroutine[None, None, int]],
        place: _Place,
        head: Head,
        seed: bytes,
    ) -> int:
        """Commit; a key of our own lies beside the old one before, and in its place afterwards."""
        ground = self._ground
        if seed:
            await asyncio.to_thread(ground.own_key.announce, seed)
        try:
            given_way = await store()
        except Exception:  # of any kind: what went wrong does not tell whether it is stored
            if not await self._is_stored(head):
                if seed:
                    await asyncio.to_thread(ground.own_key.withdraw)
                raise
            ground.logger.warning("stored although the commit failed", log=head.log)
            assert place.view.head is not None, "checked by whoever made the place"
            given_way = place.view.head.sequence - place.base.sequence
        if seed:
            await asyncio.to_thread(ground.own_key.adopt, seed)
        return given_way

    async def _is_stored(self, head: Head) -> bool:
        """Whether it is, although its commit failed: only the database knows, and nothing may be
        built on the log before it has said. Raises a storage error when it says nothing for long;
        then the next start looks, and until then nothing is signed."""
        ground = self._ground
        for _ in range(ASKED_TIMES_MAX):
            try:
                row = await ground.log_store.log(head.log)
            except StorageError:
                await asyncio.sleep(ASK_AGAIN_SECONDS)
            else:
                return row is not None and row.head == head
        if head.log == ground.own_log:
            ground.recovery.block("nobody knows whether a new key is stored: restart the node")
        raise DatabaseFailedError("The database does not say whether a rotation is stored.")

    async def _make_own(self, view: LogView, head: Head, *, rotated: bool) -> None:
        ground = self._ground
        ground.recovery.compare_key(view, ground.own_key.current)
        try:
            if rotated:
                await asyncio.to_thread(ground.guard.replace, head)
                ground.recovery.note_rotated()
                ground.first_asking.end()
            elif ground.recovery.reason is None:
                await asyncio.to_thread(ground.guard.raise_to, head)
        except OSError as error:
            ground.recovery.block("the guard file cannot be written")
            ground.logger.error("guard file could not be written", exc_info=error)
