"""What must hold, whatever happens: an oracle that knows who wrote what.

The oracle sees everything and shares no code path with what it checks: it knows every entry an
author has really written, and takes stored chains apart by itself. It names an invariant when
one is broken (:class:`InvariantError`).

Safety, checked at every commit: nothing is stored that its author has not written, in order
and without a gap; nothing of a log that is not accepted; a correct node never gives two entries
one sequence number; what was acknowledged is still there after a crash; a session is
authenticated only with the node that really is at the other end; only real forks freeze a log.
Liveness, checked after healing: all correct nodes hold equal logs, and know of every fork.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.errors import RemoteError
from protocol.fork import decode_proof
from simulation.network import Connection

if TYPE_CHECKING:
    from simulation.node_model import SimNode

ORDINARY_CODES = frozenset({"duplicate", "timeout", "not_wanted", "frozen", "settled"})
"""Why correct nodes may end a session with each other, or refuse a log."""
Title = Callable[[bytes], str]


class InvariantError(AssertionError):
    """An invariant is broken; the text says which and where."""


class Oracle:
    """Knows the truth about every entry, acknowledgement and session of one world."""

    def __init__(self, title: Title) -> None:
        self._title = title
        self._written: dict[bytes, Envelope] = {}
        self._by_number: dict[tuple[bytes, int], bytes] = {}
        self._acknowledged: dict[str, list[Envelope]] = {}
        self._two_branches: set[bytes] = set()
        self._lengths: dict[tuple[str, bytes], int] = {}
        self.forks: set[bytes] = set()
        self.entries = 0

    # --- while it runs ---------------------------------------------------------------------

    def may_fork(self, log: bytes) -> None:
        """Two machines write this log from now on: two entries at one number are its fault."""
        self._two_branches.add(log)

    def written(self, envelopes: Iterable[Envelope]) -> None:
        """Take note of entries an author has signed and stored."""
        for envelope in envelopes:
            self._written[envelope.entry.id] = envelope

    def released(self, node: SimNode, envelopes: Iterable[Envelope]) -> None:
        """Take note of entries an author may send from now on: only one with each number."""
        for envelope in envelopes:
            entry = envelope.entry
            place = (entry.log, entry.header.sequence)
            if self._by_number.setdefault(place, entry.id) != entry.id:
                if entry.log not in self._two_branches:
                    raise InvariantError(f"{node.name} signed two entries {place[1]}")
                self.forks.add(entry.log)

    def committed(self, node: SimNode, log: bytes, envelopes: tuple[Envelope, ...]) -> None:
        """Check entries that have just become durable on a correct node."""
        if log == node.log:
            self.written(item for item in envelopes if item.entry.id not in self._written)
        standing = node.disk.standings.get(log)
        if standing not in (Standing.OWN, Standing.MEMBER):
            raise InvariantError(f"{node.name} stored {self._title(log)}, which it does not accept")
        chain = node.disk.chains[log]
        start = self._lengths.get((node.name, log), 0)
        end = start + len(envelopes)
        if tuple(chain[start:end]) != envelopes:
            raise InvariantError(f"{node.name} stored {self._title(log)} twice or with a gap")
        for number, envelope in enumerate(envelopes, start + 1):
            before = chain[number - 2] if number > 1 else None
            self._check_stored(node, log, number, envelope, before)
        self._lengths[(node.name, log)] = end
        self.entries += len(envelopes)

    def _check_stored(
        self, node: SimNode, log: bytes, number: int, envelope: Envelope, before: Envelope | None
    ) -> None:
        entry = envelope.entry
        where = f"{node.name} stored entry {number} of {self._title(log)}"
        if self._written.get(entry.id) != envelope:
            raise InvariantError(f"{where}, which its author has not written")
        if entry.log != log or entry.header.sequence != number:
            raise InvariantError(f"{where} in a wrong place")
        if entry.header.previous != (before.entry.id if before else None):
            raise InvariantError(f"{where} without the entry before it")

    def acknowledged(self, node: SimNode, envelopes: tuple[Envelope, ...]) -> None:
        """Take note that an author was told its entries are safe; they may be sent now."""
        self.released(node, envelopes)
        self._acknowledged.setdefault(node.name, []).extend(envelopes)

    def reloaded(self, node: SimNode) -> None:
        """Check what is on disk after a crash: all that was acknowledged, unless restored away."""
        for log, chain in node.disk.chains.items():
            start = self._lengths.get((node.name, log), 0)
            if len(chain) > start:
                self.committed(node, log, tuple(chain[start:]))
        self.released(node, node.disk.chains[node.log])
        self._check_acknowledged(node)

    def restored(self, node: SimNode) -> None:
        """An operator has put an older database in place; what it lacks is not held against us."""
        for name, log in [place for place in self._lengths if place[0] == node.name]:
            del self._lengths[(name, log)]
        for log, chain in node.disk.chains.items():
            self._lengths[(node.name, log)] = len(chain)
        self._acknowledged[node.name] = []

    def settled(self, node: SimNode, log: bytes, after: int) -> None:
        """A rotation has put a branch in place: what follows ``after`` is checked anew."""
        chain = node.disk.chains[log]
        self._lengths[(node.name, log)] = after
        self.committed(node, log, tuple(chain[after:]))

    def _check_acknowledged(self, node: SimNode) -> None:
        chain = node.disk.chains[node.log]
        for envelope in self._acknowledged.get(node.name, ()):
            number = envelope.entry.header.sequence
            if len(chain) < number or chain[number - 1] != envelope:
                raise InvariantError(f"{node.name} lost its acknowledged entry {number}")

    def authenticated(self, node: SimNode, connection: Connection, log: bytes) -> None:
        """Check that a session's neighbour is who it says."""
        really = node.world.nodes[connection.other(node.name)]
        if really.log != log and node.correct:
            raise InvariantError(f"{node.name} took {really.name} for {self._title(log)}")

    def accused(self, node: SimNode, connection: Connection, code: str) -> None:
        """Check that correct nodes never find each other's bytes wrong."""
        other = node.world.nodes[connection.other(node.name)]
        if node.correct and other.correct and code not in ORDINARY_CODES:
            raise InvariantError(f"between correct nodes {node.name} and {other.name}: {code}")

    def frozen(self, node: SimNode, log: bytes, proof: bytes) -> None:
        """Check that a log is frozen only for two entries its author has really written."""
        decoded = decode_proof(proof)
        for entry in (decoded.left, decoded.right):
            if entry.id not in self._written:
                raise InvariantError(f"{node.name} froze {self._title(log)} for a forged entry")
        same_number = decoded.left.header.sequence == decoded.right.header.sequence
        if not same_number or decoded.left.id == decoded.right.id or log not in self.forks:
            raise InvariantError(f"{node.name} froze {self._title(log)} without a fork")

    # --- afterwards ------------------------------------------------------------------------

    def difference(self, nodes: list[SimNode]) -> str | None:
        """Return how the correct nodes differ, or None when all hold the same.

        A log that has forked is equal when every node knows the fork and has frozen it.
        """
        logs = sorted({log for node in nodes for log in node.disk.standings})
        for log in logs:
            holders = [node for node in nodes if _accepts(node, log)]
            forked = log in self.forks and self._visible_fork(holders, log)
            if forked:
                for node in holders:
                    if log not in node.disk.frozen:
                        return f"{node.name} does not know that {self._title(log)} has forked"
                continue
            lengths = {node.name: len(node.disk.chains.get(log, ())) for node in holders}
            if len(set(lengths.values())) > 1:
                return f"{self._title(log)} has different lengths: {lengths}"
        return None

    def _visible_fork(self, holders: list[SimNode], log: bytes) -> bool:
        """Whether the correct nodes together hold both branches, or one of them knows."""
        if any(log in node.disk.frozen for node in holders):
            return True
        seen: dict[int, bytes] = {}
        for node in holders:
            for number, envelope in enumerate(node.disk.chains.get(log, ())):
                if seen.setdefault(number, envelope.entry.id) != envelope.entry.id:
                    return True
        return False

    def check_everything(self, nodes: list[SimNode]) -> None:
        """Verify every stored chain from its first entry, each signature by itself."""
        good: set[tuple[bytes, bytes]] = set()
        for node in nodes:
            for log, chain in node.disk.chains.items():
                self._check_chain(node, log, chain, good)
            if node.log not in self._two_branches:
                self._check_acknowledged(node)

    def _check_chain(
        self, node: SimNode, log: bytes, chain: list[Envelope], good: set[tuple[bytes, bytes]]
    ) -> None:
        previous: Envelope | None = None
        head = node.disk.heads[log]
        for number, envelope in enumerate(chain, 1):
            self._check_stored(node, log, number, envelope, previous)
            previous = envelope
            key = head.keys.at(number)
            if (envelope.entry.id, key) not in good:
                _check_signature(envelope, key)
                good.add((envelope.entry.id, key))
        if previous is None or (head.sequence, head.id) != (len(chain), previous.entry.id):
            raise InvariantError(f"{node.name} has a wrong head of {self._title(log)}")


def _accepts(node: SimNode, log: bytes) -> bool:
    return node.disk.standings.get(log) in (Standing.OWN, Standing.MEMBER)


def _check_signature(envelope: Envelope, key: bytes) -> None:
    payload = envelope.entry.payload
    to_sign = (
        b"\x84\x6aSignature1\x43\xa1\x01\x27\x4dtidan/1 entry\x58"
        + bytes((len(payload),))
        + payload
    )
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(envelope.entry.signature, to_sign)
    except (InvalidSignature, ValueError, RemoteError) as error:
        number = envelope.entry.header.sequence
        raise InvariantError(f"a stored entry {number} has a bad signature of its own") from error
