"""Vectors for docs/protocol.md §7: messages, reconciliation and a whole exchange."""

from __future__ import annotations

import base64
import hashlib

from factories import LogMaker
from memory_world import MemoryNode, World
from protocol import canonical
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.directory import Item
from protocol.invite import Invite, InviteCode, encode_code, invite_key, key_digest, make_invite
from protocol.messages import (
    Bye,
    Have,
    Hello,
    Message,
    Reconcile,
    Recover,
    Refused,
    Stored,
    Want,
    encode,
)
from protocol.ranges import Mode, Range
from protocol.reconcile import Reconciler, fingerprint

Case = dict[str, object]

_ID = bytes.fromhex("ab" * 32)
_GOOD: dict[str, Message] = {
    "HELLO of a dialer": Hello((1,), _ID, bytes(32), bytes(16), "https://hjo.example", 0),
    "HELLO of a responder": Hello((1, 2), _ID, bytes(32), bytes(16), "", 3),
    "RECONCILE, everything": Reconcile((Range(b"", Mode.FINGERPRINT, bytes(16)),)),
    "RECONCILE, nothing to say": Reconcile(()),
    "HAVE": Have((Item(_ID, 7, _ID),)),
    "WANT": Want(_ID, 3, 7),
    "WANT, withdrawn": Want(_ID, 3, 3),
    "STORED": Stored(Item(_ID, 7, _ID), 1_234),
    "STORED, nothing held": Stored(Item(_ID, 0, b""), 1_234),
    "REFUSED": Refused(_ID, "not_wanted", 1_234),
    "BYE": Bye("going_away", "The node stops."),
    "WANT_BLOB": WantBlob(Piece(Blob(_ID, 300_000), 262_144, 37_856)),
    "BLOB": BlobPiece(_ID, 262_144, b"the rest"),
    "NO_BLOB": NoBlob(_ID, 262_144, "not_held"),
    "BLOB_HERE": BlobHere(Blob(_ID, 300_000)),
    "RECOVER": Recover(_ID, bytes(64)),
    "INVITE": Invite(_ID, "https://hjo.example", bytes(64)),
    "INVITE of one that cannot be dialled": Invite(_ID, "", bytes(64)),
}
_BAD: dict[str, tuple[object, str]] = {
    "an unknown type": ([16], "malformed"),
    "not an array": ({}, "malformed"),
    "no type": ([], "malformed"),
    "a field too few": ([5, _ID, 1], "malformed"),
    "a field too many": ([5, _ID, 1, 2, 3], "malformed"),
    "a log id of 31 bytes": ([5, _ID[1:], 1, 2], "malformed"),
    "a negative number": ([5, _ID, -1, 2], "malformed"),
    "true for 1": ([5, _ID, True, 2], "malformed"),
    "through before after": ([5, _ID, 3, 2], "malformed"),
    "a run of no entries": ([6, _ID, 1, 0, b"x"], "malformed"),
    "a run of 1,001 entries": ([6, _ID, 1, 1_001, b"x"], "limit"),
    "HAVE of nothing": ([4, []], "malformed"),
    "a head numbered 0": ([4, [[_ID, 0, b""]]], "malformed"),
    "versions not ascending": ([1, [2, 1], _ID, bytes(32), bytes(16), "", 0], "malformed"),
    "a nonce of 31 bytes": ([1, [1], _ID, bytes(31), bytes(16), "", 0], "malformed"),
    "a code with a capital": ([10, "Bye", ""], "malformed"),
    "a reason that is too long": ([10, "limit", "x" * 201], "limit"),
    "credit beyond the window": ([8, _ID, "limit", 8_388_609], "limit"),
    "bounds that do not ascend": ([3, [[b"\x80", 0], [b"\x80", 2, []]]], "malformed"),
    "an item outside its range": ([3, [[b"\x80", 2, [[_ID, 1, _ID]]]]], "malformed"),
    "a piece beyond the end": ([11, _ID, 300_000, 262_144, 37_857], "limit"),
    "a piece of nothing": ([11, _ID, 300_000, 0, 0], "malformed"),
    "a piece that is too long": ([11, _ID, 300_000, 0, 262_145], "limit"),
    "a file that is too large": ([14, _ID, 26_214_401], "limit"),
    "an empty piece": ([12, _ID, 0, b""], "malformed"),
    "an invite key of 31 bytes": ([15, _ID[1:], "", bytes(64)], "malformed"),
    "an invite's address that is too long": ([15, _ID, "x" * 301, bytes(64)], "limit"),
    "an invite's address in bytes": ([15, _ID, b"", bytes(64)], "malformed"),
    "a skip at the end": ([3, [[b"", 0]]], "malformed"),
}


def message_cases() -> list[Case]:
    """Frames that decode, and frames that do not."""
    good: list[Case] = [
        {"name": name, "valid": True, "frame": encode(message).hex()}
        for name, message in _GOOD.items()
    ]
    bad: list[Case] = [
        {"name": name, "valid": False, "frame": canonical.encode(value).hex(), "error": code}
        for name, (value, code) in _BAD.items()
    ]
    return good + bad


def _item(number: int, sequence: int) -> Item:
    log = hashlib.sha256(b"log %d" % number).digest()
    return Item(log, sequence, hashlib.sha256(log + b"%d" % sequence).digest())


def _reconcile(name: str, left: dict[int, int], right: dict[int, int]) -> Case:
    """Let two sides reconcile; ``frames`` go to and fro, the dialer's first."""
    sides = [sorted(_item(*head) for head in side.items()) for side in (left, right)]
    reconcilers = [Reconciler(items) for items in sides]
    message, frames, turn = reconcilers[0].begin(), [], 1
    while message is not None:
        frames.append(encode(Reconcile(message)).hex())
        message, turn = reconcilers[turn].receive(message).answer, 1 - turn
    return {
        "name": name,
        "dialer": [[item.log.hex(), item.sequence, item.id.hex()] for item in sides[0]],
        "responder": [[item.log.hex(), item.sequence, item.id.hex()] for item in sides[1]],
        "fingerprints": [fingerprint(items).hex() for items in sides],
        "frames": frames,
    }


def reconcile_cases() -> list[Case]:
    """Whole reconciliations between two sets of heads."""
    many = dict.fromkeys(range(40), 5)
    return [
        _reconcile("both empty", {}, {}),
        _reconcile("equal", {1: 4, 2: 9}, {1: 4, 2: 9}),
        _reconcile("one ahead in one log", {1: 4, 2: 9}, {1: 4, 2: 11}),
        _reconcile("one holds nothing", {}, {1: 4, 2: 9}),
        _reconcile("forty logs, one differs", many, {**many, 7: 6}),
        _reconcile("forty logs, each lacks one", {**many, 100: 1}, {**many, 200: 1}),
    ]


_SECRET = bytes(range(16))
_HELLOS = (
    Hello((1, 2, 3), _ID, bytes(32), bytes(16), "https://skara.example", 0),
    Hello((1, 2, 3), bytes(32), bytes(32), bytes(16), "", 0),
)


def invite_cases() -> list[Case]:
    """Invites as text with what they hold, texts that are none, and one shown in a session."""
    whole = InviteCode("https://skara.example", _ID, _SECRET, "1495")
    text = encode_code(whole)
    fields: list[object] = [1, *whole]
    bad = {
        "cut short": text[:-4],
        "with padding": text + "=",
        "of another version": _text([2, *whole]),
        "a secret of 15 bytes": _text([*fields[:3], _SECRET[1:], "1495"]),
        "a part too many": _text([*fields, 0]),
        "a kommunkod of three digits": _text([*fields[:4], "149"]),
        "an address that is too long": _text([1, "x" * 301, *fields[2:]]),
    }
    good: Case = {
        "name": "an invite",
        "valid": True,
        "text": text,
        "origin": whole.origin,
        "log": whole.log.hex(),
        "secret": whole.secret.hex(),
        "code": whole.code,
    }
    public_key = invite_key(_SECRET).public_key
    hellos = [encode(hello) for hello in _HELLOS]
    shown = make_invite(_SECRET, hellos[0], hellos[1], "https://hjo.example")
    session: Case = {
        "name": "an invite shown in a session",
        "valid": True,
        "secret": _SECRET.hex(),
        "public_key": public_key.hex(),
        "key_digest": key_digest(public_key).hex(),
        "dialer_hello": hellos[0].hex(),
        "responder_hello": hellos[1].hex(),
        "frame": encode(shown).hex(),
    }
    refused: list[Case] = [
        {"name": name, "valid": False, "text": case, "error": "bad_invite"}
        for name, case in bad.items()
    ]
    return [good, session, *refused]


def _text(fields: list[object]) -> str:
    return base64.urlsafe_b64encode(canonical.encode(fields)).rstrip(b"=").decode()


def exchange() -> list[Case]:
    """A first meeting of two nodes: one has two entries more, and then publishes another."""
    world = World(seed=1)
    tidaholm = world.add(LogMaker(1))
    hjo = world.add(LogMaker(2, code="1497", name="Hjo kommun"))
    world.befriend(tidaholm, hjo)
    tidaholm.publish(2)
    texts: list[Case] = []

    def note(sender: MemoryNode, frame: bytes) -> bytes:
        who = "Hjo" if sender is hjo else "Tidaholm"
        texts.append({"name": f"{who} sends", "frame": frame.hex()})
        return frame

    world.tamper = note
    world.dial(hjo, tidaholm)
    world.settle()
    tidaholm.maker.append("comment", b'{"schema":1,"text":"Tack"}')
    tidaholm.hold(tidaholm.maker.envelopes[-1:])
    world.settle()
    assert hjo.head(tidaholm.own_log) == tidaholm.head(tidaholm.own_log)
    return texts
