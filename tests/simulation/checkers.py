"""What must hold, whatever happens: an oracle that knows who wrote what.

The oracle sees everything and shares no code path with what it checks: it knows every entry an
author has really written, and takes stored chains apart by itself. It names the invariant
(:mod:`simulation.invariants`) when one is broken.

Safety, checked at every commit: nothing is stored that its author has not written, in order
and without a gap; nothing of a log that is not accepted; a correct node never gives two entries
one sequence number; what was acknowledged is still there after a crash; a session is
authenticated only with the node that really is at the other end; only real forks freeze a log.
Liveness, checked after healing: all correct nodes hold equal logs, and know of every fork.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.errors import RemoteError
from protocol.fork import decode_proof
from simulation.invariants import Invariant, InvariantError, broken
from simulation.network import Connection

if TYPE_CHECKING:
    from simulation.node_model import SimNode

__all__ = ["ORDINARY_CODES", "InvariantError", "Oracle"]

ORDINARY_CODES = frozenset(
    {"duplicate", "timeout", "not_wanted", "frozen", "settled", "local_failure"}
)
"""Why correct nodes may end a session with each other, or refuse a log."""
DECIDED_CODES = frozenset({"not_a_neighbour", "awaiting_approval", "invite_refused"})
"""The same, once a person has removed a neighbour."""
Title = Callable[[bytes], str]


class Oracle:
    """Knows the truth about every entry, acknowledgement and session of one world."""

    def __init__(self, title: Title) -> None:
        self._title = title
        self._written: dict[bytes, Envelope] = {}
        self._signed: dict[tuple[bytes, int], dict[bytes, tuple[bytes, str]]] = {}
        self._acknowledged: dict[str, list[Envelope]] = {}
        self._held_by: dict[tuple[str, str], int] = {}
        self._two_branches: set[bytes] = set()
        self._renewed: set[bytes] = set()
        self._lengths: dict[tuple[str, bytes], int] = {}
        self.copied: set[bytes] = set()
        self.forks: set[bytes] = set()
        self.checked: Counter[Invariant] = Counter()
        self.entries = 0

    # --- while it runs ---------------------------------------------------------------------

    def may_fork(self, log: bytes) -> None:
        """Two machines write this log from now on: two entries at one number are its fault."""
        self._two_branches.add(log)
        self.copied.add(log)

    def renewed(self, log: bytes) -> None:
        """Its owner repairs this log: what a rotation puts aside may be at the same numbers."""
        self._renewed.add(log)

    def may_differ(self, log: bytes) -> bool:
        """Whether honest nodes may hold different entries of this log for a while."""
        return log in self.forks | self._two_branches | self._renewed

    def written(self, envelopes: Iterable[Envelope]) -> None:
        """Take note of entries an author has signed and stored."""
        for envelope in envelopes:
            self._written[envelope.entry.id] = envelope

    def released(self, node: SimNode, envelopes: Iterable[Envelope]) -> None:
        """Take note of entries an author may send from now on: only one with each number."""
        self.checked[Invariant.I4] += 1
        if node.log not in node.disk.heads:
            return
        keys = node.disk.heads[node.log].keys
        for envelope in envelopes:
            entry = envelope.entry
            self._release(node, envelope, keys.at(entry.header.sequence))

    def _release(self, node: SimNode, envelope: Envelope, key: bytes) -> None:
        """Of one node, one key signs one entry at a number; only a repair signs there anew."""
        entry = envelope.entry
        others = self._signed.setdefault((entry.log, entry.header.sequence), {})
        if entry.id in others:
            return
        for other_key, name in others.values():
            by_two = name != node.name or not node.correct
            repaired = other_key != key and entry.log in self._renewed
            if other_key == key:
                self.forks.add(entry.log)
            if not (repaired or (by_two and entry.log in self._two_branches)):
                number = entry.header.sequence
                raise broken(Invariant.I4, f"{node.name} signed two entries {number}")
        others[entry.id] = (key, node.name)

    def equivocated(self, node: SimNode, envelope: Envelope) -> None:
        """A hostile author has signed another entry at a number: from now on its log may fork."""
        self._two_branches.add(node.log)
        self.written((envelope,))
        number = envelope.entry.header.sequence
        self._release(node, envelope, node.disk.heads[node.log].keys.at(number))

    def committed(self, node: SimNode, log: bytes, envelopes: tuple[Envelope, ...]) -> None:
        """Check entries that have just become durable on a correct node."""
        if log == node.log:
            self.written(item for item in envelopes if item.entry.id not in self._written)
        standing = node.disk.standings.get(log)
        if standing not in (Standing.OWN, Standing.MEMBER):
            where = f"{node.name} stored {self._title(log)}, which it does not accept"
            raise broken(Invariant.I10, where)
        chain = node.disk.chains[log]
        start = self._lengths.get((node.name, log), 0)
        end = start + len(envelopes)
        if tuple(chain[start:end]) != envelopes:
            where = f"{node.name} stored {self._title(log)} twice or with a gap"
            raise broken(Invariant.I3, where)
        for number, envelope in enumerate(envelopes, start + 1):
            before = chain[number - 2] if number > 1 else None
            self._check_stored(node, log, number, envelope, before)
        self._lengths[(node.name, log)] = end
        self.entries += len(envelopes)
        for invariant in (Invariant.I3, Invariant.I6, Invariant.I10):
            self.checked[invariant] += 1

    def _check_stored(
        self, node: SimNode, log: bytes, number: int, envelope: Envelope, before: Envelope | None
    ) -> None:
        entry = envelope.entry
        where = f"{node.name} stored entry {number} of {self._title(log)}"
        if self._written.get(entry.id) != envelope:
            raise broken(Invariant.I6, f"{where}, which its author has not written")
        if entry.log != log or entry.header.sequence != number:
            raise broken(Invariant.I3, f"{where} in a wrong place")
        if entry.header.previous != (before.entry.id if before else None):
            raise broken(Invariant.I3, f"{where} without the entry before it")

    def forget_unseen(self, log: bytes, nodes: Iterable[SimNode]) -> None:
        """A machine has burned or was put back: what it signed and nobody holds can never be seen
        again, and what only a copy of the machine holds is that copy's from now on.
        """
        holders: dict[bytes, list[SimNode]] = {}
        for node in nodes:
            for item in node.disk.chains.get(log, ()):
                holders.setdefault(item.entry.id, []).append(node)
        for (signed_log, _), signed in self._signed.items():
            if signed_log != log:
                continue
            for entry, (key, name) in list(signed.items()):
                held_by = holders.get(entry, [])
                if not held_by:
                    del signed[entry]
                elif all(node.log == log and node.name != name for node in held_by):
                    signed[entry] = (key, held_by[0].name)

    def signer_of(self, envelope: Envelope) -> str | None:
        """Return the name of the machine that signed an entry and let it go out."""
        entry = envelope.entry
        signed = self._signed.get((entry.log, entry.header.sequence), {}).get(entry.id)
        return signed[1] if signed else None

    def acknowledged(self, node: SimNode, envelopes: tuple[Envelope, ...]) -> None:
        """Take note that an author was told its entries are safe; they may be sent now."""
        self.released(node, envelopes)
        self._acknowledged.setdefault(node.name, []).extend(envelopes)

    def held_elsewhere(self, author: SimNode, holder: SimNode, sequence: int) -> None:
        """Take note that an author was told how much of its log a correct neighbour has stored."""
        apart = author.log in self.forks | self._renewed
        if not holder.correct or not author.correct or apart:
            return
        self.checked[Invariant.I2] += 1
        if self._lengths.get((holder.name, author.log), 0) < sequence and not holder.restores:
            where = f"{holder.name} said that it holds {author.name}'s entry {sequence}"
            raise broken(Invariant.I2, where)
        place = (holder.name, author.name)
        self._held_by[place] = max(sequence, self._held_by.get(place, 0))

    def reloaded(self, node: SimNode) -> None:
        """Check what is on disk after a crash: all that was durable, unless restored away."""
        for log in sorted(set(node.disk.chains) | {log for name, log in self._lengths
                                                   if name == node.name}):  # fmt: skip
            chain = node.disk.chains.get(log, [])
            start = self._lengths.get((node.name, log), 0)
            if len(chain) < start:
                where = f"{node.name} lost entries of {self._title(log)} that it had stored"
                raise broken(Invariant.I1, where)
            if len(chain) > start:
                self.committed(node, log, tuple(chain[start:]))
        self.released(node, node.disk.chains.get(node.log, []))
        self._check_acknowledged(node)

    def restored(self, node: SimNode) -> None:
        """An operator has put an older database in place; what it lacks is not held against us."""
        for place in [place for place in self._lengths if place[0] == node.name]:
            del self._lengths[place]
        for log, chain in node.disk.chains.items():
            self._lengths[(node.name, log)] = len(chain)
        for place in [place for place in self._held_by if place[0] == node.name]:
            del self._held_by[place]
        self._acknowledged[node.name] = []

    def settled(self, node: SimNode, log: bytes, after: int) -> None:
        """A rotation has put a branch in place: what follows ``after`` is checked anew."""
        chain = node.disk.chains[log]
        self._lengths[(node.name, log)] = after
        self.committed(node, log, tuple(chain[after:]))

    def _check_acknowledged(self, node: SimNode) -> None:
        self.checked[Invariant.I1] += 1
        if node.log in self._renewed:
            return  # what its owner has put aside is meant to be gone
        chain = node.disk.chains.get(node.log, [])
        for envelope in self._acknowledged.get(node.name, ()):
            number = envelope.entry.header.sequence
            if len(chain) < number or chain[number - 1] != envelope:
                raise broken(Invariant.I1, f"{node.name} lost its acknowledged entry {number}")

    def authenticated(self, node: SimNode, connection: Connection, log: bytes) -> None:
        """Check that a session's neighbour is who it says."""
        really = node.world.nodes.get(connection.other(node.name))
        if node.correct and (really is None or really.log != log):
            who = really.name if really else "a stranger on the wire"
            raise broken(Invariant.I6, f"{node.name} took {who} for {self._title(log)}")

    def accused(self, node: SimNode, connection: Connection, code: str) -> None:
        """Check that correct nodes never find each other's bytes wrong."""
        other = node.world.nodes.get(connection.other(node.name))
        if other is None or not (node.correct and other.correct) or code in ORDINARY_CODES:
            return
        if code == "cloned" and {node.log, other.log} & self.copied:
            return
        if code in DECIDED_CODES and node.world.removals:
            return
        if other.disk_misreads or node.disk_misreads:
            return
        behind = node.is_behind_its_key or other.is_behind_its_key
        # A rotation that came by another link was quicker than what the key before it signed, or
        # is being stored: until it is told of, key and log are not of one mind.
        meanwhile = max(node.rotated_ms, other.rotated_ms) >= connection.opened_ms or any(
            one.disk.key_announced is not None for one in (node, other)
        )
        repaired = {node.log, other.log} & self._renewed
        if code == "bad_handshake" and (behind or meanwhile or repaired):
            return
        where = f"between correct nodes {node.name} and {other.name}: {code}"
        raise broken(Invariant.I9, where)

    def frozen(self, node: SimNode, log: bytes, proof: bytes) -> None:
        """Check that a log is frozen only for two entries its author has really written."""
        self.checked[Invariant.I5] += 1
        decoded = decode_proof(proof)
        for entry in (decoded.left, decoded.right):
            if entry.id not in self._written:
                where = f"{node.name} froze {self._title(log)} for a forged entry"
                raise broken(Invariant.I5, where)
        same_number = decoded.left.header.sequence == decoded.right.header.sequence
        if not same_number or decoded.left.id == decoded.right.id or log not in self.forks:
            raise broken(Invariant.I5, f"{node.name} froze {self._title(log)} without a fork")

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
            heads = {node.name: _head(node, log) for node in holders}
            if len(set(heads.values())) > 1:
                lengths = {name: number for name, (number, _) in heads.items()}
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
        self._check_held_elsewhere(nodes)

    def _check_held_elsewhere(self, nodes: list[SimNode]) -> None:
        """What any neighbour was known to hold, and has not lost since, everybody holds by now."""
        by_name = {node.name: node for node in nodes}
        for (holder, author), sequence in self._held_by.items():
            if holder not in by_name or author not in by_name:
                continue
            log = by_name[author].log
            if log in self.forks or log in self._renewed:
                continue
            for node in nodes:
                if _accepts(node, log) and _head(node, log)[0] < sequence:
                    where = f"{node.name} lacks {author}'s entry {sequence}, which {holder} held"
                    raise broken(Invariant.I2, where)

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
            raise broken(Invariant.I3, f"{node.name} has a wrong head of {self._title(log)}")


def _accepts(node: SimNode, log: bytes) -> bool:
    return node.disk.standings.get(log) in (Standing.OWN, Standing.MEMBER)


def _head(node: SimNode, log: bytes) -> tuple[int, bytes]:
    head = node.disk.heads.get(log)
    return (head.sequence, head.id) if head else (0, b"")


def _check_signature(envelope: Envelope, key: bytes) -> None:
    payload = envelope.entry.payload
    to_sign = (
        b"\x84\x6aSignature1\x43\xa1\x01\x27\x4dtidan/1 entry\x58"
        + bytes((len(payload),))
        + payload
    )
    try:
        _public_key(key).verify(envelope.entry.signature, to_sign)
    except (InvalidSignature, ValueError, RemoteError) as error:
        number = envelope.entry.header.sequence
        where = f"a stored entry {number} has a bad signature of its own"
        raise broken(Invariant.I6, where) from error


@lru_cache
def _public_key(key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key)
