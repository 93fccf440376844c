"""Forks: two signed entries at one number are proof for anyone, and nothing less is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import LogMaker, flipped, resigned, signing_key
from protocol import canonical
from protocol.entry import Entry, Envelope
from protocol.errors import ForkError, RemoteError
from protocol.fork import ForkProof, decode_proof, encode_proof, make_proof, verify_proof
from protocol.identity import KEY_KIND, KeyEvent, next_key_digest, rotation_content
from protocol.packed import pack


def _forked(*, rotated: bool = False) -> tuple[LogMaker, LogMaker]:
    """Return a log and its clone, which differ from their newest entry on."""
    maker = LogMaker()
    maker.extend(3)
    if rotated:
        maker.rotate()
        maker.extend(1)
    twin = maker.fork()
    maker.append(content=b'{"branch":"left"}')
    twin.append(content=b'{"branch":"right"}')
    return maker, twin


def _key_events(maker: LogMaker) -> tuple[Envelope, ...]:
    return tuple(envelope for envelope in maker.envelopes if envelope.entry.is_key_event)


def _proof(maker: LogMaker, twin: LogMaker) -> ForkProof:
    return make_proof(_key_events(maker), maker.envelopes[-1].entry, twin.envelopes[-1].entry)


@pytest.mark.parametrize("rotated", [False, True])
def test_a_fork_is_proven_to_whoever_gets_the_bytes(rotated: bool) -> None:
    """The proof needs nothing but itself, and is the same whoever found it."""
    maker, twin = _forked(rotated=rotated)
    data = encode_proof(_proof(maker, twin))
    assert data == encode_proof(_proof(twin, maker))
    proof = decode_proof(data)
    verify_proof(proof)
    assert proof.log == maker.log
    assert proof.sequence == maker.head.sequence


def test_two_signatures_on_one_header_are_a_fork_too() -> None:
    """Two ids at one number contradict each other although the headers agree."""
    maker, _ = _forked()
    with pytest.raises(RemoteError):
        make_proof(
            _key_events(maker),
            maker.envelopes[-1].entry,
            resigned(maker.envelopes[-1], bytes(range(64))).entry,
        )


def _useless() -> dict[str, tuple[tuple[Envelope, ...], Entry, Entry]]:
    maker, twin = _forked()
    other = LogMaker(2)
    other.extend(4)
    events, left = _key_events(maker), maker.envelopes[-1].entry
    stranger = maker.fork().sealed("comment", b"{}", sequence=5, key=signing_key(9)).entry
    return {
        "one entry twice": (events, left, left),
        "two numbers": (events, left, maker.envelopes[-2].entry),
        "two logs": (events, left, other.envelopes[4].entry),
        "another log's keys": (_key_events(other), left, twin.envelopes[-1].entry),
        "no keys": ((), left, twin.envelopes[-1].entry),
        "an entry as key event": ((maker.envelopes[1],), left, twin.envelopes[-1].entry),
        "signed by a stranger": (events, left, stranger),
    }


@pytest.mark.parametrize("name", _useless())
def test_what_proves_nothing_is_refused(name: str) -> None:
    """Nobody can freeze an honest log with less than two of its own signatures."""
    with pytest.raises(RemoteError):
        make_proof(*_useless()[name])


def test_the_two_entries_have_one_order() -> None:
    """The mirrored proof is refused, so each fork has one proof."""
    proof = _proof(*_forked())
    with pytest.raises(ForkError):
        verify_proof(proof._replace(left=proof.right, right=proof.left))


def test_a_key_event_settles_what_came_before_it() -> None:
    """Once the pre-committed key has signed, two old-key entries below it prove nothing."""
    maker, twin = _forked()
    old = _proof(maker, twin)
    maker.rotate()
    with pytest.raises(ForkError):
        verify_proof(old, maker.head.keys)
    with pytest.raises(ForkError):
        make_proof(_key_events(maker), old.left, old.right)


def test_a_stolen_old_key_cannot_freeze_a_log_that_has_rotated() -> None:
    """An old-key entry at the rotation's own number is no fork of it."""
    maker, twin = _forked()
    maker.envelopes.pop()
    maker.head = twin.head._replace(sequence=twin.head.sequence - 1, id=twin.envelopes[-2].entry.id)
    rotation = maker.rotate()
    with pytest.raises(RemoteError):
        make_proof(_key_events(maker), rotation.entry, twin.envelopes[-1].entry)


def test_two_rotations_at_one_number_are_a_fork() -> None:
    """The pre-committed key as well may sign only once."""
    maker, twin = _forked()
    event = KeyEvent(twin.next_key.public_key, next_key_digest(signing_key(9).public_key))
    second = twin.sealed(
        KEY_KIND,
        rotation_content(event),
        key=twin.next_key,
        sequence=maker.head.sequence + 1,
        previous=maker.head.id,
    )
    rotation = maker.rotate()
    verify_proof(make_proof(_key_events(maker), rotation.entry, second.entry))


@given(st.data())
def test_every_flipped_bit_of_a_proof_is_refused(data: st.DataObject) -> None:
    """A proof is exactly its bytes."""
    encoded = encode_proof(_proof(*_forked(rotated=True)))
    position = data.draw(st.integers(0, len(encoded) - 1))
    twin = flipped(encoded, position, data.draw(st.integers(0, 7)))
    with pytest.raises(RemoteError):
        verify_proof(decode_proof(twin))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_proof_or_a_named_error(data: bytes) -> None:
    """Foreign bytes raise RemoteErrors only."""
    with pytest.raises(RemoteError):
        verify_proof(decode_proof(data))


@pytest.mark.parametrize("version", [True, 0, 2, "1", None])
def test_a_proof_has_one_version_number(version: object) -> None:
    """CBOR true is not the number one."""
    proof = _proof(*_forked())
    parts = [
        version,
        proof.log,
        [pack(e) for e in proof.key_events],
        proof.left.raw,
        proof.right.raw,
    ]
    with pytest.raises(RemoteError):
        decode_proof(canonical.encode(parts))
