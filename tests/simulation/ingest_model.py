"""A simulated node's ingest: the one queue through which every log changes.

A batch is verified, written and synced as one transaction, then the guard file is written, and
only then is anything acknowledged or told to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocol import fork
from protocol.chain import Author, Head, RunResult, verify_run
from protocol.effects import IngestOutcome
from protocol.entry import Body, Envelope, Header, commitment, seal
from protocol.errors import RemoteError
from protocol.identity import KEY_KIND, KeyEvent, Keys, next_key_digest, rotation_content
from protocol.run import decode_run, encode_run

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


def still_proves(proof: bytes, keys: Keys) -> bool:
    """Whether a proof that froze a log says something that a later key event has not settled."""
    try:
        fork.verify_proof(fork.decode_proof(proof), keys)
    except RemoteError:
        return False
    return True


class Ingest:
    """What waits to be stored at one node; a crash loses it."""

    def __init__(self, node: SimNode) -> None:
        self.node = node
        self._queue: list[Job] = []
        self._busy = False
        self._waiting: dict[bytes, tuple[Envelope, ...]] = {}
        self._fresh: dict[bytes, list[Envelope]] = {}

    def add(self, job: Job) -> None:
        """Put something in the queue."""
        self._queue.append(job)
        self._pump()

    def settle(self, branch: Any) -> None:
        """Put a branch that ends in a rotation in the place of what contradicts it."""
        if self._busy:
            self.node.later(1, self.settle, branch)
            return
        hub, log = self.node.hub, branch.log
        code = self._settle(log, branch.after, branch.payloads)
        if code is None:
            self.node.perform(hub.settled(log, self.node.now_ms()))
        else:
            outcome = IngestOutcome(self.node.disk.heads.get(log), code)
            self.node.perform(hub.ingested(branch.link, log, outcome, 0, self.node.now_ms()))

    def _settle(self, log: bytes, after: int, payloads: tuple[bytes, ...]) -> str | None:
        """Returns the code of what is wrong with a branch; None when it is in place."""
        disk, view = self.node.disk, self.node.directory.get(log)
        held, chain = disk.heads.get(log), disk.chains.get(log, [])
        if view is None or not view.accepted or held is None:
            return "not_wanted"
        if held.keys.since != after:
            return None
        try:
            branch = [item for payload in payloads for item in decode_run(payload)]
        except RemoteError as error:
            return error.code
        base = Head(log, after, chain[after - 1].entry.id, held.keys)
        result = verify_run(base, log, branch)
        if result.error is not None or result.pending or result.head is None:
            return result.error.code if result.error else "bad_signature"
        proof = disk.frozen.get(log)
        disk.chains[log], disk.heads[log] = [*chain[:after], *branch], result.head
        if proof is not None and not still_proves(proof, result.head.keys):
            del disk.frozen[log]
        self._waiting.pop(log, None)
        frozen = log in disk.frozen
        self.node.directory.put(view._replace(head=result.head, frozen=frozen))
        self.node.world.oracle.settled(self.node, log, after)
        return None

    def _pump(self) -> None:
        """Verify and write everything that waits, as one transaction."""
        if self._busy or not self._queue:
            return
        jobs, self._queue = self._queue, []
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
        self._busy = True
        self.node.disk.write([result for _, result, _ in done if result and result.accepted])
        self.node.later(
            self.node.random.uniform(1, 15) * self.node.world.disk_slowness, self._synced, done
        )

    def _check(self, job: Job, head: Head | None) -> tuple[RunResult | None, str | None]:
        """Return what a job adds to its log, and the code of what was wrong with it."""
        if job.kind:
            assert head is not None
            result = verify_run(head, self.node.log, [self._write(head, job)])
            assert result.error is None, result.error
            return result, None
        if not self.node.directory.accepts(job.log):
            return None, "not_wanted"
        try:
            envelopes = list(decode_run(job.payload))
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
            return Author(head, self.node.key(generation_of(head))).append(
                job.kind, job.content, time_ms=time_ms, salt=salt
            )
        revealed, following = (self.node.key(generation_of(head) + step) for step in (1, 2))
        event = KeyEvent(revealed.public_key, next_key_digest(following.public_key))
        content = rotation_content(event)
        header = Header(
            1, self.node.log, head.sequence + 1, head.id, time_ms, KEY_KIND, len(content),
            commitment(salt, content),
        )  # fmt: skip
        return seal(header, Body(salt, content), revealed)

    def _synced(self, done: list[tuple[Job, RunResult | None, str | None]]) -> None:
        """Everything of the batch is durable now; the guard file is next."""
        self.node.disk.sync()
        for job, result, _ in done:
            if result is not None and result.accepted:
                self.node.world.oracle.committed(self.node, job.log, result.accepted)
        if any(job.kind for job, _, _ in done):
            self.node.later(self.node.random.uniform(1, 5), self._guarded, done)
        else:
            self._guarded(done)

    def write_guard(self) -> None:
        """Record our own head outside the database."""
        own = self.node.disk.heads[self.node.log]
        if self.node.disk.guard is None or self.node.disk.guard[0] < own.sequence:
            self.node.disk.guard = (own.sequence, own.id)

    def _guarded(self, done: list[tuple[Job, RunResult | None, str | None]]) -> None:
        """Tell everybody, now that nothing told can be lost."""
        self.write_guard()
        self._busy = False
        for job, result, code in done:
            if job.kind:
                assert result is not None
                self.node.world.oracle.acknowledged(self.node, result.accepted)
            if result is not None and result.accepted and result.head is not None:
                self._tell(job, result)
            if job.link is not None:
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
        self._pump()

    def _tell(self, job: Job, result: RunResult) -> None:
        assert result.head is not None
        view = self.node.directory.get(job.log)
        assert view is not None
        previous = (view.head.sequence, view.head.id) if view.head else None
        self.node.directory.put(view._replace(head=result.head))
        small = len(result.accepted) <= self.node.batch_entries
        payload = encode_run(result.accepted) if small else None
        self.node.perform(
            self.node.hub.head_changed(
                job.log, previous, self.node.now_ms(), payload, len(result.accepted), job.link
            )
        )
