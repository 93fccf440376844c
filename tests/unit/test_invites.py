"""An invite opens the door to whoever it was made for, once, and tells nobody else anything."""

from __future__ import annotations

import base64
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import LogMaker, flipped
from memory_world import MemoryNode, World, origin_of
from protocol import effects
from protocol.directory import LogView, Standing
from protocol.errors import InviteCodeError
from protocol.handshake import Handshake
from protocol.invite import (
    Invite,
    InviteCode,
    decode_code,
    encode_code,
    invite_key,
    is_proved,
    key_digest,
    make_invite,
)
from protocol.limits import INVITE_SECRET_BYTES
from protocol.messages import Auth, Hello, decode, encode
from protocol.transitions import Role, State
from session_puppet import Puppet, closed_with, make_puppet

SECRET = bytes(range(INVITE_SECRET_BYTES))
DIGEST = key_digest(invite_key(SECRET).public_key)
CODE = InviteCode("https://tidan.skara.se", bytes(32), SECRET, "1495")


def two_towns() -> tuple[World, MemoryNode, MemoryNode]:
    """Skara, which has invited Hjo, and Hjo, which has added Skara; neither has dialled."""
    world = World()
    skara = world.add(LogMaker(3, code="1495", name="Skara kommun"))
    hjo = world.add(LogMaker(2, code="1497", name="Hjo kommun"))
    skara.invites[DIGEST] = None
    hjo.received[skara.own_log] = SECRET
    hjo.directory.neighbours.add(skara.own_log)
    hjo.directory.put(LogView(skara.own_log, Standing.MEMBER))
    return world, skara, hjo


def end_of(world: World, dialer: MemoryNode, responder: MemoryNode) -> str:
    """Dial; returns the code with which the session ended, empty while it goes on."""
    link = world.dial(dialer, responder)
    world.settle()
    ends = [effect for effect in dialer.saw(effects.Close) if effect.link == link]
    return ends[-1].code if ends else ""


def shown(world: World) -> list[Invite]:
    """All invites that travelled."""
    found = [decode(frame) for _, frame in world.frames]
    return [message for message in found if isinstance(message, Invite)]


@given(
    origin=st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    log=st.binary(min_size=32, max_size=32),
    secret=st.binary(min_size=16, max_size=16),
    code=st.from_regex(r"[0-9]{4}", fullmatch=True),
)
def test_an_invite_is_read_as_it_was_written(
    origin: str, log: bytes, secret: bytes, code: str
) -> None:
    """Every invite can be handed over as text, whatever the address is."""
    invite = InviteCode(origin, log, secret, code)

    assert decode_code(encode_code(invite)) == invite


@given(st.text(max_size=60))
def test_other_text_is_no_invite(text: str) -> None:
    """Whatever somebody pastes has one error, and never another."""
    with pytest.raises(InviteCodeError):
        decode_code(text)


def test_an_invite_that_lost_a_letter_is_not_read() -> None:
    """A cut or changed end is noticed before anything is dialled."""
    text = encode_code(CODE)
    for cut in range(1, len(text)):
        with pytest.raises(InviteCodeError):
            decode_code(text[:cut])


def test_the_invited_waits_and_is_known_by_its_invite() -> None:
    """An open invite leads to a knock that names it, with where the invited can be dialled."""
    world, skara, hjo = two_towns()

    assert end_of(world, hjo, skara) == "awaiting_approval"
    knock = effects.Knocked(1, hjo.own_log, "1497", "Hjo kommun", DIGEST, origin_of(hjo.own_log))
    assert skara.saw(effects.Knocked) == [knock]
    assert hjo.saw(effects.Knocked) == []


def test_an_approved_invite_becomes_a_session() -> None:
    """Once the administrator has added the invited, the same call becomes a session."""
    world, skara, hjo = two_towns()
    end_of(world, hjo, skara)
    world.befriend(skara, hjo)
    hjo.publish()

    assert end_of(world, hjo, skara) == ""
    assert skara.head(hjo.own_log) == hjo.head(hjo.own_log)


def test_the_secret_itself_never_travels() -> None:
    """No frame holds the secret nor the private key that is made of it."""
    world, skara, hjo = two_towns()
    end_of(world, hjo, skara)

    assert shown(world)
    assert all(SECRET not in frame for _, frame in world.frames)


def test_an_invite_is_shown_to_nobody_but_who_made_it() -> None:
    """Another log at the dialled address is shown nothing."""
    world, skara, hjo = two_towns()

    def answer_as_another(sender: MemoryNode, frame: bytes) -> bytes:
        message = decode(frame)
        is_answer = sender is skara and isinstance(message, Hello)
        return encode(replace(message, log=bytes(32))) if is_answer else frame

    world.tamper = answer_as_another

    assert end_of(world, hjo, skara) == "wrong_neighbour"
    assert shown(world) == []


def test_an_unproved_answer_is_shown_nothing() -> None:
    """Whoever answers in Skara's name without its key gets no invite."""
    world, skara, hjo = two_towns()

    def answer_without_the_key(sender: MemoryNode, frame: bytes) -> bytes:
        message = decode(frame)
        is_proof = sender is skara and isinstance(message, Auth)
        if not is_proof:
            return frame
        return encode(replace(message, signature=flipped(message.signature, 40)))

    world.tamper = answer_without_the_key

    assert end_of(world, hjo, skara) == "bad_handshake"
    assert shown(world) == []


@pytest.mark.parametrize("state_of", ["unknown", "used by another"])
def test_a_refused_invite_is_told_so_and_nothing_else(state_of: str) -> None:
    """Unknown and used invites end alike, and the caller knocks like anybody."""
    world, skara, hjo = two_towns()
    if state_of == "unknown":
        skara.invites.clear()
    else:
        skara.invites[DIGEST] = bytes(32)

    assert end_of(world, hjo, skara) == "invite_refused"
    assert skara.saw(effects.Knocked) == [effects.Knocked(1, hjo.own_log, "1497", "Hjo kommun")]


def test_an_invite_works_once_and_goes_on_for_who_used_it() -> None:
    """The first log that shows it has it; a second is refused, the first may call again."""
    world, skara, hjo = two_towns()
    falkoping = world.add(LogMaker(9, code="1499", name="Falköpings kommun"))
    falkoping.received[skara.own_log] = SECRET
    falkoping.directory.neighbours.add(skara.own_log)

    ends = [end_of(world, town, skara) for town in (hjo, falkoping, hjo)]

    assert ends == ["awaiting_approval", "invite_refused", "awaiting_approval"]


def test_a_shown_invite_fits_no_other_session() -> None:
    """A recorded message is worth nothing in a session with other nonces, nor to another log."""
    world, skara, hjo = two_towns()
    end_of(world, hjo, skara)
    (recorded,) = shown(world)
    puppet = Puppet(is_neighbour=False)
    puppet.node.invites[DIGEST] = None
    puppet.advance(State.AUTH_AWAITED)

    assert puppet.give(recorded) == []
    assert closed_with(puppet.give(puppet.handshake.auth())) == "invite_refused"
    assert puppet.node.invites == {DIGEST: None}


def test_a_changed_address_breaks_the_proof() -> None:
    """Nobody between the two can change where the invited is to be dialled."""
    hellos = b"dialer", b"responder"
    invite = make_invite(SECRET, *hellos, "https://tidan.hjo.se")

    assert is_proved(invite, *hellos)
    assert not is_proved(replace(invite, origin="https://evil.example"), *hellos)
    assert not is_proved(invite, *reversed(hellos))


def test_a_node_that_knows_no_invites_is_shown_none() -> None:
    """Towards an older version the call stays what it was: a plain knock."""
    puppet = make_puppet(State.HELLO_AWAITED)
    handshake = Handshake(
        puppet.node.hub._ourselves,
        Role.DIALER,
        bytes(32),
        expected_log=puppet.maker.log,
        origin="https://hjo.example",
        invite=SECRET,
    )
    handshake.begin()
    for versions, frames in (((1, 2), 0), ((1, 2, 3), 1)):
        hello = Hello(versions, puppet.maker.log, bytes(32), bytes(16), "", 0)
        handshake.receive_hello(hello, encode(hello))
        assert len(handshake.show_invite()) == frames


def test_an_older_version_may_not_show_one() -> None:
    """An INVITE of a caller whose HELLO did not say version 3 is no message at all."""
    puppet = Puppet(is_neighbour=False)
    hello = replace(decode(puppet.handshake.begin()), versions=(1, 2))
    puppet.give(encode(hello))

    assert closed_with(puppet.give(Invite(bytes(32), "", bytes(64)))) == "malformed"


def test_who_answers_may_not_show_one() -> None:
    """Only a dialer shows an invite: it has seen who answers, the responder has not."""
    world, skara, hjo = two_towns()

    def answer_with_an_invite(sender: MemoryNode, frame: bytes) -> bytes:
        is_auth = decode(frame).EVENT == "auth"
        return encode(Invite(bytes(32), "", bytes(64))) if sender is skara and is_auth else frame

    world.tamper = answer_with_an_invite

    assert end_of(world, hjo, skara) == "wrong_state"


@pytest.mark.parametrize("letters", range(3))
def test_an_invite_has_one_spelling(letters: int) -> None:
    """Of the texts that decode to the same bytes only the one that is written is read."""
    text = encode_code(CODE._replace(origin="https://" + "a" * letters))
    padding = "=" * (-len(text) % 4)
    meant = base64.urlsafe_b64decode(text + padding)
    others = [text[:-1] + letter for letter in string.ascii_letters + string.digits + "-_"]
    twins = [other for other in others if base64.urlsafe_b64decode(other + padding) == meant]

    assert len(twins) == 4 ** len(padding)
    for twin in twins:
        if twin != text:
            with pytest.raises(InviteCodeError, match="not whole"):
                decode_code(twin)
