"""Small worlds about who may be spoken with: one real hub, and a party that says what it likes."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from factories import LogMaker
from memory_world import MemoryNode, World, origin_of
from protocol import effects
from protocol.blob_messages import Blob, Piece, WantBlob
from protocol.directory import Item
from protocol.effects import Effect
from protocol.fork import encode_proof, make_proof
from protocol.handshake import Handshake, Ourselves
from protocol.invite import invite_key, key_digest, make_invite
from protocol.limits import (
    BLOB_PIECES_WAITING_MAX,
    FORK_FRAMES_MAX,
    HAVE_ITEMS_MAX,
    INVITE_SECRET_BYTES,
    REMOTE_LOGS_MAX,
    WANTS_WAITING_MAX,
)
from protocol.messages import Auth, Bye, Fork, Have, Hello, Message, Want, decode
from protocol.transitions import GREETING_STATES, Event, Role, State
from session_puppet import LINK, Puppet, make_puppet, some
from simulation.scenario import Outcome
from simulation.small_world import judged, must

TOLD_STRANGERS = (Hello, Auth, Bye)
DONE_FOR_STRANGERS = (effects.Send, effects.Close, effects.Knocked)


def stranger(seed: int) -> Outcome:
    """A party that nobody approved is told nothing but so, whatever it says and when."""

    def play(_: int) -> None:
        for state in sorted(GREETING_STATES):
            for event in Event:
                if event not in (Event.RECONCILED, Event.END):
                    puppet = make_puppet(state, is_neighbour=False)
                    _told_nothing(puppet.give(some(event, puppet)))
        puppet = make_puppet(State.AUTH_AWAITED, is_neighbour=False)
        _told_nothing(puppet.give(puppet.handshake.auth()))
        must(puppet.state() is None, "a stranger may stay")

    return judged(seed, play)


def _told_nothing(todo: Iterable[Effect]) -> None:
    for effect in todo:
        must(isinstance(effect, DONE_FOR_STRANGERS), f"a stranger got {effect}")
        if isinstance(effect, effects.Send):
            message = decode(effect.frame)
            must(isinstance(message, TOLD_STRANGERS), f"a stranger was told {message}")


def old_key(seed: int) -> Outcome:
    """A key that a rotation has replaced opens no session, though its events are genuine."""

    def play(seed: int) -> None:
        puppet = Puppet()
        thief, first = puppet.maker.key, puppet.maker.envelopes[0]
        for _ in range(Random(seed).randint(1, 3)):
            puppet.maker.rotate()
        puppet.node.hold(puppet.maker.envelopes)
        ourselves = Ourselves(
            puppet.maker.log, thief.sign, lambda _: (first,), bytes(16), frozenset()
        )
        puppet.handshake = Handshake(
            ourselves,
            Role.DIALER,
            bytes(range(32)),
            expected_log=puppet.node.own_log,
            origin=origin_of(puppet.node.own_log),
        )
        puppet.advance(State.RECONCILING)
        must(puppet.state() is None, "an old key opened a session")

    return judged(seed, play)


def other_answers(seed: int) -> Outcome:
    """Another node answers where a neighbour was dialled: it is not taken for that neighbour."""

    def play(seed: int) -> None:
        world, dialer, neighbour, other = _three(seed)
        there = origin_of(other.own_log)
        other.own_log = neighbour.own_log  # the name leads to another machine
        world.dial(dialer, other, origin=there)
        world.settle()
        must(not dialer.saw(effects.Authenticated), "whoever answered was taken")

    return judged(seed, play)


def relayed(seed: int) -> Outcome:
    """A neighbour dialled another address: what it says there was not meant for this node."""

    def play(seed: int) -> None:
        world, dialer, neighbour, other = _three(seed)
        world.dial(dialer, neighbour, origin=origin_of(other.own_log))
        world.settle()
        must(not neighbour.saw(effects.Authenticated), "a relayed session was taken")

    return judged(seed, play)


def _three(seed: int) -> tuple[World, MemoryNode, MemoryNode, MemoryNode]:
    """A node, a neighbour of it, and another neighbour of it."""
    world = World(seed)
    dialer, neighbour, other = (world.add(LogMaker(number)) for number in (1, 2, 3))
    world.befriend(dialer, neighbour)
    world.befriend(dialer, other)
    return world, dialer, neighbour, other


def overheard_invite(seed: int) -> Outcome:
    """An invite that was shown in one session opens nothing in another."""

    def play(seed: int) -> None:
        secret = Random(seed).randbytes(INVITE_SECRET_BYTES)
        digest = key_digest(invite_key(secret).public_key)
        frames = Random(seed).randbytes(300), Random(seed + 1).randbytes(300)
        puppet = make_puppet(State.AUTH_AWAITED, is_neighbour=False)
        puppet.node.invites[digest] = None
        puppet.give(make_invite(secret, *frames, "https://exempel.se"))
        todo = puppet.give(puppet.handshake.auth())
        knocks = [effect for effect in todo if isinstance(effect, effects.Knocked)]
        must(not any(knock.invite for knock in knocks), "an overheard invite was honoured")

    return judged(seed, play)


# --- bounds --------------------------------------------------------------------------------


def endless_heads(seed: int) -> Outcome:
    """A neighbour that speaks of ever more logs is told to stop."""

    def heads(random: Random) -> Iterable[Message]:
        for _ in range(REMOTE_LOGS_MAX // HAVE_ITEMS_MAX + 1):
            logs = sorted(random.randbytes(32) for _ in range(HAVE_ITEMS_MAX))
            yield Have(tuple(Item(log, 1, log) for log in logs))

    return judged(seed, lambda seed: _must_end(make_puppet(State.LIVE), heads(Random(seed))))


def endless_wants(seed: int) -> Outcome:
    """A neighbour that asks for ever more logs while one is prepared is told to stop."""

    def play(seed: int) -> None:
        puppet, random = make_puppet(State.LIVE), Random(seed)
        puppet.give(Want(puppet.node.own_log, 0, 1))
        wants = [Want(random.randbytes(32), 0, 1) for _ in range(WANTS_WAITING_MAX + 1)]
        _must_end(puppet, wants)

    return judged(seed, play)


def endless_proofs(seed: int) -> Outcome:
    """A neighbour that sends ever more fork proofs is told to stop."""

    def play(seed: int) -> None:
        puppet = make_puppet(State.LIVE)
        twins = (puppet.maker, puppet.maker.fork())
        first = puppet.key_events()
        one, other = (twin.append(content=b'{"twin":%d}' % n) for n, twin in enumerate(twins))
        proof = encode_proof(make_proof(first, one.entry, other.entry))
        _must_end(puppet, [Fork(proof)] * (FORK_FRAMES_MAX + 1))

    return judged(seed, play)


def endless_pieces(seed: int) -> Outcome:
    """A neighbour that asks for ever more pieces of files is told to stop."""

    def play(seed: int) -> None:
        blob = Blob(Random(seed).randbytes(32), 10)
        pieces = [WantBlob(Piece(blob, 0, 10))] * (2 * BLOB_PIECES_WAITING_MAX)
        _must_end(make_puppet(State.LIVE), pieces)

    return judged(seed, play)


def _must_end(puppet: Puppet, messages: Iterable[Message]) -> None:
    for message in messages:
        for effect in puppet.give(message):
            if isinstance(effect, effects.Close):
                must(effect.code == "limit", f"ended for {effect.code}")
    must(puppet.node.hub.link_status(LINK) is None, "no bound was kept")
