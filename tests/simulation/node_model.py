"""A simulated node: the real protocol, with this file in the place of storage and sockets.

It performs the hub's effects as the real node does; everything that changes a log goes through
the queue in :mod:`simulation.ingest_model`. A crash keeps only ``disk``.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from factories import signing_key
from protocol import errors
from protocol.directory import Directory, LogView, Standing
from protocol.entry import Envelope
from protocol.handshake import Ourselves
from protocol.hub import Hub
from protocol.identity import SigningKey
from protocol.run import encode_run
from protocol.transitions import Role, State
from simulation.blob_model import Files
from simulation.checkers import ORDINARY_CODES
from simulation.disk import Backup, Disk
from simulation.ingest_model import Ingest, Job, generation_of
from simulation.network import Connection

if TYPE_CHECKING:
    from simulation.scenario import World

START_MS = 1_767_225_600_000
TICK_MS = 1_000
MESSAGE_NAMES = (
    "", "HELLO", "AUTH", "RECONCILE", "HAVE", "WANT", "RUN", "STORED", "REFUSED", "FORK", "BYE",
    "WANT_BLOB", "BLOB", "NO_BLOB", "BLOB_HERE",
)  # fmt: skip
BACKOFF_FIRST_MS = 1_000
BACKOFF_MAX_MS = 20_000


def known_code(code: str) -> str:
    """Return a code of the protocol as it is, and any other as what it is: made up."""
    kinds = vars(errors).values()
    known = {kind.code for kind in kinds if isinstance(kind, type) and hasattr(kind, "code")}
    return code if code in known | ORDINARY_CODES else "(no code of the protocol)"


class SimNode:
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
        self.paused_until_ms = 0
        self.drift = 1.0
        self._clock_set = (0, START_MS)
        self.wall_step_ms = 0
        self.batch_entries = 50
        self.restores = 0
        self.random: Random = world.fork_random(f"node {name}")
        self._life = 0
        self._inbox: list[tuple[Callable[..., None], tuple[Any, ...]]] = []

    # --- life ------------------------------------------------------------------------------

    def start(self) -> None:
        """Load everything from disk and connect, as after a reboot."""
        self.up = True
        self._life += 1
        self.links: dict[int, Connection] = {}
        self.backoff_ms: dict[str, int] = {}
        self.ingest = Ingest(self)
        self.directory: Directory = self.disk.load_directory()
        self.claims: dict[int, int] = {}
        self.overridden = False
        ourselves = Ourselves(
            log=self.log,
            signer=self.sign,
            key_events=self.disk.key_events,
            epoch=hashlib.sha256(f"{self.name}/{self.restores}".encode()).digest()[:16],
            origins=frozenset({self.origin(self.name)}),
        )
        self.hub = Hub(self.directory, ourselves)
        self.files.open()
        self.world.trace.note(self.name, f"start at {self.own_sequence()}")
        self.ingest.write_guard()  # before anything is sent that a crash kept it from recording
        for log in sorted(self.disk.frozen):
            self.perform(self.hub.report_fork(self.disk.frozen[log], self.now_ms()))
        for other in self.dials:
            self.later(self.random.uniform(0, 500), self.dial, other)
        self.later(TICK_MS, self._tick)

    def crash(self, restored: Backup | None = None) -> None:
        """Stop at once: memory and everything not synced is gone, or all since a backup."""
        self.world.trace.note(self.name, "crash")
        self.up = False
        self._life += 1
        self._inbox.clear()
        self.paused_until_ms = 0
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
        resuming = action == self._resume
        if self.world.scheduler.now_ms < self.paused_until_ms or (self._inbox and not resuming):
            self._inbox.append((action, arguments))
        else:
            action(*arguments)

    def _resume(self) -> None:
        inbox, self._inbox = self._inbox, []
        for action, arguments in inbox:
            if self.up:
                action(*arguments)

    # --- clocks and keys -------------------------------------------------------------------

    def now_ms(self) -> int:
        """Return this node's own steady clock, which may run fast or slow, never back."""
        since_ms, shown_ms = self._clock_set
        return int(shown_ms + (self.world.scheduler.now_ms - since_ms) * self.drift)

    def set_drift(self, drift: float) -> None:
        """Change the pace of the clock from here on."""
        self._clock_set = (self.world.scheduler.now_ms, self.now_ms())
        self.drift = drift

    def key(self, generation: int) -> SigningKey:
        """Return one of the keys this municipality has made; 0 is the first."""
        return signing_key(self.number * 1_000 + generation)

    def sign(self, message: bytes) -> bytes:
        """Sign with the current key, by what the database holds."""
        return self.key(generation_of(self.disk.heads[self.log])).sign(message)

    @property
    def recovering(self) -> bool:
        """Whether our own log is, or is said to be, not all here: then nothing is signed."""
        claimed = max(self.claims.values(), default=0)
        lacking = self.disk.lacks_own_log(self.log) or self.own_sequence() < claimed
        return lacking and not self.signs_always

    def override(self) -> None:
        """A person has looked: what neighbours only claim about our log is not believed."""
        self.overridden = True
        self.claims.clear()

    def own_sequence(self) -> int:
        """Return how many entries of our own log are durable here."""
        return self.disk.heads[self.log].sequence

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

    def dial(self, other: str) -> None:
        """Try to reach a neighbour unless connected already."""
        if not any(link.other(self.name) == other for link in self.links.values()):
            self.world.network.dial(self.name, other)

    def dial_failed(self, other: str) -> None:
        """Try again later, twice as late each time."""
        wait_ms = self.backoff_ms.get(other, BACKOFF_FIRST_MS)
        self.backoff_ms[other] = min(2 * wait_ms, BACKOFF_MAX_MS)
        self.later(wait_ms * self.random.uniform(0.5, 1.0), self.dial, other)

    def connected(self, connection: Connection, dialer: bool) -> None:
        """Begin a session on a new connection."""
        self.later(0, self._begin, connection, dialer)

    def _begin(self, connection: Connection, dialer: bool) -> None:
        if self.name in connection.closed_at:
            return
        self.links[connection.number] = connection
        other = self.world.nodes[connection.other(self.name)]
        self.perform(
            self.hub.connect(
                connection.number,
                role=Role.DIALER if dialer else Role.RESPONDER,
                nonce=self.random.randbytes(32),
                now_ms=self.now_ms(),
                expected_log=other.log if dialer else None,
                origin=self.origin(other.name) if dialer else "",
            )
        )

    def received(self, connection: Connection, frame: bytes) -> None:
        """Take a frame from the wire."""
        self.later(0, self._receive, connection, frame)

    def _receive(self, connection: Connection, frame: bytes) -> None:
        if connection.number in self.links:
            self.perform(self.hub.receive(connection.number, frame, self.now_ms()))

    def disconnected(self, connection: Connection) -> None:
        """Hear that a connection is gone."""
        self.later(0, self._gone, connection)

    def _gone(self, connection: Connection) -> None:
        if self.links.pop(connection.number, None) is None:
            return
        self.claims.pop(connection.number, None)
        self.perform(self.hub.disconnected(connection.number, self.now_ms()))
        self._redial(connection)

    def _redial(self, connection: Connection) -> None:
        other = connection.other(self.name)
        if other in self.dials:
            self.dial_failed(other)

    def _tick(self) -> None:
        self.perform(self.hub.tick(self.now_ms()))
        self.files.look()
        self.later(TICK_MS, self._tick)

    # --- effects ---------------------------------------------------------------------------

    def perform(self, effects: list[Any]) -> None:
        """Carry out what the hub asks for, in order."""
        for effect in effects:
            handler = getattr(self, f"_on_{type(effect).__name__.lower()}", None)
            if handler is not None:
                handler(effect)

    def send(self, connection: Connection, frame: bytes) -> None:
        """Put a frame on the wire; hostile nodes do it their own way."""
        if self.up:
            self.world.network.send(connection, self.name, frame)

    def _on_send(self, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None:
            frame = effect.frame
            self.world.count(f"message {MESSAGE_NAMES[frame[1]]}")
            if frame[1] in (1, 2) and connection.dialer == self.name:
                self.world.overheard(connection, frame)
            self.world.trace.note(
                self.name,
                f"#{effect.link} to {connection.other(self.name)}: {MESSAGE_NAMES[frame[1]]},"
                f" {len(frame)} bytes {zlib.crc32(frame):08x}",
            )
            self.send(connection, frame)

    def _on_close(self, effect: Any) -> None:
        connection = self.links.pop(effect.link, None)
        self.claims.pop(effect.link, None)
        if connection is not None:
            self.world.trace.note(self.name, f"#{effect.link} close: {effect.code} {effect.reason}")
            self.world.count(f"closed: {known_code(effect.code)}")
            self.world.oracle.accused(self, connection, effect.code)
            self.world.network.close(connection, self.name)
            self.perform(self.hub.disconnected(effect.link, self.now_ms()))
            self._redial(connection)

    def _on_authenticated(self, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None:
            self.world.oracle.authenticated(self, connection, effect.log)

    def _on_reconciledone(self, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None:
            self.backoff_ms.pop(connection.other(self.name), None)

    def _on_supply(self, effect: Any) -> None:
        self.later(self.random.uniform(0, 4), self._supply, effect)

    def _supply(self, effect: Any) -> None:
        """Read a run from disk, as much as this node puts in one frame."""
        chain = self.disk.chains.get(effect.log, [])
        envelopes: list[Envelope] = []
        size_bytes = 0
        for envelope in chain[effect.after_sequence : effect.through_sequence]:
            size_bytes += len(envelope.entry.raw) + len(
                envelope.body.content if envelope.body else b""
            )
            if envelopes and (
                size_bytes > effect.bytes_max or len(envelopes) >= self.batch_entries
            ):
                break
            envelopes.append(envelope)
        payload = encode_run(envelopes) if envelopes else b""
        first = effect.after_sequence + 1
        self.perform(
            self.hub.supply(effect.link, effect.log, first, len(envelopes), payload, self.now_ms())
        )

    def _on_runarrived(self, effect: Any) -> None:
        self.ingest.add(Job(effect.log, effect.link, effect.payload, effect.cost_bytes))

    def _on_brancharrived(self, effect: Any) -> None:
        self.later(0, self.ingest.settle, effect)

    def _on_supplyblob(self, effect: Any) -> None:
        self.files.answer(effect)

    _on_blobarrived = _on_bloboffered = _on_supplyblob

    def _on_blobwrong(self, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None:
            self.world.oracle.accused(self, connection, "wrong_blob")

    def _on_ownlogahead(self, effect: Any) -> None:
        self.world.trace.note(self.name, f"own log ahead: {effect.sequence}")
        if not self.overridden:
            self.claims[effect.link] = effect.sequence

    def _on_forksuspected(self, effect: Any) -> None:
        chain = self.disk.chains.get(effect.log, [])
        if len(chain) >= effect.sequence:
            ours = chain[effect.sequence - 1].entry
            events = self.disk.key_events(effect.log)
            self.perform(self.hub.judge_fork(effect.link, effect.log, events, ours, self.now_ms()))

    def _on_forkfound(self, effect: Any) -> None:
        view = self.directory.get(effect.log)
        if view is None or view.frozen:
            return
        self.world.trace.note(self.name, f"fork of {self.world.title(effect.log)}")
        self.disk.frozen[effect.log] = effect.proof
        self.directory.put(view._replace(frozen=True))
        self.world.oracle.frozen(self, effect.log, effect.proof)
        self.perform(self.hub.report_fork(effect.proof, self.now_ms()))

    def _on_logrefused(self, effect: Any) -> None:
        if effect.log == self.log:
            self.claims.pop(effect.link, None)
        self.world.count(f"log refused: {known_code(effect.code)}")
        connection = self.links.get(effect.link)
        if connection is not None and effect.log not in self.world.oracle.forks:
            self.world.oracle.accused(self, connection, effect.code)
        self.world.trace.note(
            self.name, f"#{effect.link} {self.world.title(effect.log)} refused: {effect.code}"
        )

    # --- what the municipality does ----------------------------------------------------------

    def publish(self, kind: str, content: bytes) -> None:
        """Ask for an entry of our own; it is acknowledged after it is synced."""
        if self.up and not self.recovering and self.log not in self.disk.frozen:
            self.ingest.add(Job(self.log, kind=kind, content=content))

    def accept_log(self, log: bytes) -> None:
        """Make a log a member, as an administrator does."""
        self.disk.standings[log] = Standing.MEMBER
        if self.up:
            view = self.directory.get(log) or LogView(log, Standing.MEMBER)
            self.directory.put(view._replace(standing=Standing.MEMBER))
            self.perform(self.hub.standing_changed(log, self.now_ms()))
