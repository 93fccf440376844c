"""Nodes in memory, joined by lists of frames, for tests of the sync protocol.

Each node is a real hub and directory over a dictionary of envelopes that only verified runs
enter. Frames of one direction keep their order; what happens next among links and ingests is
chosen by a seeded generator, so a failing test can be repeated from its seed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random

from factories import LogMaker
from memory_blobs import MemoryBlobs
from protocol import effects
from protocol.chain import Head, verify_run
from protocol.directory import Directory, LogView, Standing
from protocol.effects import Effect, IngestOutcome
from protocol.entry import Envelope
from protocol.errors import ForkError, RemoteError
from protocol.handshake import Ourselves
from protocol.hub import Hub
from protocol.run import decode_run, encode_run
from protocol.transitions import Role


def origin_of(log: bytes) -> str:
    """Return the address of a node in these tests."""
    return f"https://{log[:4].hex()}.example"


class MemoryNode:
    """One node: its own log, what it holds of others, and its hub."""

    def __init__(self, world: World, maker: LogMaker) -> None:
        self.world = world
        self.maker = maker
        self.own_log = maker.log
        self.directory = Directory()
        self.invites: dict[bytes, bytes | None] = {}
        """Those made here, by key digest, with the log that has used each."""
        self.received: dict[bytes, bytes] = {}
        """Secrets to show, by the log that made the invite."""
        self.stored: dict[bytes, list[Envelope]] = {}
        self.seen: list[Effect] = []
        ourselves = Ourselves(
            log=self.own_log,
            signer=self._sign,
            key_events=self.key_events,
            epoch=maker.log[:16],
            origins=frozenset({origin_of(self.own_log)}),
            invited=self._may_use,
            own_origin=origin_of(self.own_log),
            public_key=lambda: maker.key.public_key,
        )
        self.hub = Hub(self.directory, ourselves)
        self.blobs = MemoryBlobs(self.hub.blobs)
        self.directory.put(LogView(self.own_log, Standing.OWN))
        self.hold(maker.envelopes)

    def _may_use(self, key_digest: bytes, log: bytes) -> bool:
        return key_digest in self.invites and self.invites[key_digest] in (None, log)

    def _sign(self, message: bytes) -> bytes:
        return self.maker.key.sign(message)

    def key_events(self, log: bytes) -> tuple[Envelope, ...]:
        """Return the key events held of a log."""
        return tuple(item for item in self.stored.get(log, ()) if item.entry.is_key_event)

    def hold(self, envelopes: list[Envelope], came_from: int | None = None) -> RemoteError | None:
        """Verify and store entries that follow what is held, and tell the hub."""
        log = envelopes[0].entry.log
        view = self.directory.get(log) or LogView(log, Standing.MEMBER)
        previous = (view.head.sequence, view.head.id) if view.head else None
        result = verify_run(view.head, log, envelopes)
        if result.accepted:
            self.stored.setdefault(log, []).extend(result.accepted)
            self.directory.put(view._replace(head=result.head))
            payload = encode_run(result.accepted)
            self.perform(
                self.hub.head_changed(
                    log, previous, self.world.now_ms, payload, len(result.accepted), came_from
                )
            )
        return result.error

    def publish(self, count: int = 1) -> None:
        """Write own entries and store them."""
        for envelope in self.maker.extend(count):
            self.hold([envelope])

    def accept(self, log: bytes, standing: Standing = Standing.MEMBER) -> None:
        """Decide about a log."""
        view = self.directory.get(log)
        view = view._replace(standing=standing) if view else LogView(log, standing)
        self.directory.put(view)
        self.perform(self.hub.standing_changed(log, self.world.now_ms))

    def head(self, log: bytes) -> Head | None:
        """Return the head held of a log."""
        view = self.directory.get(log)
        return view.head if view else None

    def saw(self, kind: type) -> list:
        """Return the effects of one kind so far."""
        return [effect for effect in self.seen if isinstance(effect, kind)]

    def perform(self, todo: list[Effect]) -> None:
        """Carry out effects as a driver would."""
        for effect in todo:
            self.seen.append(effect)
            match effect:
                case effects.Send():
                    self.world.send(self, effect.link, effect.frame)
                case effects.Close():
                    self.world.cut(effect.link)
                case effects.Knocked(invite=bytes() as invite, log=log):
                    self.invites[invite] = log
                case effects.RunArrived():
                    self.world.later(lambda effect=effect: self._ingest(effect))
                case effects.Supply():
                    self.world.later(lambda effect=effect: self._supply(effect))
                case effects.SupplyBlob() | effects.BlobArrived() | effects.BlobOffered():
                    self.world.later(lambda effect=effect: self.blobs_do(effect))
                case effects.ForkSuspected():
                    ours = self.stored[effect.log][effect.sequence - 1].entry
                    key_events = self.key_events(effect.log)
                    self.perform(
                        self.hub.judge_fork(
                            effect.link, effect.log, key_events, ours, self.world.now_ms
                        )
                    )
                case effects.ForkFound():
                    view = self.directory.get(effect.log)
                    if not view.frozen:
                        self.directory.put(view._replace(frozen=True))
                        self.perform(self.hub.report_fork(effect.proof, self.world.now_ms))

    def blobs_do(self, effect: Effect) -> None:
        """Let the files answer an effect."""
        self.perform(self.blobs.answer(effect, self.world.now_ms))

    def _supply(self, effect: effects.Supply) -> None:
        held = self.stored[effect.log][effect.after_sequence : effect.through_sequence]
        held = held[: self.world.run_entries]
        payload = encode_run(held) if held else b""
        first = effect.after_sequence + 1
        self.perform(
            self.hub.supply(effect.link, effect.log, first, len(held), payload, self.world.now_ms)
        )

    def _ingest(self, effect: effects.RunArrived) -> None:
        error: RemoteError | None = None
        try:
            envelopes = list(decode_run(effect.payload))
            error = self._check_overlap(effect.log, envelopes)
            held = len(self.stored.get(effect.log, ()))
            new = [item for item in envelopes if item.entry.header.sequence > held]
            if error is None and new:
                error = self.hold(new, effect.link)
        except RemoteError as refused:
            error = refused
        outcome = IngestOutcome(self.head(effect.log), error.code if error else None)
        self.perform(
            self.hub.ingested(
                effect.link, effect.log, outcome, effect.cost_bytes, self.world.now_ms
            )
        )

    def _check_overlap(self, log: bytes, envelopes: list[Envelope]) -> RemoteError | None:
        stored = self.stored.get(log, [])
        for envelope in envelopes:
            sequence = envelope.entry.header.sequence
            if sequence <= len(stored) and stored[sequence - 1].entry.id != envelope.entry.id:
                return ForkError("another entry is stored at this number")
        return None


class World:
    """All nodes and links of one test, and what is still to happen."""

    def __init__(self, seed: int = 0) -> None:
        self.random = Random(seed)
        self.now_ms = 1_000
        self.run_entries = 1_000
        self.nodes: list[MemoryNode] = []
        self.links: dict[int, tuple[MemoryNode, MemoryNode]] = {}
        self.frames: list[tuple[int, bytes]] = []
        self._wires: dict[tuple[int, int], deque[bytes]] = {}
        self._tasks: deque[Callable[[], None]] = deque()
        self.tamper: Callable[[MemoryNode, bytes], bytes | None] = lambda sender, frame: frame

    def add(self, maker: LogMaker) -> MemoryNode:
        """Add a node with this log as its own."""
        node = MemoryNode(self, maker)
        self.nodes.append(node)
        return node

    def befriend(self, left: MemoryNode, right: MemoryNode) -> None:
        """Make two nodes neighbours that accept each other's log."""
        for node, other in ((left, right), (right, left)):
            node.directory.neighbours.add(other.own_log)
            if node.directory.get(other.own_log) is None:
                node.directory.put(LogView(other.own_log, Standing.MEMBER))

    def dial(self, dialer: MemoryNode, responder: MemoryNode, *, origin: str = "") -> int:
        """Open a link; returns its number. Nothing has been exchanged yet."""
        link = len(self.links) + 1
        self.links[link] = (dialer, responder)
        self._wires[link, 0], self._wires[link, 1] = deque(), deque()
        nonces = [self.random.randbytes(32) for _ in range(2)]
        responder.perform(
            responder.hub.connect(link, role=Role.RESPONDER, nonce=nonces[0], now_ms=self.now_ms)
        )
        dialer.perform(
            dialer.hub.connect(
                link,
                role=Role.DIALER,
                nonce=nonces[1],
                now_ms=self.now_ms,
                expected_log=responder.own_log,
                origin=origin or origin_of(responder.own_log),
                invite=dialer.received.get(responder.own_log),
            )
        )
        return link

    def send(self, sender: MemoryNode, link: int, frame: bytes) -> None:
        """Put a frame on its way."""
        self.frames.append((link, frame))
        changed = self.tamper(sender, frame)
        if changed is not None and link in self.links:
            self._wires[link, 0 if self.links[link][0] is sender else 1].append(changed)

    def later(self, task: Callable[[], None]) -> None:
        """Let something that takes time be done; tasks keep their order."""
        self._tasks.append(task)

    def cut(self, link: int) -> None:
        """Close a link once what was sent has arrived."""
        if link in self.links:
            self.later(lambda: self._hang_up(link))

    def _hang_up(self, link: int) -> None:
        for side in (0, 1):
            while self._wires[link, side]:
                self._deliver(link, side)
        for node in self.links[link]:
            node.perform(node.hub.disconnected(link, self.now_ms))

    def _deliver(self, link: int, side: int) -> None:
        frame = self._wires[link, side].popleft()
        receiver = self.links[link][1 - side]
        receiver.perform(receiver.hub.receive(link, frame, self.now_ms))

    def step(self) -> bool:
        """Do one thing that can happen now; returns whether there was any."""
        busy = [wire for wire, frames in self._wires.items() if frames]
        if not busy and not self._tasks:
            return False
        choice = self.random.randrange(len(busy) + bool(self._tasks))
        if choice < len(busy):
            self._deliver(*busy[choice])
        else:
            self._tasks.popleft()()
        return True

    def settle(self, steps_max: int = 200_000) -> None:
        """Let everything happen until nothing is on its way."""
        for _ in range(steps_max):
            if not self.step():
                return
        raise AssertionError("the nodes never fall silent")

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass on all nodes, a second at a time, and everything that follows."""
        for _ in range(milliseconds // 1_000):
            self.now_ms += 1_000
            for node in self.nodes:
                node.perform(node.hub.tick(self.now_ms))
            self.settle()


def check_equal(nodes: list[MemoryNode], logs: list[bytes] | None = None) -> None:
    """Check that all nodes hold the same entries of these logs (of all logs by default)."""
    wanted = logs or sorted({log for node in nodes for log in node.stored})
    for log in wanted:
        chains = {tuple(item.entry.id for item in node.stored.get(log, ())) for node in nodes}
        assert len(chains) == 1, f"log {log[:4].hex()}: {[len(chain) for chain in chains]}"
