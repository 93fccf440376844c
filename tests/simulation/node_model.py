"""A simulated node: the real protocol, with this file in the place of storage and sockets.

It performs the hub's effects as the real node does (:mod:`simulation.effects_model`); everything
that changes a log goes through the queue in :mod:`simulation.ingest_model`. When a neighbour is
dialled again, and whether the node may sign, is decided by the real node's own rules
(:mod:`node.sync.backoff`, :mod:`simulation.own_log_model`). A crash keeps only ``disk``.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from factories import signing_key
from node.sync.backoff import Backoff
from protocol.directory import Directory, LogView, Standing
from protocol.entry import Envelope
from protocol.handshake import VERSIONS, Ourselves
from protocol.hub import Hub
from protocol.identity import KEY_KIND, SigningKey
from protocol.invite import invite_key, key_digest
from protocol.limits import EPOCH_BYTES
from protocol.transitions import Role, State
from simulation.blob_model import Files
from simulation.disk import Backup, Disk
from simulation.effects_model import MESSAGE_NAMES, Effects, ProcessDiedError
from simulation.ingest_model import Ingest, Job
from simulation.network import Connection
from simulation.own_log_model import OwnLog

if TYPE_CHECKING:
    from simulation.world import World

__all__ = ["MESSAGE_NAMES", "SimNode"]

START_MS = 1_767_225_600_000
TICK_MS = 1_000
LATER_TICKS_MS = ((20_000, 5_000), (150_000, 30_000), (900_000, 120_000))
"""How often a node looks at the time when nothing has happened at it for so long. Time-outs of the
protocol are noticed up to so much later than in a real node, which looks twice a second."""


class SimNode(Effects):
    """One municipality's node; everything it keeps over a crash is in ``disk``."""

    def __init__(self, world: World, name: str, number: int, first: Envelope) -> None:
        self.world = world
        self.name = name
        self.number = number
        self.log = first.entry.id
        self.disk = Disk()
        self.files = Files(self)
        self.dials: list[str] = []
        self.up = False
        self.correct = True
        self.signs_always = False
        self.versions = VERSIONS
        self.paused_until_ms = 0
        self.drift = 1.0
        self._clock_set = (0, START_MS)
        self.wall_step_ms = 0
        self.batch_entries = 50
        self.restores = 0
        self.disk_misreads = 0
        self.next_misread: str | None = None
        self.is_behind_its_key = False
        self.rotated_ms = -1
        self.was_put_back = False
        self.invited_by: dict[bytes, bytes] = {}
        self.invites_held: dict[int, dict[bytes, bytes]] = {}
        self.random: Random = world.fork_random(f"node {name}")
        self._life = 0
        self._inbox: list[tuple[Callable[..., None], tuple[Any, ...]]] = []

    # --- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """Load everything from disk and connect, as after a reboot."""
        self.up = True
        self._life += 1
        self.links: dict[int, Connection] = {}
        self.parties: dict[int, bytes] = {}
        self._backoffs: dict[str, Backoff] = {}
        self.ingest = Ingest(self)
        self.directory: Directory = self.disk.load_directory()
        self.disk.finish_rotation(self.log)
        self.own = OwnLog(self)
        self.is_behind_its_key |= self.own.recovery.has_other_key
        self.hub = Hub(self.directory, self._ourselves())
        self.files.open()
        self._active_ms = self.world.scheduler.now_ms
        self._tick_number = 0
        self.world.trace.note(self.name, f"start at {self.own_sequence()}")
        try:
            for log in sorted(self.disk.frozen):
                self.perform(self.hub.report_fork(self.disk.frozen[log], self.now_ms()))
        except ProcessDiedError:
            return
        invited = [name for name in self.world.nodes if self._is_invited_by(name)]
        for other in [*self.dials, *(name for name in invited if name not in self.dials)]:
            self.later(self.random.uniform(0, 500), self.dial, other)
        self.later(TICK_MS, self._tick, 0)

    def _ourselves(self) -> Ourselves:
        return Ourselves(
            log=self.log,
            signer=self.sign,
            key_events=self.disk.key_events,
            epoch=self.random.randbytes(EPOCH_BYTES),
            origins=frozenset({self.origin(self.name)}),
            invited=lambda digest, log: digest in self.disk.invites,
            own_origin=self.origin(self.name),
            public_key=lambda: self.own.key.public_key,
            versions=self.versions,
        )

    def crash(self, restored: Backup | None = None) -> None:
        """Stop at once: memory and everything not synced is gone, or all since a backup."""
        self.world.trace.note(self.name, "crash")
        if self.up:
            self.own.note_run()
        self.up = False
        self._life += 1
        self._inbox.clear()
        self.paused_until_ms = 0
        self.dies_after = None
        self.disk.crash(self.random)
        self.files.crash(self.random)
        if restored is not None:
            self.world.trace.note(self.name, "an old backup is restored")
            self.disk.restore(restored)
            self.restores += 1
            self.world.oracle.restored(self)
        self.world.oracle.reloaded(self)
        self.world.network.station_down(self.name)

    def pause(self, duration_ms: int) -> None:
        """Do nothing for a while; what arrives waits."""
        self.paused_until_ms = self.world.scheduler.now_ms + duration_ms
        self.later(duration_ms, self._resume)

    def wake(self) -> None:
        """End a pause now."""
        self.paused_until_ms = 0
        self._resume()

    def later(self, delay_ms: float, action: Callable[..., None], *arguments: Any) -> None:
        """Schedule work that a crash forgets and a pause holds back."""
        self.world.scheduler.after(delay_ms, self._run, self._life, action, arguments)

    def _run(self, life: int, action: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        if life != self._life:
            return
        waits = self._inbox and action != self._resume
        if waits or self.world.scheduler.now_ms < self.paused_until_ms:
            self._inbox.append((action, arguments))
            return
        try:
            action(*arguments)
        except ProcessDiedError:
            self._died()

    def _do(self, action: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            action(*arguments)
        except ProcessDiedError:
            self._died()

    def _died(self) -> None:
        self.world.trace.note(self.name, "died in the middle")

    def _resume(self) -> None:
        inbox, self._inbox = self._inbox, []
        life = self._life
        for action, arguments in inbox:
            if self._life == life:
                self._do(action, arguments)

    # --- clocks and keys -------------------------------------------------------------------

    def now_ms(self) -> int:
        """Return this node's own steady clock, which may run fast or slow, never back."""
        since_ms, shown_ms = self._clock_set
        if self.drift == 1.0:
            return shown_ms + self.world.scheduler.now_ms - since_ms
        return int(shown_ms + (self.world.scheduler.now_ms - since_ms) * self.drift)

    def set_drift(self, drift: float) -> None:
        """Change the pace of the clock from here on."""
        self._clock_set = (self.world.scheduler.now_ms, self.now_ms())
        self.drift = drift

    def key(self, generation: int) -> SigningKey:
        """Return one of the keys this municipality has made; 0 is the first."""
        return signing_key(self.number * 1_000 + generation)

    def sign(self, message: bytes) -> bytes:
        """Sign with the key that lies on this machine."""
        return self.own.key.sign(message)

    @property
    def recovering(self) -> bool:
        """Whether our own log or key may not be what it should: then nothing is signed."""
        return self.own.recovery.reason is not None and not self.signs_always

    def override(self) -> None:
        """A person has looked: what neighbours only claim about our log is not believed.

        What the guard says is missing is never overridden: that takes a new key.
        """
        if self.up and not self.disk.lacks_own_log(self.log):
            self.own.override()

    def own_sequence(self) -> int:
        """Return how many entries of our own log are durable here."""
        head = self.disk.heads.get(self.log)
        return head.sequence if head else 0

    def origin(self, name: str) -> str:
        """Return the address under which a node is dialled."""
        return f"https://{name.lower()}.example"

    # --- what the network calls ------------------------------------------------------------

    def is_live_with(self, other: str) -> bool:
        """Whether a session with a neighbour has been reconciled."""
        statuses = [
            self.hub.link_status(number)
            for number, connection in self.links.items()
            if connection.other(self.name) == other
        ]
        return any(status is not None and status.state is State.LIVE for status in statuses)

    def backoff(self, other: str) -> Backoff:
        """Return how long we have been calling a neighbour in vain."""
        return self._backoffs.setdefault(other, Backoff())

    def dial(self, other: str) -> None:
        """Try to reach a neighbour unless connected already."""
        if self.world.nodes[other].log not in self.disk.neighbours:
            return  # removed; who is invited again is dialled then
        if not any(link.other(self.name) == other for link in self.links.values()):
            self.world.network.dial(self.name, other)

    def dial_failed(self, other: str) -> None:
        """Try again later, twice as late each time up to a bound."""
        delay_ms = self.backoff(other).next_delay_ms(self.random.random())
        self.later(delay_ms, self.dial, other)

    def connected(self, connection: Connection, dialer: bool) -> None:
        """Begin a session on a new connection."""
        self.later(0, self._begin, connection, dialer)

    def _begin(self, connection: Connection, dialer: bool) -> None:
        if self.name in connection.closed_at:  # it was gone before we could look at it
            self._redial(connection)
            return
        self.links[connection.number] = connection
        self.invites_held[connection.number] = dict(self.invited_by)
        other = self.world.nodes[connection.other(self.name)] if dialer else None
        self.touch()
        self.perform(
            self.hub.connect(
                connection.number,
                role=Role.DIALER if dialer else Role.RESPONDER,
                nonce=self.random.randbytes(32),
                now_ms=self.now_ms(),
                expected_log=other.log if other else None,
                origin=self.origin(other.name) if other else "",
                invite=self.invited_by.get(other.log) if other else None,
            )
        )

    def received(self, connection: Connection, frame: bytes) -> None:
        """Take a frame from the wire."""
        self.later(0, self._receive, connection, frame)

    def _receive(self, connection: Connection, frame: bytes) -> None:
        if connection.number in self.links:
            self.touch()
            self.perform(self.hub.receive(connection.number, frame, self.now_ms()))

    def disconnected(self, connection: Connection) -> None:
        """Hear that a connection is gone."""
        self.later(0, self._gone, connection)

    def _gone(self, connection: Connection) -> None:
        if self.links.pop(connection.number, None) is None:
            return
        self.parties.pop(connection.number, None)
        self.perform(self.hub.disconnected(connection.number, self.now_ms()))
        self._redial(connection)

    def _redial(self, connection: Connection) -> None:
        other = connection.other(self.name)
        if other in self.dials or self._is_invited_by(other):
            self.dial_failed(other)

    def _is_invited_by(self, other: str) -> bool:
        node = self.world.nodes.get(other)
        return node is not None and node.log in self.invited_by

    def _tick(self, number: int) -> None:
        """Tell the hub the time; seldom while nothing has happened for long."""
        if number != self._tick_number:
            return
        self.later(self._pace_ms(), self._tick, number)
        self.own.note_run()
        self.perform(self.hub.tick(self.now_ms()))
        self.files.look()

    def _pace_ms(self) -> int:
        still_ms, pace_ms = self.world.scheduler.now_ms - self._active_ms, TICK_MS
        for after_ms, later_ms in LATER_TICKS_MS:
            if still_ms < after_ms:
                break
            pace_ms = later_ms
        return pace_ms

    def touch(self) -> None:
        """Something happens: look at the time every second again."""
        now_ms = self.world.scheduler.now_ms
        if now_ms - self._active_ms >= LATER_TICKS_MS[0][0]:
            self._tick_number += 1
            self.later(TICK_MS, self._tick, self._tick_number)
        self._active_ms = now_ms

    def send(self, connection: Connection, frame: bytes) -> None:
        """Put a frame on the wire; hostile nodes do it their own way."""
        if self.up:
            self.world.network.send(connection, self.name, frame)

    # --- what the municipality does ----------------------------------------------------------

    def publish(self, kind: str, content: bytes) -> None:
        """Ask for an entry of our own; it is acknowledged after it is synced."""
        if self.up and self.own.recovery.reason is None and self._asks_first():
            self.later(TICK_MS, self.publish, kind, content)
        elif self.up and self.may_sign(kind):
            self.ingest.add(Job(self.log, kind=kind, content=content))

    def _asks_first(self) -> bool:
        return not self.signs_always and self.own.is_asking()

    def may_sign(self, kind: str) -> bool:
        """Whether an entry of this kind may be signed now, by the real node's rules."""
        if self.log in self.disk.frozen:
            return False
        if kind == KEY_KIND:
            is_present = self.own.key.public_key == self.disk.heads[self.log].keys.current
            return is_present and self.own.may_rotate() and not self.own.is_asking()
        return not self.recovering and not self._asks_first()

    def accept_log(self, log: bytes) -> None:
        """Make a log a member, as an administrator does."""
        self.disk.standings[log] = Standing.MEMBER
        if self.up:
            view = self.directory.get(log) or LogView(log, Standing.MEMBER)
            self.directory.put(view._replace(standing=Standing.MEMBER))
            self._do(lambda: self.perform(self.hub.standing_changed(log, self.now_ms())), ())

    def set_neighbour(self, log: bytes, wanted: bool) -> None:
        """Approve or remove a neighbour, as an administrator does."""
        for neighbours in (self.disk.neighbours, self.directory.neighbours):
            (neighbours.add if wanted else neighbours.discard)(log)
        if not wanted:
            self.own.claim_failed(log)
        for other in self.dials if wanted else ():
            if self.world.nodes[other].log == log:
                self.later(0, self.dial, other)
        self._do(lambda: self.perform(self.hub.standing_changed(log, self.now_ms())), ())

    def invite(self, guest: SimNode) -> None:
        """Hand an invite over; the guest adds us and calls at once."""
        secret = self.random.randbytes(16)
        self.disk.invites.add(key_digest(invite_key(secret).public_key))
        guest.invited_by[self.log] = secret
        guest.set_neighbour(self.log, True)
        guest.dial(self.name)
