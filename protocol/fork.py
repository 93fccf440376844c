"""Forks and their portable proof (docs/protocol.md §6).

A fork is two entries of one log with one sequence number, both validly signed. The proof
carries both and the key events needed to check them, so anyone can verify it offline. A key
event settles what came before it: a rotation is signed by the key committed to beforehand, so
a proof about numbers below it says nothing about the branch that it continues.
"""

from __future__ import annotations

from typing import NamedTuple

from protocol import canonical
from protocol.chain import read_keys
from protocol.entry import Entry, Envelope, decode_entry, verify_entry
from protocol.errors import (
    ForkError,
    KeyRefusedError,
    LimitError,
    MalformedError,
    RemoteError,
    SignatureError,
)
from protocol.identity import Keys
from protocol.limits import FORK_PROOF_BYTES_MAX, PROTOCOL_VERSION
from protocol.packed import pack, unpack_all


class ForkProof(NamedTuple):
    """Two entries that cannot both be true, and the key events that vouch for them."""

    log: bytes
    key_events: tuple[Envelope, ...]
    left: Entry
    right: Entry

    @property
    def sequence(self) -> int:
        """The sequence number both entries claim."""
        return self.left.header.sequence


def make_proof(key_events: tuple[Envelope, ...], one: Entry, other: Entry) -> ForkProof:
    """Return the proof of a fork; the two entries are put in order of their ids.

    Raises as :func:`verify_proof` when the two entries do not prove a fork.
    """
    left, right = sorted((one, other), key=lambda entry: entry.id)
    proof = ForkProof(left.log, key_events, left, right)
    verify_proof(proof)
    return proof


def verify_proof(proof: ForkProof, known: Keys | None = None) -> None:
    """Check that the proof shows an unsettled fork.

    ``known`` is the key history already held, which wins over a shorter one in the proof: a
    stolen old key proves nothing. Raises :class:`ForkError` when the entries prove nothing,
    else the error of the part that does not hold.
    """
    left, right = proof.left, proof.right
    keys = read_keys(proof.log, proof.key_events)
    if known is not None and len(known.periods) > len(keys.periods):
        keys = known
    if left.log != proof.log or right.log != proof.log:
        raise ForkError("the proof's entries belong to another log")
    if left.header.sequence != right.header.sequence or left.id >= right.id:
        raise ForkError("the proof's entries do not contradict each other")
    if proof.sequence < keys.since:
        raise ForkError("a later key event has settled this fork")
    try:
        for entry in (left, right):
            verify_entry(entry, keys.at(proof.sequence))
    except (SignatureError, KeyRefusedError) as error:
        if keys is known:  # what an old key signed after it was replaced proves nothing any more
            raise ForkError("a later key event has settled this fork") from error
        raise


def proves(proof: bytes, keys: Keys) -> bool:
    """Whether a stored proof shows a fork that these keys of its log have not settled."""
    try:
        verify_proof(decode_proof(proof), keys)
    except RemoteError:
        return False
    return True


def encode_proof(proof: ForkProof) -> bytes:
    """Return the proof as bytes to store and pass on."""
    return canonical.encode(
        [
            PROTOCOL_VERSION,
            proof.log,
            [pack(envelope) for envelope in proof.key_events],
            proof.left.raw,
            proof.right.raw,
        ]
    )


def decode_proof(data: bytes) -> ForkProof:
    """Return the proof ``data`` holds; it is not verified here.

    Raises :class:`MalformedError` or :class:`LimitError`.
    """
    if len(data) > FORK_PROOF_BYTES_MAX:
        raise LimitError(f"a fork proof is at most {FORK_PROOF_BYTES_MAX} bytes")
    match canonical.decode(data):
        case [int(version), bytes(log), list(events), bytes(left), bytes(right)]:
            if version is True or version != PROTOCOL_VERSION:  # Python calls true equal to 1
                raise MalformedError("a fork proof of an unknown version")
            return ForkProof(log, unpack_all(events), decode_entry(left), decode_entry(right))
    raise MalformedError("not a fork proof")
