"""Messages: what is written is read back, and nothing else is read at all."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import LogMaker, flipped
from protocol import blob_messages, canonical, effects, messages, notices
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.directory import Item
from protocol.errors import LimitError, MalformedError
from protocol.limits import (
    BLOB_BYTES_MAX,
    BLOB_PIECE_BYTES_MAX,
    CREDIT_BYTES,
    FRAME_BYTES_MAX,
    HAVE_ITEMS_MAX,
    INTEGER_MAX,
    RECONCILE_PARTS_MAX,
    RUN_BYTES_MAX,
    RUN_ENTRIES_MAX,
)
from protocol.messages import (
    Auth,
    Bye,
    Fork,
    Have,
    Hello,
    Message,
    Reconcile,
    Refused,
    Run,
    Stored,
    Want,
    decode,
    encode,
)
from protocol.ranges import Mode, Range

LOG, ID = bytes(range(32)), bytes(range(32, 64))
LATER = b"\xf0" + LOG[1:]
ITEM = [LOG, 3, ID]

EXAMPLES: list[Message] = [
    Hello((1, 2), LOG, bytes(32), bytes(16), "https://hjo.example", 3),
    Hello((1,), LOG, bytes(32), bytes(16), "", 0),
    Auth((), bytes(64)),
    Auth(tuple(LogMaker(1).envelopes), bytes(64)),
    Reconcile(()),
    Reconcile((Range(b"", Mode.FINGERPRINT, bytes(16)),)),
    Reconcile(
        (
            Range(b"\x10", Mode.ITEMS, items=(Item(LOG, 3, ID),)),
            Range(b"\x20", Mode.SKIP),
            Range(b"\xf0", Mode.ITEMS),
            Range(b"", Mode.ANSWER, items=(Item(LATER, 0, b""),)),
        )
    ),
    Have((Item(LOG, 3, ID), Item(LATER, INTEGER_MAX, ID))),
    Want(LOG, 0, 9),
    Want(LOG, 9, 9),
    Run(LOG, 1, RUN_ENTRIES_MAX, b"payload"),
    Stored(Item(LOG, 3, ID), CREDIT_BYTES),
    Stored(Item(LOG, 0, b""), 0),
    Refused(LOG, "not_wanted", 5),
    Fork(b"proof"),
    Bye("not_a_neighbour", "not an approved neighbour"),
    Bye("going_away", ""),
    WantBlob(Piece(Blob(ID, BLOB_BYTES_MAX), BLOB_BYTES_MAX - 1, 1)),
    WantBlob(Piece(Blob(ID, 1), 0, 1)),
    BlobPiece(ID, 0, bytes(BLOB_PIECE_BYTES_MAX)),
    NoBlob(ID, 7, "not_held"),
    BlobHere(Blob(ID, 1)),
]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_every_message_is_read_back_as_it_was_written(message: Message) -> None:
    """Encoding and decoding are inverse, and there is one encoding of each message."""
    frame = encode(message)
    assert decode(frame) == message
    assert encode(decode(frame)) == frame


MALFORMED = {
    "nothing": [],
    "no type": [LOG],
    "type zero": [0],
    "type above all": [15, b""],
    "type as text": ["1"],
    "type as boolean": [True, [1], LOG, bytes(32), bytes(16), "", 0],
    "not an array": {1: 2},
    "hello with one field less": [1, [1], LOG, bytes(32), bytes(16), ""],
    "hello without versions": [1, [], LOG, bytes(32), bytes(16), "", 0],
    "hello with versions out of order": [1, [2, 1], LOG, bytes(32), bytes(16), "", 0],
    "hello with a version twice": [1, [1, 1], LOG, bytes(32), bytes(16), "", 0],
    "hello with version zero": [1, [0], LOG, bytes(32), bytes(16), "", 0],
    "hello with a short log": [1, [1], LOG[1:], bytes(32), bytes(16), "", 0],
    "hello with a short nonce": [1, [1], LOG, bytes(31), bytes(16), "", 0],
    "hello with a long epoch": [1, [1], LOG, bytes(32), bytes(17), "", 0],
    "hello with an origin of bytes": [1, [1], LOG, bytes(32), bytes(16), b"", 0],
    "hello with negative keys": [1, [1], LOG, bytes(32), bytes(16), "", -1],
    "auth with a short signature": [2, [], bytes(63)],
    "auth with an event that is none": [2, [[b"x"]], bytes(64)],
    "auth with events as a map": [2, {}, bytes(64)],
    "ranges as bytes": [3, b""],
    "range without mode": [3, [[b""]]],
    "range with a boolean mode": [3, [[b"\x01", False], [b"", 1, bytes(16)]]],
    "range with an unknown mode": [3, [[b"", 4, []]]],
    "range with a long fingerprint": [3, [[b"", 1, bytes(17)]]],
    "skip at the end": [3, [[b"", 0]]],
    "two skips in a row": [3, [[b"\x01", 0], [b"\x02", 0], [b"", 1, bytes(16)]]],
    "bounds out of order": [3, [[b"\x02", 1, bytes(16)], [b"\x01", 1, bytes(16)]]],
    "a bound twice": [3, [[b"\x02", 1, bytes(16)], [b"\x02", 1, bytes(16)]]],
    "a range after the end": [3, [[b"", 1, bytes(16)], [b"\x01", 1, bytes(16)]]],
    "items out of order": [3, [[b"", 2, [[LATER, 1, ID], ITEM]]]],
    "an item twice": [3, [[b"", 2, [ITEM, ITEM]]]],
    "an item below its range": [3, [[b"\x01", 1, bytes(16)], [b"", 2, [ITEM]]]],
    "an item above its range": [3, [[b"\x10", 2, [[LATER, 1, ID]]]]],
    "nothing held in a list": [3, [[b"", 2, [[LOG, 0, b""]]]]],
    "nothing held with an id": [3, [[b"", 3, [[LOG, 0, ID]]]]],
    "have of nothing": [4, []],
    "have with no log": [4, [[]]],
    "have with number zero": [4, [[LOG, 0, b""]]],
    "have with a short id": [4, [[LOG, 1, ID[1:]]]],
    "want backwards": [5, LOG, 5, 4],
    "want from below zero": [5, LOG, -1, 4],
    "want as boolean": [5, LOG, False, True],
    "run from zero": [6, LOG, 0, 1, b"x"],
    "run of nothing": [6, LOG, 1, 0, b"x"],
    "run without payload": [6, LOG, 1, 1, b""],
    "run with text": [6, LOG, 1, 1, "x"],
    "stored with an id of nothing": [7, LOG, 1, b"", 0],
    "stored with negative credit": [7, LOG, 1, ID, -1],
    "refused in capitals": [8, LOG, "NOT_WANTED", 0],
    "refused without a code": [8, LOG, "", 0],
    "fork without proof": [9, b""],
    "bye with a line break": [10, "limit", "a\nb"],
    "bye with a control character": [10, "limit", "a\x1b[2J"],
}

TOO_LARGE = {
    "a number beyond 2^53": [5, LOG, 0, INTEGER_MAX + 1],
    "too many heads": [4, [ITEM] * (HAVE_ITEMS_MAX + 1)],
    "too many entries": [6, LOG, 1, RUN_ENTRIES_MAX + 1, b"x"],
    "a run past the last number": [6, LOG, INTEGER_MAX, 2, b"x"],
    "a payload too long": [6, LOG, 1, 1, bytes(RUN_BYTES_MAX + 1)],
    "too much credit": [7, LOG, 1, ID, CREDIT_BYTES + 1],
    "a long code": [8, LOG, "a" * 33, 0],
    "a long reason": [10, "limit", "a" * 201],
    "a long origin": [1, [1], LOG, bytes(32), bytes(16), "a" * 301, 0],
    "too many versions": [1, list(range(1, 18)), LOG, bytes(32), bytes(16), "", 0],
    "too many keys": [1, [1], LOG, bytes(32), bytes(16), "", 1_001],
    "a long bound": [3, [[bytes(33), 1, bytes(16)]]],
    "too many ranges": [3, [[b"", 1, bytes(16)]] * (RECONCILE_PARTS_MAX + 1)],
    "too many parts": [
        3,
        [
            [b"\x80", 1, bytes(16)],
            [
                b"",
                2,
                [[b"\x80" + number.to_bytes(31, "big"), 1, ID] for number in range(9_999)],
            ],
        ],
    ],
    "too large a fork proof": [9, bytes(1_000_001)],
}


@pytest.mark.parametrize("fields", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_a_message_is_refused(fields: object) -> None:
    """Each field's type, length and range is checked, and each has one spelling."""
    with pytest.raises(MalformedError):
        decode(canonical.encode(fields))


@pytest.mark.parametrize("fields", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_what_exceeds_a_bound_is_refused_as_such(fields: object) -> None:
    """Each bound is checked, and named as the reason."""
    with pytest.raises(LimitError):
        decode(canonical.encode(fields))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xff",
        bytes.fromhex("98024106"),  # array length in two bytes
        bytes.fromhex("9f0a616161ff"),  # indefinite length
        bytes.fromhex("830a61616161") + b"\x00",  # a byte after the end
        bytes.fromhex("8218054100"),  # the type 5 in two bytes
        b"\x81" * 200 + b"\x00",  # nested too deep
    ],
    ids=lambda frame: frame[:8].hex() or "empty",
)
def test_bytes_that_are_not_canonical_are_refused(frame: bytes) -> None:
    """Another spelling of the same value is not the same message."""
    with pytest.raises(MalformedError):
        decode(frame)


def values_that_pass_through() -> list[type]:
    """Every class of messages, of effects and of what sessions tell their hub."""
    modules = (messages, blob_messages, effects, notices)
    named = {name: value for module in modules for name, value in vars(module).items()}
    return [named[name] for name in sorted(named) if is_dataclass(named[name])]


@pytest.mark.parametrize("kind", values_that_pass_through())
def test_what_was_said_cannot_be_changed(kind: type) -> None:
    """One value goes to several sessions, tasks and logs: none can alter it for the others."""
    value = object.__new__(kind)
    for field in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(value, field.name, None)


def test_a_frame_is_measured_before_it_is_read() -> None:
    """A frame above the bound of the moment is refused whatever it holds."""
    with pytest.raises(LimitError):
        decode(bytes(FRAME_BYTES_MAX + 1))
    with pytest.raises(LimitError):
        decode(encode(Want(LOG, 0, 1)), bytes_max=10)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EXAMPLES), st.data())
def test_mutated_frames_are_read_canonically_or_refused(message: Message, data) -> None:
    """A frame with a bit turned over, or cut short, is another message or none: never a crash."""
    frame = encode(message)
    position = data.draw(st.integers(0, len(frame) - 1))
    changed = data.draw(
        st.sampled_from([flipped(frame, position, 5), flipped(frame, position), frame[:position]])
    )
    try:
        read = decode(changed)
    except MalformedError:
        return
    assert encode(read) == changed


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_read_or_refused(frame: bytes) -> None:
    """The decoder raises nothing but its own two errors."""
    with suppress(MalformedError):
        decode(frame)
