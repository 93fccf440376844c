"""Carries out what `protocol.hub` decides: frames, runs, commits, notes about neighbours.

The hub decides everything about the protocol and touches nothing; this module owns the links and
touches everything, but decides nothing. Calls into the hub are plain calls on the event loop, so no
two of them ever overlap. What has to wait (database, threads) is a task that calls the hub again
when it is done.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from functools import partial

from aiohttp import WSMsgType

from node.ground.chores import Chores
from node.ground.ground import Ground
from node.intake.ingest import Ingest
from node.intake.step import Arrival, Committed, Outcome
from node.sync.blobs import BlobCarrier
from node.sync.contacts import Contacts
from node.sync.fair_share import FairShare
from node.sync.forks import Forks
from node.sync.knocking import Knocking
from node.sync.link import Link, LinkEnd, Socket
from node.sync.mender import Mender
from node.sync.own_log import OwnLog
from node.sync.progress import Fetching, SyncMeter
from node.sync.quotas import Quotas
from node.sync.supplier import Supplier
from node.sync.words import in_words, refused_by_neighbour
from protocol import effects
from protocol.codes import (
    DUPLICATE,
    FROZEN,
    GOING_AWAY,
    LOCAL_FAILURE,
    NOT_HELD,
    NOT_WANTED,
    PAUSED,
    SETTLED,
    WRONG_BLOB,
)
from protocol.effects import Effect, IngestOutcome
from protocol.errors import AwaitingApprovalError, InviteRefusedError, NotNeighbourError
from protocol.hub import Hub
from protocol.limits import NONCE_BYTES
from protocol.transitions import Role

TICK_SECONDS = 0.5
GOODBYE_SECONDS_MAX = 2.0
HARMLESS_CODES = frozenset({"", DUPLICATE, GOING_AWAY, NOT_WANTED, NOT_HELD, FROZEN, SETTLED})
DECIDED_HERE_CODES = frozenset({PAUSED, NotNeighbourError.code})
"""What a person here has decided is no failure here; told by the neighbour it is."""

REFUSING_CODES = frozenset(
    {NotNeighbourError.code, AwaitingApprovalError.code, InviteRefusedError.code}
)
"""The other side says that we are none of its neighbours, or not yet."""


class Sync:
    """All sessions of one node."""

    def __init__(
        self,
        ground: Ground,
        *,
        hub: Hub,
        ingest: Ingest,
        chores: Chores,
        contacts: Contacts,
        knocking: Knocking,
        quotas: Quotas,
    ) -> None:
        self.hub = hub
        self.contacts = contacts
        self.quotas = quotas
        quotas.log_listeners.append(self.standing_changed)
        quotas.neighbour_listeners.append(self._share_changed)
        self._own_log = ground.own_log
        self._directory = ground.directory
        self._recovery = ground.recovery
        self._clock = ground.clock
        self._logger = ground.logger
        self._ingest = ingest
        self._chores = chores
        self.own = OwnLog(ground, chores)
        self._knocking = knocking
        self._links: dict[int, Link] = {}
        self._shares: dict[bytes, FairShare] = {}
        self._next_number = 1
        self._tasks: set[asyncio.Task[None]] = set()
        self._apart = asyncio.Condition()
        self._meter = SyncMeter()
        self.forks = Forks(ground, hub=hub, ingest=ingest, perform=self.perform)
        self.mender = Mender(ground, hub=hub, perform=self.perform)
        self._supplier = Supplier(ground, hub=hub, mender=self.mender, perform=self.perform)
        self.blobs = BlobCarrier(ground, traffic=hub.blobs, perform=self.perform)
        self.stopping = False

    @property
    def link_count(self) -> int:
        """How many sockets are open, known or not yet known."""
        return len(self._links)

    @property
    def stranger_count(self) -> int:
        """How many open sockets nobody has been proved to be behind yet."""
        return sum(link.neighbour is None for link in self._links.values())

    def link_to(self, neighbour: bytes) -> Link | None:
        """The working session with a neighbour, if there is one."""
        for link in self._links.values():
            if link.neighbour == neighbour:
                return link
        return None

    async def carry(
        self, socket: Socket, role: Role, expected_log: bytes | None = None, origin: str = ""
    ) -> LinkEnd:
        """Run one session on an open socket until it ends; says how it ended."""
        if self.stopping:
            return LinkEnd(False, GOING_AWAY, "The node is stopping.")
        number, self._next_number = self._next_number, self._next_number + 1
        link = Link(number, socket, role, self._knocking.invites_received)
        self._links[number] = link
        try:
            self.perform(
                self.hub.connect(
                    number,
                    role=role,
                    nonce=self._clock.token(NONCE_BYTES),
                    now_ms=self._clock.monotonic_ms(),
                    expected_log=expected_log,
                    origin=origin,
                    invite=link.invites.get(expected_log) if expected_log else None,
                )
            )
            await self._receive(link, socket)
            if not link.reconciled:
                link.close("broken", "The connection broke before logs were compared.")
        finally:
            del self._links[number]
            self.perform(self.hub.disconnected(number, self._clock.monotonic_ms()))
            self._ingest.forget_link(number)
            await link.finished()
            if link.neighbour is not None:
                self.contacts.ended(link, link.neighbour)
            self._note_end(link, link.neighbour or expected_log)
            async with self._apart:
                self._apart.notify_all()
        return link.end

    async def wait_until_apart(self, neighbour: bytes) -> None:
        """Wait while a session with this neighbour is up, whoever opened it."""
        async with self._apart:
            await self._apart.wait_for(lambda: self.link_to(neighbour) is None)

    async def run(self) -> None:
        """Tell the hub the time, twice a second, until cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now_ms = self._clock.monotonic_ms()
            self.perform(self.hub.tick(now_ms))
            self._meter.look(now_ms, self._directory.entry_count(), self.hub.missing())
            self.contacts.pace()
            self.contacts.look()
            self.quotas.look()

    def fetching(self) -> Fetching:
        """How far fetching from neighbours has come."""
        return self._meter.reading(self._directory.entry_count(), self.hub.missing())

    async def stop(self) -> None:
        """End all sessions, telling neighbours that we are going away; no other begins.

        They dial again at once, so a session begun now would hold up the end.
        """
        self.stopping = True
        for number in list(self._links):
            self._close(number, GOING_AWAY, "the node is stopping")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS_MAX), self._apart:
                await self._apart.wait_for(lambda: not self._links)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.quotas.save()

    async def end_session(self, neighbour: bytes, code: str, reason: str) -> None:
        """End the session with a neighbour that was removed, blocked or paused; it is told."""
        if link := self.link_to(neighbour):
            self._close(link.number, code, reason)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS_MAX):
                    await self.wait_until_apart(neighbour)

    def _close(self, number: int, code: str, reason: str) -> None:
        now_ms = self._clock.monotonic_ms()
        self.perform(self.hub.close(number, code, reason, now_ms))

    def standing_changed(self, log: bytes) -> None:
        """A person, the policy or a quota decided about a log: ask for it, or stop taking it."""
        self.perform(self.hub.standing_changed(log, self._clock.monotonic_ms()))

    def _share_changed(self, neighbour: bytes) -> None:
        """A neighbour has brought its share of the day, or may bring more from now on."""
        if neighbour in self._directory.spent:
            self._logger.warning("a neighbour has brought its share", neighbour=neighbour)
            self.perform(self.hub.share_spent(neighbour, self._clock.monotonic_ms()))
        elif link := self.link_to(neighbour):
            self._close(link.number, GOING_AWAY, "logs are compared anew")

    async def _receive(self, link: Link, socket: Socket) -> None:
        """Take messages in, one in a turn of the event loop, as far as the share goes."""
        while True:
            message = await socket.receive()
            began_ns, now_ms = self._clock.busy_ns(), self._clock.monotonic_ms()
            match message.type:
                case WSMsgType.BINARY:
                    link.received_bytes += len(message.data)
                    self.perform(self.hub.receive(link.number, message.data, now_ms))
                case WSMsgType.PING:
                    await socket.pong(message.data)
                case WSMsgType.ERROR | WSMsgType.TEXT:
                    link.close("malformed", in_words("malformed"))
                    return
                case kind if kind is not WSMsgType.PONG:
                    return
            cost_seconds = (self._clock.busy_ns() - began_ns) / 1e9
            await asyncio.sleep(link.share.take(cost_seconds, now_ms))

    def perform(self, todo: Iterable[Effect]) -> None:
        """Carry out effects in order; what concerns a link that is gone is left."""
        for effect in todo:
            link = self._links.get(effect.link)
            if link is not None:
                self._perform_one(link, effect)

    def _perform_one(self, link: Link, effect: Effect) -> None:
        match effect:
            case effects.Send():
                link.send(effect.frame, behind=effect.behind)
            case effects.CopyMet():
                if link.neighbour is not None:
                    self.own.stop_signing(link.neighbour)
            case effects.Close():
                link.close(effect.code, effect.reason, by_them=effect.by_them)
            case effects.RunArrived():
                self._meter.receive(effect.cost_bytes)
                answer = partial(self._on_ingested, effect)
                self._ingest.arrive(Arrival(link.number, effect.log, effect.payload, answer))
            case effects.BranchArrived():
                self.forks.settle(effect, self._on_ingested)
            case effects.RangeArrived():
                self.mender.arrived(effect)
            case effects.Supply():
                self._start(self._supplier.supply(effect))
            case effects.SupplyBlob():
                self._start(self.blobs.supply(effect))
            case effects.BlobArrived():
                self.blobs.arrived(effect)
            case effects.BlobOffered():
                self._start(self.blobs.offered(effect.blob))
            case _:
                self._note(link, effect)

    def _note(self, link: Link, effect: Effect) -> None:
        match effect:
            case effects.Authenticated():
                link.neighbour = effect.log
                link.share = self._shares.setdefault(effect.log, link.share)
                link.heads = self.hub.heads_told(link.number)
                self.contacts.began(link, effect.log, effect.version)
                self._recovery.neighbour_began(effect.log)
                self._logger.info("neighbour connected", neighbour=effect.log)
            case effects.Knocked():
                self._knocking.receive(effect)
            case effects.ReconcileDone():
                link.reconciled = True
                self.blobs.wake(everything=True)
                self.mender.wake()
                if link.neighbour is not None:
                    self.contacts.compared(link, link.neighbour)
                    self._chores.add(partial(self._knocking.joined, link.neighbour, link.invites))
                    self.own.compared(link.neighbour)
            case effects.OwnLogAhead():
                if link.neighbour is not None:
                    self.own.note_claim(link.neighbour, effect.sequence)
            case effects.ForkSuspected():
                self._start(self.forks.judge(effect))
            case effects.ForkFound():
                self._start(self.forks.freeze(effect, link.neighbour))
            case effects.LogRefused():
                self._note_refused(link, effect.log, effect.code)
            case effects.BlobWrong():
                self._logger.warning("a wrong attachment", neighbour=link.neighbour)
                if link.neighbour is not None:
                    self.contacts.failed(link.neighbour, link.direction, WRONG_BLOB)

    def _on_ingested(self, arrived: effects.RunArrived, outcome: Outcome) -> None:
        link = self._links.get(arrived.link)
        if outcome.failed:
            self._close(arrived.link, LOCAL_FAILURE, "this node could not store what arrived")
        code = outcome.error.code if outcome.error else None
        if link is not None and code is not None:
            self._note_log_error(link, arrived.log, code)
        now_ms = self._clock.monotonic_ms()
        answer = IngestOutcome(outcome.head, code)
        self.perform(
            self.hub.ingested(arrived.link, arrived.log, answer, arrived.cost_bytes, now_ms)
        )

    def on_committed(self, committed: Committed) -> None:
        """Listener of ingest: push what was committed to every session that lacks it."""
        log = committed.head.log
        if log == self._own_log:
            self.own.settle()
        link = self._links.get(committed.came_from or 0)
        neighbour = link.neighbour if link is not None else None
        if neighbour is not None:
            self.contacts.brought(neighbour, log, len(committed.envelopes))
        self.quotas.on_committed(committed, neighbour)
        if committed.settled:
            self.contacts.settled(log)
            self.perform(self.hub.settled(log, self._clock.monotonic_ms()))
            return
        self.perform(
            self.hub.head_changed(
                log,
                committed.previous,
                self._clock.monotonic_ms(),
                committed.payload,
                len(committed.envelopes),
                committed.came_from,
            )
        )

    def _note_log_error(self, link: Link, log: bytes, code: str) -> None:
        if log == self._own_log and link.neighbour is not None:
            self._recovery.claim_failed(link.neighbour)
            self.own.settle()
        if code in HARMLESS_CODES:
            return
        self._logger.warning("a log was refused", log=log, neighbour=link.neighbour, code=code)
        if link.neighbour is not None:
            detail = f"{code}: log {log.hex()}"
            self.contacts.failed(link.neighbour, link.direction, code, detail=detail)

    def _note_refused(self, link: Link, log: bytes, code: str) -> None:
        """The neighbour would not take a log from us, or could not give what it had offered."""
        if log == self._own_log and link.neighbour is not None:
            self._recovery.claim_failed(link.neighbour)
            self.own.settle()
        if code not in HARMLESS_CODES and link.neighbour is not None:
            self._logger.warning("a neighbour refused a log", log=log, code=code)
            words, detail = refused_by_neighbour(code), f"REFUSED {code}: log {log.hex()}"
            self.contacts.failed(link.neighbour, link.direction, code, words, detail)

    def _note_end(self, link: Link, neighbour: bytes | None) -> None:
        """Keep why a session failed, also when someone else answered than was dialled."""
        code = link.end.code
        self._logger.info("session ended", neighbour=neighbour, link=link.number, code=code)
        if neighbour is not None and link.ended_by_them and code in REFUSING_CODES:
            self.own.refused(neighbour)
        decided_here = code in DECIDED_HERE_CODES and not link.ended_by_them
        if neighbour is not None and code not in HARMLESS_CODES and not decided_here:
            words = in_words(code, by_them=link.ended_by_them)
            detail = f"{'BYE ' if link.ended_by_them else ''}{code}: {link.end_reason}"
            self.contacts.failed(neighbour, link.direction, code, words, detail)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception:
            self._logger.exception("a neighbour's request could not be answered")
