"""All links of one node: what sessions share, decided in one place (docs/protocol.md §7).

The hub is the whole of the protocol as its surroundings see it: calls in, effects out, no
waiting. The real node and the simulator drive the same hub. It holds nothing that must survive:
after a restart everything is learned again from the neighbours.

Beyond the calls one expects, three things to know:

- :class:`ForkSuspected` is answered with :meth:`Hub.judge_fork` (our entry at that number and
  the log's key events); :class:`ForkFound` by storing the proof, freezing the log in the
  directory and calling :meth:`Hub.report_fork`, which is also called for each known proof at start;
  :class:`BranchArrived` by putting the branch in place and calling :meth:`Hub.settled`.
- A run may overlap what is held (it came from two sides); ingest skips what it has. A run that
  neither moved the head nor failed (waiting for a signature) is answered without an error.
- :meth:`Hub.close` ends a link for a reason of our own. After a ``Close`` effect the link is gone
  here already; ``disconnected`` may follow and does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from protocol import fork
from protocol.blob_traffic import BlobTraffic
from protocol.codes import CLONED, DUPLICATE, SETTLED
from protocol.copies import Copies, loser_of, rivals_of
from protocol.directory import Directory, Item, Standing
from protocol.effects import (
    Authenticated,
    Close,
    Effect,
    ForkFound,
    IngestOutcome,
    LinkStatus,
    NeighbourStored,
    Offered,
    OwnLogAhead,
    RunArrived,
    Send,
)
from protocol.entry import Entry, Envelope
from protocol.errors import LinkError, LocalError, NotNeighbourError, RemoteError
from protocol.fetch_plan import Fetch, FetchPlan, Storing
from protocol.fields import NOTHING_ID
from protocol.handshake import Handshake, Ourselves
from protocol.notices import (
    Barred,
    Delivered,
    Joined,
    Lacking,
    Learned,
    Notice,
    Output,
)
from protocol.range_traffic import RangeTraffic
from protocol.session import Session
from protocol.transitions import Role, State


class Hub:
    """Every session of a node, the plan of what is fetched from whom, and known forks."""

    def __init__(self, directory: Directory, ourselves: Ourselves) -> None:
        """Share ``directory`` with the node, which updates it after each commit."""
        self._directory = directory
        self._own_log = ourselves.log
        self._ourselves = ourselves
        self._sessions: dict[int, Session] = {}
        self._plan = FetchPlan()
        self.blobs = BlobTraffic(self._sessions, self._plan.is_busy)
        self.ranges = RangeTraffic(self._sessions, self._plan)
        self._storing = Storing()
        self._proofs: dict[bytes, bytes] = {}
        self._copies = Copies()

    def renew(self, epoch: bytes) -> None:
        """From the next session on we are another start of this node."""
        self._ourselves = replace(self._ourselves, epoch=epoch)
        self._copies.renew(self._sessions)

    # --- links ----------------------------------------------------------------------------

    def connect(
        self,
        link: int,
        *,
        role: Role,
        nonce: bytes,
        now_ms: int,
        expected_log: bytes | None = None,
        origin: str = "",
        invite: bytes | None = None,
    ) -> list[Effect]:
        """A connection is open. ``nonce``: 32 fresh random bytes; a dialer names whom it dialled.

        ``invite``: the secret of an invite to show to that neighbour.
        Raises :class:`LocalError` when the link exists or the dialer expects nobody.
        """
        if link in self._sessions:
            raise LocalError(f"link {link} exists already")
        handshake = Handshake(
            self._ourselves, role, nonce, expected_log=expected_log, origin=origin, invite=invite
        )
        self._sessions[link] = Session(link, role, handshake, self._directory, now_ms)
        return [Send(link, handshake.begin())] if role is Role.DIALER else []

    def receive(self, link: int, frame: bytes, now_ms: int) -> list[Effect]:
        """A binary frame arrived; never raises for what a neighbour sent."""
        session = self._sessions.get(link)
        return self._absorb(session, session.receive(frame, now_ms), now_ms) if session else []

    def disconnected(self, link: int, now_ms: int) -> list[Effect]:
        """The connection is gone; what it had under way is asked of others."""
        if session := self._sessions.get(link):
            self._remove(session, now_ms)
        return self._fetch_more(now_ms)

    def close(self, link: int, code: str, reason: str, now_ms: int) -> list[Effect]:
        """End a link for a reason of our own, telling the neighbour."""
        session = self._sessions.get(link)
        return self._absorb(session, session.leave(code, reason), now_ms) if session else []

    def tick(self, now_ms: int) -> list[Effect]:
        """Time has passed: end what stands still, ask others for what does not come."""
        effects: list[Effect] = []
        for session in list(self._sessions.values()):
            if outputs := session.tick(now_ms):
                effects += self._translate(session, outputs, now_ms)
        for fetch in self._plan.expire(now_ms):
            effects += self._withdraw(fetch)
        return effects + self._fetch_more(now_ms) + self.blobs.tick(now_ms)

    def link_status(self, link: int) -> LinkStatus | None:
        """Return how a link stands, or None when it is gone."""
        session = self._sessions.get(link)
        return session.status() if session else None

    def heads_told(self, link: int) -> Mapping[bytes, Item]:
        """Return the heads that the neighbour on a link has told, by log: a picture that grows as
        the session goes on, and stays as it is when the session has ended."""
        session = self._sessions.get(link)
        return session.remote if session else {}

    def missing(self) -> int:
        """Return how many entries neighbours in contact hold that we take and do not have yet.

        Costs no more than there are logs with something missing.
        """
        return self._plan.missing(self._directory.sequence)

    # --- answers to effects ---------------------------------------------------------------

    def supply(
        self, link: int, log: bytes, first_sequence: int, count: int, payload: bytes, now_ms: int
    ) -> list[Effect]:
        """Answer :class:`Supply` with an encoded run, or with ``count`` 0 for nothing."""
        session = self._sessions.get(link)
        if session is None:
            return []
        outputs = session.supplied(log, first_sequence, count, payload)
        return self._absorb(session, outputs, now_ms)

    def ingested(
        self, link: int, log: bytes, result: IngestOutcome, cost_bytes: int, now_ms: int
    ) -> list[Effect]:
        """Answer :class:`RunArrived`: the run is durable, waits, or was refused."""
        self._storing.end(log, link)
        session = self._sessions.get(link)
        if session is None:
            return self._fetch_more(now_ms)
        self._plan.progress(log, link, now_ms)
        outputs = session.inflow.ingested(log, result, cost_bytes)
        self._check_delivery(session, log, now_ms)
        return self._absorb(session, outputs, now_ms)

    def judge_fork(
        self,
        link: int,
        log: bytes,
        key_events: tuple[Envelope, ...],
        ours: Entry,
        now_ms: int,
    ) -> list[Effect]:
        """Answer :class:`ForkSuspected` with our entry at that number and the log's key events."""
        session = self._sessions.get(link)
        theirs = session.inflow.evidence(log) if session else None
        if session is None or theirs is None:
            return []
        if theirs.id == ours.id:
            return self._absorb(session, session.inflow.end_log(log, LinkError.code), now_ms)
        try:
            proof = fork.make_proof(key_events, ours, theirs)
        except RemoteError as error:
            ended = session.inflow.end_log(log, error.code)
            return self._absorb(session, [*ended, *session.rotations.tell(log)], now_ms)
        return [ForkFound(link, log, fork.encode_proof(proof))]

    # --- what happened here ---------------------------------------------------------------

    def head_changed(
        self,
        log: bytes,
        previous: tuple[int, bytes] | None,
        now_ms: int,
        payload: bytes | None,
        count: int,
        came_from: int | None,
    ) -> list[Effect]:
        """Entries were committed and the directory shows them; ``payload`` is their run.

        ``previous`` is the former (sequence, id); without a payload neighbours are only told.
        """
        view = self._directory.get(log)
        if view is None or view.head is None or not view.accepted:
            return []
        item = Item(log, view.head.sequence, view.head.id)
        before = Item(log, *previous) if previous else None
        effects: list[Effect] = []
        for session in list(self._sessions.values()):
            if session.link != came_from:
                told = session.tell(item, before, payload, count)
                effects += self._translate(session, told, now_ms)
        effects += self._withdraw(self._plan.reached(log, item.sequence))
        return effects + self._fetch_more(now_ms)

    def standing_changed(self, log: bytes, now_ms: int) -> list[Effect]:
        """A log was accepted, blocked, repaired, or is a neighbour's no longer; or its quota has
        changed, or is reached before what was asked for has come."""
        view = self._directory.get(log)
        if view is None or not view.frozen:
            self._proofs.pop(log, None)
        effects = self._withdraw(self._plan.drop_log(log))
        for session in list(self._sessions.values()):
            if session.party and session.party.log == log not in self._directory.neighbours:
                gone = session.end(NotNeighbourError("no longer an approved neighbour"))
                effects += self._translate(session, gone, now_ms)
            elif (item := session.remote.get(log)) is not None:
                effects += self._translate(session, [Learned(item)], now_ms)
        return effects + self._fetch_more(now_ms)

    def share_spent(self, neighbour: bytes, now_ms: int) -> list[Effect]:
        """A neighbour may bring nothing more for now, as the directory shows: ask others.

        When it may again, a new session compares everything anew; :meth:`close` ends this one.
        """
        effects: list[Effect] = []
        for session in self._sessions.values():
            if session.party and session.party.log == neighbour:
                for fetch in self._plan.hold_back(session.link, session.may_bring):
                    effects += self._withdraw(fetch)
        return effects + self._fetch_more(now_ms)

    def report_fork(self, proof: bytes, now_ms: int) -> list[Effect]:
        """Pass on a proof that is stored here, to present and future links.

        Raises as :func:`protocol.fork.decode_proof` when it is none.
        """
        log = fork.decode_proof(proof).log
        self._proofs[log] = proof
        effects: list[Effect] = []
        for session in list(self._sessions.values()):
            effects += self._translate(session, session.tell_fork(log, proof), now_ms)
        return effects + self._withdraw(self._plan.drop_log(log))

    def settled(self, log: bytes, now_ms: int) -> list[Effect]:
        """A branch with a rotation took the place of ours: void is what was told of the log."""
        self._proofs.pop(log, None)
        effects: list[Effect] = []
        for session in [item for item in self._sessions.values() if item.is_syncing]:
            gone = session.leave(SETTLED, "a fork was settled here; logs are compared anew")
            effects += self._translate(session, gone, now_ms)
        return effects

    # --- notices of sessions --------------------------------------------------------------

    def _absorb(self, session: Session, outputs: Iterable[Output], now_ms: int) -> list[Effect]:
        return self._translate(session, outputs, now_ms) + self._fetch_more(now_ms)

    def _translate(self, session: Session, outputs: Iterable[Output], now_ms: int) -> list[Effect]:
        """Turn what a session says into effects, acting on what it tells only the hub."""
        effects: list[Effect] = []
        for output in outputs:
            if isinstance(output, Notice):
                effects += self._note(session, output, now_ms)
                continue
            effects.append(output)
            if isinstance(output, RunArrived):
                self._storing.begin(output.log, session.link)
            elif isinstance(output, Close):
                effects[-1:] = [*self._copies.told(output), output]
                self._remove(session, now_ms)
        return effects

    def _note(self, session: Session, notice: Notice, now_ms: int) -> list[Effect]:
        link = session.link
        match notice:
            case Joined():
                return self._join(session, now_ms)
            case Learned():
                return self._on_learned(session, notice.item, now_ms)
            case Delivered():
                self._plan.progress(notice.log, link, now_ms)
            case Lacking():
                self._plan.failed(notice.log, link, now_ms)
            case Barred():
                self._plan.forbid(notice.log, link)
            case _:  # of files: mypy knows that nothing else is left
                return self.blobs.note(session, notice, now_ms)
        return []

    def _join(self, session: Session, now_ms: int) -> list[Effect]:
        """Keep one link to each neighbour, the same one at both ends."""
        party = session.party
        assert party is not None, "only a proved party joins"
        if self._copies.is_copy(party.log, party.epoch, party.key_number):
            told = [*session.start(), *session.leave(CLONED, "another node has the same key")]
            return self._translate(session, told, now_ms)
        effects: list[Effect] = []
        for other in rivals_of(session, self._sessions.values()):
            loser = loser_of(session, other, self._own_log < party.log)
            gone = loser.leave(DUPLICATE, "another link between the two nodes is kept")
            effects += self._translate(loser, gone, now_ms)
            if loser is session:
                return effects
        effects.append(Authenticated(session.link, party.log, party.epoch, session.version))
        effects += self._translate(session, session.start(), now_ms)
        for log, proof in self._proofs.items():
            effects += self._translate(session, session.tell_fork(log, proof), now_ms)
        return effects

    def _on_learned(self, session: Session, item: Item, now_ms: int) -> list[Effect]:
        """Weigh a neighbour's head of a log against ours."""
        link, log = session.link, item.log
        view = self._directory.get(log)
        held = self._directory.sequence(log)
        if view is None or not view.accepted:
            blocked = view is not None and view.standing is Standing.BLOCKED
            if blocked or not item.sequence or log in session.offered:
                return []
            session.offered.add(log)
            return [Offered(link, log, item.sequence)]
        effects: list[Effect] = []
        if log == self._own_log and item.sequence > held:
            effects.append(OwnLogAhead(link, item.sequence))
        elif log == self._own_log and item.sequence:
            effects.append(NeighbourStored(link, log, item.sequence))
        if view.frozen and log in self._proofs:
            told = session.tell_fork(log, self._proofs[log])
            return effects + self._translate(session, told, now_ms)
        if view.frozen or session.inflow.is_settled(log):
            return effects
        if view.head and item.sequence == held and item.id not in (NOTHING_ID, view.head.id):
            return effects + self._translate(session, session.inflow.suspect(log), now_ms)
        through = min(item.sequence, self._directory.takes_through(log))
        if through > held and session.may_bring(log):
            self._plan.offer(log, link, through)
        return effects

    # --- what is under way ----------------------------------------------------------------

    def _fetch_more(self, now_ms: int) -> list[Effect]:
        """Ask for what is missing and not under way."""
        effects: list[Effect] = []
        for fetch in self._plan.assign(now_ms, self._directory.sequence, self._storing.holds):
            session = self._sessions[fetch.link]
            effects.append(session.inflow.want(fetch.log, fetch.after, fetch.through))
        return effects

    def _withdraw(self, fetch: Fetch | None) -> list[Effect]:
        """Take a request back that is no longer needed, unless all of it has come."""
        session = self._sessions.get(fetch.link) if fetch else None
        if not fetch or not session:
            return []
        if session.inflow.delivered_through(fetch.log) >= fetch.through:
            return []
        return [session.inflow.want(fetch.log, fetch.through, fetch.through)]

    def _check_delivery(self, session: Session, log: bytes, now_ms: int) -> None:
        """Everything asked for came and was stored: the fetch has ended, one way or another."""
        fetch = self._plan.active(log)
        if fetch is None or fetch.link != session.link or self._storing.holds(log):
            return
        ended = self._plan.reached(log, self._directory.sequence(log))
        if ended is None and session.inflow.delivered_through(log) >= fetch.through:
            self._plan.failed(log, session.link, now_ms)

    def _remove(self, session: Session, now_ms: int) -> None:
        session.state = State.CLOSED
        self._sessions.pop(session.link, None)
        self._plan.drop_link(session.link)
        self._storing.drop_link(session.link)
        self.blobs.drop_link(session.link, now_ms)
