"""A simulated node's ingest: the one queue through which every log changes.

A batch is verified, written and synced as one transaction, then the guard file is written, and
only then is anything acknowledged or told to anybody. What puts entries in the place of others, a
rotation or a neighbour's branch, waits in the same queue and is taken alone (:mod:`node.intake`).
What a branch with a rotation may replace is decided by :func:`protocol.settling.verify_branch` and
:func:`protocol.fork.proves`, as in the node.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from protocol.chain import Author, Head, RunResult, rotate, verify_run
from protocol.codes import LOCAL_FAILURE
from protocol.effects import IngestOutcome
from protocol.entry import Envelope
from protocol.errors import RemoteError
from protocol.fork import proves
from protocol.identity import KEY_KIND, next_key_digest
from protocol.settling import verify_branch

if TYPE_CHECKING:
    from simulation.node_model import SimNode


@dataclass
class Job:
    """One thing in the queue: a run from a link, or an entry of our own to write."""

    log: bytes
    link: int | None = None
    payload: bytes = b""
    cost_bytes: int = 0
    kind: str = ""
    content: bytes = b""


def generation_of(head: Head) -> int:
    """Return how often the key has been changed by then."""
    return len(head.keys.periods) - 1


class Ingest:
    """What waits to be stored at one node; a crash loses it."""

    def __init__(self, node: SimNode) -> None:
        self.node = node
        self._queue: list[Job | Callable[[], None]] = []
        self._busy = False
        self._waiting: dict[bytes, tuple[Envelope, ...]] = {}
        self._fresh: dict[bytes, list[Envelope]] = {}

    def add(self, job: Job) -> None:
        """Put something in the queue."""
        self._queue.append(job)
        self._pump()

    def take_alone(self, change: Callable[[], None]) -> None:
        """Put a change of a log in the queue that is made when nothing else is under way."""
        self._queue.append(change)
        self._pump()

    def settle(self, branch: Any) -> None:
        """Put a branch that ends in a rotation in the place of what contradicts it."""
        self.take_alone(partial(self._settle, branch))

    def _settle(self, branch: Any) -> None:
        log, now_ms = branch.log, self.node.now_ms()
        try:
            moved = self._adopt(log, branch.after, branch.payloads)
            outcome = IngestOutcome(self.node.disk.heads.get(log), None)
        except RemoteError as error:
            moved, outcome = False, IngestOutcome(self.node.disk.heads.get(log), error.code)
        if moved:
            self.node.perform(self.node.hub.settled(log, now_ms))
        self.node.perform(self.node.hub.ingested(branch.link, log, outcome, 0, now_ms))

    def _adopt(self, log: bytes, after: int, payloads: tuple[bytes, ...]) -> bool:
        """Take a branch in; False when another answer came first. Raises what is wrong with it."""
        disk, view = self.node.disk, self.node.directory.get(log)
        held, chain = disk.heads.get(log), disk.chains.get(log, [])
        if view is None or not view.accepted or held is None or held.keys.since != after:
            return False
        result = verify_branch(Head(log, after, chain[after - 1].entry.id, held.keys), payloads)
        self.put_in_place(log, after, result)
        return True

    def put_in_place(self, log: bytes, after: int, result: RunResult) -> None:
        """Let what was accepted follow entry ``after``, whatever followed it before; one commit."""
        node, disk = self.node, self.node.disk
        view = node.directory.get(log)
        assert view is not None, "only an accepted log is settled"
        assert result.head is not None, "something was accepted"
        if log == node.log and disk.guard is not None and disk.guard[0] > after:
            disk.guard = (after, disk.chains[log][after - 1].entry.id)
        disk.chains[log] = [*disk.chains[log][:after], *result.accepted]
        disk.heads[log] = result.head
        proof = disk.frozen.get(log)
        if proof is not None and not proves(proof, result.head.keys):
            del disk.frozen[log]
        self._waiting.pop(log, None)
        node.directory.put(view._replace(head=result.head, frozen=log in disk.frozen))
        node.world.oracle.settled(node, log, after)
        if log == node.log:
            node.own.compare_key()
            if node.own.recovery.reason is None:
                node.own.raise_guard()

    def _pump(self) -> None:
        """Take what waits, in its order, unless something is under way."""
        while self._queue and not self._busy:
            self._busy = True
            first = self._queue[0]
            if isinstance(first, Job):
                self._write_together(self._next_jobs())
            else:
                del self._queue[0]
                first()
                self._busy = False

    def _next_jobs(self) -> list[Job]:
        """Take out of the queue what may share a commit: all before what is taken alone."""
        jobs: list[Job] = []
        for item in self._queue:
            if not isinstance(item, Job):
                break
            jobs.append(item)
        del self._queue[: len(jobs)]
        return jobs

    def _write_together(self, jobs: list[Job]) -> None:
        """Verify and write these as one transaction."""
        heads: dict[bytes, Head | None] = {}
        self._fresh = {}
        done: list[tuple[Job, RunResult | None, str | None]] = []
        for job in jobs:
            head = heads.get(job.log, self.node.disk.heads.get(job.log))
            result, code = self._check(job, head)
            if result is not None and result.accepted:
                heads[job.log] = result.head
                self._fresh.setdefault(job.log, []).extend(result.accepted)
            done.append((job, result, code))
        self.node.disk.write([result for _, result, _ in done if result and result.accepted])
        self.node.later(
            self.node.random.uniform(1, 15) * self.node.world.disk_slowness, self._synced, done
        )

    def _check(self, job: Job, head: Head | None) -> tuple[RunResult | None, str | None]:
        """Return what a job adds to its log, and the code of what was wrong with it."""
        if job.kind:
            if head is None or not self.node.may_sign(job.kind):
                return None, LOCAL_FAILURE  # what is so since it was asked for
            if job.kind != KEY_KIND and head.keys.current != self.node.own.key.public_key:
                return None, LOCAL_FAILURE
            result = verify_run(head, self.node.log, [self._write(head, job)])
            assert result.error is None, result.error
            return result, None
        if not self.node.directory.accepts(job.log):
            return None, "not_wanted"
        try:
            envelopes = self.node.world.runs.decode(job.payload)
        except RemoteError as error:
            return None, error.code
        waiting = self._waiting.pop(job.log, ())
        envelopes = self._skip_held(job.log, envelopes)
        if not envelopes:
            return None, None
        if waiting and envelopes[0].entry.header.previous == waiting[-1].entry.id:
            envelopes = [*waiting, *envelopes]
        result = verify_run(head, job.log, envelopes)
        if result.pending:
            self._waiting[job.log] = result.pending
        return result, result.error.code if result.error else None

    def _skip_held(self, log: bytes, envelopes: list[Envelope]) -> list[Envelope]:
        """Leave out what a run repeats of our own chain, entry by entry."""
        chain, fresh = self.node.disk.chains.get(log, []), self._fresh.get(log, [])
        for start, envelope in enumerate(envelopes):
            place = envelope.entry.header.sequence - 1
            held = chain[place : place + 1] or fresh[place - len(chain) :][:1]
            if place < 0 or not held or held[0].entry.id != envelope.entry.id:
                return envelopes[start:]
        return []

    def _write(self, head: Head, job: Job) -> Envelope:
        time_ms = max(0, self.node.now_ms() + self.node.wall_step_ms)
        salt = self.node.random.randbytes(32)
        if job.kind != KEY_KIND:
            return Author(head, self.node.own.key).append(
                job.kind, job.content, time_ms=time_ms, salt=salt
            )
        sheet = generation_of(head) + 1
        self.node.disk.key_announced = sheet
        digest = next_key_digest(self.node.key(sheet + 1).public_key)
        return rotate(head, self.node.key(sheet), digest, time_ms=time_ms, salt=salt)

    def _synced(self, done: list[tuple[Job, RunResult | None, str | None]]) -> None:
        """Everything of the batch is durable now; the guard file is next."""
        if self.node.disk.failing:
            self._failed(done)
            return
        self.node.disk.sync()
        for job, result, _ in done:
            if result is not None and result.accepted:
                self.node.world.oracle.committed(self.node, job.log, result.accepted)
        if any(job.kind for job, _, _ in done):
            self.node.later(self.node.random.uniform(1, 5), self._guarded, done)
        else:
            self._guarded(done)

    def _failed(self, done: list[tuple[Job, RunResult | None, str | None]]) -> None:
        """The disk could not sync: nothing of the batch is stored, and whoever sent it is told, as
        is who sent the same after it."""
        node, lost = self.node, set[bytes]()
        node.disk.lose()
        node.disk.key_announced = None
        for job, result, code in done:
            if result is not None and result.accepted:
                lost.add(job.log)
            if job.link is None:
                continue
            now_ms = node.now_ms()
            if job.log in lost and code is None:
                text = "this node could not store what arrived"
                node.perform(node.hub.close(job.link, LOCAL_FAILURE, text, now_ms))
            outcome = IngestOutcome(node.disk.heads.get(job.log), None)
            node.perform(node.hub.ingested(job.link, job.log, outcome, job.cost_bytes, now_ms))
        self._busy = False
        self._pump()

    def _guarded(self, done: list[tuple[Job, RunResult | None, str | None]]) -> None:
        """Tell everybody, now that nothing told can be lost."""
        if self.node.own.recovery.reason is None:
            self.node.own.raise_guard()
        for job, result, code in done:
            if job.kind and result is not None:
                self._acknowledge(job, result)
            if result is not None and result.accepted and result.head is not None:
                self._tell(job, result)
            if job.link is not None:
                if code is not None and job.log == self.node.log:
                    self._own_log_refused(job.link)
                head = self.node.disk.heads.get(job.log)
                self.node.perform(
                    self.node.hub.ingested(
                        job.link,
                        job.log,
                        IngestOutcome(head, code),
                        job.cost_bytes,
                        self.node.now_ms(),
                    )
                )
        self._busy = False
        self._pump()

    def _acknowledge(self, job: Job, result: RunResult) -> None:
        """Tell the author that it is stored, with the new key in force if it is a rotation."""
        if job.kind == KEY_KIND and result.head is not None:
            self.node.disk.finish_rotation(self.node.log)
            self.node.own.rotated()
            self.node.rotated_ms = self.node.world.scheduler.now_ms
            self.node.own.raise_guard()
        self.node.world.oracle.acknowledged(self.node, result.accepted)

    def _own_log_refused(self, link: int) -> None:
        """What a neighbour sent as our log was not."""
        if link in self.node.parties:
            self.node.own.claim_failed(self.node.parties[link])

    def _tell(self, job: Job, result: RunResult) -> None:
        assert result.head is not None
        view = self.node.directory.get(job.log)
        assert view is not None
        previous = (view.head.sequence, view.head.id) if view.head else None
        self.node.directory.put(view._replace(head=result.head))
        if job.log == self.node.log:
            self.node.own.settle()
        small = len(result.accepted) <= self.node.batch_entries
        payload = self.node.world.runs.encode(result.accepted) if small else None
        self.node.perform(
            self.node.hub.head_changed(
                job.log, previous, self.node.now_ms(), payload, len(result.accepted), job.link
            )
        )
