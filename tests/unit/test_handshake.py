"""The handshake: only the two who speak, now, at this address, get through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import LogMaker
from handshake_sides import ORIGIN, Side, key_events, make_sides, shake, take
from protocol.errors import (
    HandshakeError,
    InviteRefusedError,
    KeyEventError,
    LocalError,
    RemoteError,
    VersionError,
    WrongLogError,
    WrongNeighbourError,
    WrongOriginError,
)
from protocol.handshake import Handshake, Party, transcript_digest
from protocol.limits import INVITE_SECRET_BYTES
from protocol.messages import Auth, decode, encode
from protocol.transitions import Role


def test_two_neighbours_meet() -> None:
    """Each side learns the other's log, epoch, key, code and name."""
    left, right = make_sides()
    seen_by_left, seen_by_right, _ = shake(left.dial(right.maker.log), right.answer())
    maker = right.maker
    assert seen_by_left == Party(maker.log, maker.log[:16], 1, "1497", "Hjo kommun")
    assert seen_by_right.log == left.maker.log


def test_key_events_travel_only_when_they_are_new() -> None:
    """Who knows all keys is sent none; who knows too few is sent the rest."""
    left, right = make_sides()
    *_, frames = shake(left.dial(right.maker.log), right.answer())
    assert sum(map(len, frames)) < 400
    right.maker.rotate()
    right.maker.append()
    right.maker.rotate()
    *_, frames = shake(left.dial(right.maker.log), right.answer())
    assert len(decode(frames[2]).key_events) == 2
    stranger = Side(LogMaker(3), right.maker)
    *_, frames = shake(stranger.dial(right.maker.log), right.answer())
    assert len(decode(frames[3]).key_events) == 1


@pytest.mark.parametrize("rotated", [False, True])
def test_key_events_that_come_by_another_link_meanwhile_do_no_harm(rotated: bool) -> None:
    """A log that arrives from elsewhere between HELLO and AUTH does not break the handshake."""
    left, right = Side(LogMaker(1)), Side(LogMaker(2))
    if rotated:
        left.known[right.maker.log] = key_events(right.maker)
        right.maker.rotate()

    def learn(frame: bytes) -> bytes:
        left.known[right.maker.log] = key_events(right.maker)
        return frame

    seen_by_left, _, _ = shake(left.dial(right.maker.log), right.answer(), third=learn)
    assert seen_by_left.log == right.maker.log


def test_an_old_key_no_longer_proves_anything() -> None:
    """Who knows of a rotation refuses a party that still signs with the key before."""
    left, right = make_sides()
    stolen = LogMaker(2, code="1497", name="Hjo kommun")
    right.maker.rotate()
    left.known[right.maker.log] = key_events(right.maker)
    with pytest.raises(HandshakeError):
        shake(left.dial(stolen.log), Side(stolen, left.maker).answer())


def test_a_wrong_origin_is_refused() -> None:
    """A call that was meant for another address is not answered (no relay through a third)."""
    left, right = make_sides()
    with pytest.raises(WrongOriginError):
        shake(left.dial(right.maker.log, "https://relay.example"), right.answer())


def test_an_origin_swapped_on_the_way_is_refused() -> None:
    """A relay that puts in the right origin breaks the transcript."""
    left, right = make_sides()

    def swap(frame: bytes) -> bytes:
        return encode(replace(decode(frame), origin=ORIGIN))

    with pytest.raises(HandshakeError):
        shake(left.dial(right.maker.log, "https://relay.example"), right.answer(), first=swap)


def test_another_node_than_the_one_dialled_is_refused() -> None:
    """A dialer names the log it expects, and nobody else will do."""
    left, right = make_sides()
    with pytest.raises(WrongNeighbourError):
        shake(left.dial(LogMaker(3).log), right.answer())
    with pytest.raises(LocalError):
        Handshake(left.ourselves(), Role.DIALER, bytes(32))


def test_our_own_log_is_refused() -> None:
    """A node does not talk to itself, nor to a copy of itself."""
    left, _ = make_sides()
    with pytest.raises(HandshakeError, match="claims to be this node"):
        shake(left.dial(left.maker.log), Side(left.maker).answer())


def test_no_common_version_is_refused() -> None:
    """Nodes that share no version part with a name for it."""
    left, right = make_sides()
    with pytest.raises(VersionError):
        shake(
            left.dial(right.maker.log),
            right.answer(),
            first=lambda frame: encode(replace(decode(frame), versions=(2, 3))),
        )


@pytest.mark.parametrize("versions", [(1,), (1, 2), (1, 2, 3, 4)])
def test_a_version_list_cannot_be_changed_on_the_way(versions: tuple[int, ...]) -> None:
    """Offered versions are part of what is signed: no downgrade, and no other than offered."""
    left, right = make_sides()
    with pytest.raises(HandshakeError):
        shake(
            left.dial(right.maker.log),
            right.answer(),
            first=lambda frame: encode(replace(decode(frame), versions=versions)),
        )


def test_replayed_frames_are_refused() -> None:
    """Frames recorded in one handshake prove nothing in the next."""
    left, right = make_sides()
    *_, recorded = shake(left.dial(right.maker.log), right.answer())
    later = right.answer()
    take(later, recorded[0])
    with pytest.raises(HandshakeError):
        later.receive_auth(decode(recorded[3]))
    left.nonce = left.maker.salt()
    dialer = left.dial(right.maker.log)
    dialer.begin()
    take(dialer, recorded[1])
    with pytest.raises(HandshakeError):
        dialer.receive_auth(decode(recorded[2]))


def test_a_reflected_proof_is_refused() -> None:
    """A side's own AUTH sent back to it does not prove the other side."""
    left, right = make_sides()
    dialer, responder = left.dial(right.maker.log), right.answer()
    hello, _ = take(responder, dialer.begin())
    take(dialer, hello)
    with pytest.raises(RemoteError):
        dialer.receive_auth(decode(dialer.auth()))
    with pytest.raises(RemoteError):
        responder.receive_auth(decode(responder.auth()))


def test_roles_are_part_of_what_is_signed() -> None:
    """The same transcript is signed differently by the two roles."""
    digests = {transcript_digest(role, b"a", b"b") for role in Role}
    assert len(digests) == 2


def test_a_relayed_handshake_does_not_hold_for_the_relay() -> None:
    """Who passes on another's frames under its own name is refused."""
    left, right = make_sides()
    relay = LogMaker(3)
    right.known[relay.log] = key_events(relay)

    def rename(frame: bytes) -> bytes:
        return encode(replace(decode(frame), log=relay.log))

    with pytest.raises(RemoteError):
        shake(left.dial(right.maker.log), right.answer(), first=rename)


@pytest.mark.parametrize("place", ["first", "second"])
@pytest.mark.parametrize("field", ["nonce", "epoch"])
def test_every_field_of_both_hellos_is_signed(place: str, field: str) -> None:
    """A nonce or an epoch that was changed on the way is noticed."""
    left, right = make_sides()

    def change(frame: bytes) -> bytes:
        hello = decode(frame)
        return encode(replace(hello, **{field: bytes(len(getattr(hello, field)))}))

    with pytest.raises(HandshakeError):
        shake(left.dial(right.maker.log), right.answer(), **{place: change})


def test_key_events_of_another_log_are_refused() -> None:
    """A party cannot vouch for itself with somebody else's key."""
    left, right = make_sides()
    thief = LogMaker(3)
    stranger = Side(LogMaker(4))

    def swap(frame: bytes) -> bytes:
        return encode(Auth(key_events(thief), decode(frame).signature))

    with pytest.raises(WrongLogError):
        shake(stranger.dial(right.maker.log), right.answer(), third=swap)
    assert left.maker.log != thief.log


def test_a_rotation_to_a_key_nobody_committed_to_is_refused() -> None:
    """A thief of the signing key cannot rotate to a key of its own."""
    left, right = make_sides()
    twin = LogMaker(2, code="1497", name="Hjo kommun")
    twin._generation = 7
    forged = twin.sealed("key", twin.envelopes[0].body.content)

    def add(frame: bytes) -> bytes:
        return encode(Auth((forged,), decode(frame).signature))

    with pytest.raises(KeyEventError):
        shake(left.dial(right.maker.log), right.answer(), third=add)


def test_who_has_invited_nobody_takes_no_invite() -> None:
    """A proved stranger with an invite that was never made here is turned away as with any."""
    left, right = make_sides()
    secret = bytes(INVITE_SECRET_BYTES)
    dialer = Handshake(
        left.ourselves(),
        Role.DIALER,
        left.nonce,
        expected_log=right.maker.log,
        origin=ORIGIN,
        invite=secret,
    )
    responder = right.answer()
    hello, auth = take(responder, dialer.begin())
    take(dialer, hello)
    dialer.receive_auth(decode(auth))
    (invite,) = dialer.show_invite()
    responder.receive_invite(decode(invite))
    party = responder.receive_auth(decode(dialer.auth()))

    used, origin, refusal = responder.turn_away(party)

    assert (used, origin, type(refusal)) == (None, "", InviteRefusedError)
