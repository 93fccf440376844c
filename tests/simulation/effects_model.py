"""What a simulated node does about each effect of the hub, as :mod:`node.sync.driver` does."""

from __future__ import annotations

import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from protocol import errors
from protocol.codes import CLONED
from protocol.entry import Envelope
from protocol.fork import proves
from simulation.checkers import DECIDED_CODES, ORDINARY_CODES
from simulation.ingest_model import Job

if TYPE_CHECKING:
    from simulation.node_model import SimNode

MESSAGE_NAMES = (
    "", "HELLO", "AUTH", "RECONCILE", "HAVE", "WANT", "RUN", "STORED", "REFUSED", "FORK", "BYE",
    "WANT_BLOB", "BLOB", "NO_BLOB", "BLOB_HERE", "INVITE", "RECOVER",
)  # fmt: skip
MISREAD_BIT, MISREAD_PLACE = "bit", "place"


class ProcessDiedError(Exception):
    """The node has crashed in the middle of what it did."""


def known_code(code: str) -> str:
    """Return a code of the protocol as it is, and any other as what it is: made up."""
    return code if code in _known_codes() else "(no code of the protocol)"


@cache
def _known_codes() -> frozenset[str]:
    kinds = vars(errors).values()
    known = {kind.code for kind in kinds if isinstance(kind, type) and hasattr(kind, "code")}
    return frozenset(known | ORDINARY_CODES | DECIDED_CODES | {CLONED, "going_away"})


@cache
def _name_and_handler(kind: type) -> tuple[str, str]:
    """The name of a kind of effect, and that of the method that carries it out."""
    return kind.__name__, f"_on_{kind.__name__.lower()}"


class Effects:
    """Carries out effects in order; a fault may end the process between any two of them."""

    dies_after: int | None = None
    dies_at: str = ""

    def perform(self: SimNode, effects: list[Any]) -> None:
        """Carry out what the hub asks for, in order."""
        for effect in effects:
            name, handler_name = _name_and_handler(type(effect))
            if self.dies_after is not None and self.dies_at in ("", name):
                self.dies_after -= 1
                if self.dies_after < 0:
                    self.crash()
                    raise ProcessDiedError
            handler = getattr(self, handler_name, None)
            if handler is not None:
                handler(effect)

    def _on_send(self: SimNode, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is None:
            return
        frame = effect.frame
        name = MESSAGE_NAMES[frame[1]]
        self.touch()
        self.world.count(f"message {name}")
        if connection.dialer == self.name:
            self.world.wiretap.heard(connection, frame)
        self.world.trace.note(
            self.name,
            f"#{effect.link} to {connection.other(self.name)}: {name},"
            f" {len(frame)} bytes {zlib.crc32(frame):08x}",
        )
        self.send(connection, frame)

    def _on_close(self: SimNode, effect: Any) -> None:
        connection = self.links.pop(effect.link, None)
        self.parties.pop(effect.link, None)
        if connection is None:
            return
        self.world.trace.note(self.name, f"#{effect.link} close: {effect.code} {effect.reason}")
        self.world.count(f"closed: {known_code(effect.code)}")
        self.world.oracle.accused(self, connection, effect.code)
        self.world.network.close(connection, self.name)
        self.perform(self.hub.disconnected(effect.link, self.now_ms()))
        self._redial(connection)

    def _on_copymet(self: SimNode, effect: Any) -> None:
        neighbour = self.parties.get(effect.link)
        if neighbour is not None:
            self.own.copy_met(neighbour)

    def _on_authenticated(self: SimNode, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None:
            self.parties[effect.link] = effect.log
            self.world.oracle.authenticated(self, connection, effect.log)
            self.own.recovery.neighbour_began(effect.log)

    def _on_reconciledone(self: SimNode, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None:
            self.backoff(connection.other(self.name)).succeeded()
            neighbour = self.parties[effect.link]
            if self.invited_by.get(neighbour) == self.invites_held[effect.link].get(neighbour):
                self.invited_by.pop(neighbour, None)
            self.own.compared(neighbour)

    def _on_knocked(self: SimNode, effect: Any) -> None:
        """Let in who shows an invite of ours, as an administrator who has compared fingerprints."""
        if effect.invite in self.disk.invites:
            self.disk.invites.discard(effect.invite)
            self.world.count("invited_neighbour")
            self.set_neighbour(effect.log, True)
            self.world.let_in(self, effect.log)

    def _on_supply(self: SimNode, effect: Any) -> None:
        self.later(self.random.uniform(0, 4), self._supply, effect)

    def _supply(self: SimNode, effect: Any) -> None:
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
        payload = self.world.runs.encode(self._as_read(envelopes)) if envelopes else b""
        first = effect.after_sequence + 1
        self.perform(
            self.hub.supply(effect.link, effect.log, first, len(envelopes), payload, self.now_ms())
        )

    def _as_read(self: SimNode, envelopes: list[Envelope]) -> list[Envelope]:
        """What the disk gives back; a failing one gives a flipped bit, or what lay elsewhere."""
        failure, self.next_misread = self.next_misread, None
        if failure is None:
            return envelopes
        self.disk_misreads += 1
        last = envelopes[-1]
        if failure == MISREAD_BIT and last.body is not None and last.body.content:
            content = bytes((last.body.content[0] ^ 1,)) + last.body.content[1:]
            return [*envelopes[:-1], Envelope(last.entry, last.body._replace(content=content))]
        others = [chain for log, chain in sorted(self.disk.chains.items()) if log != last.entry.log]
        return [others[0][0]] * len(envelopes) if others else envelopes

    def _on_runarrived(self: SimNode, effect: Any) -> None:
        self.ingest.add(Job(effect.log, effect.link, effect.payload, effect.cost_bytes))

    def _on_brancharrived(self: SimNode, effect: Any) -> None:
        self.later(0, self.ingest.settle, effect)

    def _on_supplyblob(self: SimNode, effect: Any) -> None:
        self.files.answer(effect)

    _on_blobarrived = _on_bloboffered = _on_supplyblob

    def _on_blobwrong(self: SimNode, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None:
            self.world.oracle.accused(self, connection, "wrong_blob")

    def _on_neighbourstored(self: SimNode, effect: Any) -> None:
        connection = self.links.get(effect.link)
        if connection is not None and effect.log == self.log:
            holder = self.world.nodes.get(connection.other(self.name))
            if holder is not None:
                self.world.oracle.held_elsewhere(self, holder, effect.sequence)

    def _on_ownlogahead(self: SimNode, effect: Any) -> None:
        self.world.trace.note(self.name, f"own log ahead: {effect.sequence}")
        if (neighbour := self.parties.get(effect.link)) is not None:
            self.own.claimed(neighbour, effect.sequence)

    def _on_forksuspected(self: SimNode, effect: Any) -> None:
        chain = self.disk.chains.get(effect.log, [])
        if len(chain) >= effect.sequence:
            ours = chain[effect.sequence - 1].entry
            events = self.disk.key_events(effect.log)
            self.perform(self.hub.judge_fork(effect.link, effect.log, events, ours, self.now_ms()))

    def _on_forkfound(self: SimNode, effect: Any) -> None:
        view = self.directory.get(effect.log)
        if view is None or view.frozen or (view.head and not proves(effect.proof, view.head.keys)):
            return
        self.world.trace.note(self.name, f"fork of {self.world.title(effect.log)}")
        self.disk.frozen[effect.log] = effect.proof
        self.directory.put(view._replace(frozen=True))
        self.world.oracle.frozen(self, effect.log, effect.proof)
        self.perform(self.hub.report_fork(effect.proof, self.now_ms()))

    def _on_logrefused(self: SimNode, effect: Any) -> None:
        if effect.log == self.log and effect.link in self.parties:
            self.own.claim_failed(self.parties[effect.link])
        self.world.count(f"log refused: {known_code(effect.code)}")
        connection = self.links.get(effect.link)
        if connection is not None and not self.world.oracle.may_differ(effect.log):
            self.world.oracle.accused(self, connection, effect.code)
        self.world.trace.note(
            self.name, f"#{effect.link} {self.world.title(effect.log)} refused: {effect.code}"
        )
