"""Who has lost its own log proves itself by its key alone (docs/protocol.md §7.3.9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import LogMaker, signing_key
from handshake_sides import Change, Side, key_events, make_sides, meet, shake, take, unchanged
from hub_pairs import make_pair, sent
from memory_world import MemoryNode
from protocol.directory import LogView, Standing
from protocol.entry import Envelope
from protocol.errors import HandshakeError, MalformedError
from protocol.handshake import VERSIONS, Party
from protocol.limits import BLOBS_VERSION, PROTOCOL_VERSION
from protocol.messages import Auth, Recover, decode, encode

OLD = (PROTOCOL_VERSION, BLOBS_VERSION)


def owner_and_neighbour(*, held: tuple[Envelope, ...] = ()) -> tuple[Side, Side]:
    """Two neighbours, the first of which holds no more than that of its own log."""
    owner, neighbour = make_sides()
    owner.held = held
    return owner, neighbour


def met(owner: Side, neighbour: Side, *, owner_dials: bool, change: Change = unchanged) -> Party:
    """Whom the neighbour meets; ``change`` is done to the owner's proof on its way."""
    if owner_dials:
        return shake(owner.dial(neighbour.maker.log), neighbour.answer(), fourth=change)[1]
    return shake(neighbour.dial(owner.maker.log), owner.answer(), third=change)[0]


@pytest.mark.parametrize("owner_dials", [True, False])
@pytest.mark.parametrize("rotations", [0, 1])
def test_the_owner_of_a_lost_log_is_known_by_its_key(owner_dials: bool, rotations: int) -> None:
    """By the key in force or the one on its recovery sheet; it shows no key events."""
    owner, neighbour = owner_and_neighbour()
    for _ in range(rotations):
        owner.maker.rotate()  # the neighbour has not heard of it: this is the next key for it
    seen: list[object] = []

    def look(frame: bytes) -> bytes:
        seen.append(decode(frame))
        return frame

    party = met(owner, neighbour, owner_dials=owner_dials, change=look)

    log = owner.maker.log
    assert party == Party(log, log[:16], 1 + rotations, "1498", "Tidaholms kommun")
    assert [type(message) for message in seen] == [Recover]


def test_a_log_that_is_held_up_to_an_earlier_key_is_lost_as_well() -> None:
    """From a backup of before a rotation the owner has its newer key, and proves it."""
    maker = LogMaker(1)
    first = key_events(maker)
    maker.rotate()
    neighbour = Side(LogMaker(2), maker)
    owner = Side(maker, neighbour.maker)
    owner.held = first

    assert met(owner, neighbour, owner_dials=True).key_number == 2


@pytest.mark.parametrize("owner_dials", [True, False])
def test_any_other_key_proves_nothing(owner_dials: bool) -> None:
    """A key that is neither in force in the log nor its next is refused, however it signs."""
    owner, neighbour = owner_and_neighbour()
    owner.maker._generation = 7

    with pytest.raises(HandshakeError, match="neither"):
        met(owner, neighbour, owner_dials=owner_dials)


def test_a_key_alone_is_no_name() -> None:
    """Where nothing is held of the log, nobody can tell whose key it is."""
    owner, neighbour = owner_and_neighbour()
    neighbour.known.clear()

    with pytest.raises(HandshakeError, match="nothing is held"):
        met(owner, neighbour, owner_dials=True)


def as_auth(frame: bytes) -> bytes:
    """The same signature, as if it stood in an AUTH."""
    recover = decode(frame)
    assert isinstance(recover, Recover)
    return encode(Auth((), recover.signature))


def with_the_next_key(frame: bytes) -> bytes:
    """The same signature, beside another key that would be believed."""
    return encode(replace(decode(frame), key=LogMaker(1).next_key.public_key))


@pytest.mark.parametrize("change", [as_auth, with_the_next_key])
@pytest.mark.parametrize("owner_dials", [True, False])
def test_what_was_signed_for_recovery_proves_nothing_else(
    change: Change, owner_dials: bool
) -> None:
    """The signature holds for this message, under this key, alone."""
    owner, neighbour = owner_and_neighbour()

    with pytest.raises(HandshakeError, match="does not fit"):
        met(owner, neighbour, owner_dials=owner_dials, change=change)


def test_an_ordinary_proof_is_none_of_a_lost_log() -> None:
    """The signature of an AUTH, taken into a RECOVER, is refused."""
    owner, neighbour = make_sides()

    def as_recover(frame: bytes) -> bytes:
        auth = decode(frame)
        assert isinstance(auth, Auth)
        return encode(Recover(owner.maker.key.public_key, auth.signature))

    with pytest.raises(HandshakeError, match="does not fit"):
        met(owner, neighbour, owner_dials=True, change=as_recover)


def test_a_recorded_proof_is_refused_in_the_next_session() -> None:
    """Who has listened to a recovery once cannot repeat it."""
    owner, neighbour = owner_and_neighbour()
    *_, recorded = shake(owner.dial(neighbour.maker.log), neighbour.answer())
    later = neighbour.answer()
    take(later, recorded[0])

    with pytest.raises(HandshakeError):
        meet(later, recorded[3])


@pytest.mark.parametrize(("ours", "theirs"), [(OLD, VERSIONS), (VERSIONS, OLD), (OLD, OLD)])
def test_recovery_is_of_version_3(ours: tuple[int, ...], theirs: tuple[int, ...]) -> None:
    """With whom does not speak it an AUTH is exchanged, and a RECOVER is no message."""
    owner, neighbour = owner_and_neighbour()
    owner.versions, neighbour.versions = ours, theirs
    dialer, responder = owner.dial(neighbour.maker.log), neighbour.answer()
    hello, _ = take(responder, dialer.begin())
    take(dialer, hello)

    assert isinstance(decode(dialer.auth()), Auth)
    with pytest.raises(MalformedError, match="version 3"):
        responder.receive_recover(Recover(signing_key(1).public_key, bytes(64)))


def test_an_owner_without_its_log_gets_it_back() -> None:
    """An empty node that has the key alone is let in, and is given all that it wrote."""
    world, left, right = make_pair()
    left.publish(5)
    world.dial(left, right)
    world.settle()
    empty = MemoryNode(world, left.maker)
    empty.stored.clear()
    empty.directory.put(LogView(left.own_log, Standing.OWN))
    world.nodes[0] = empty
    world.befriend(empty, right)
    world.dial(empty, right)
    world.settle()

    assert [message.key for message in sent(world, Recover)] == [left.maker.key.public_key]
    assert empty.stored[left.own_log] == left.stored[left.own_log]
