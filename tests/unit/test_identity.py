"""Keys: what no honest author uses is refused, and key events have one spelling."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from factories import flipped, signing_key
from protocol.errors import KeyEventError, KeyRefusedError, SignatureError
from protocol.identity import (
    INCEPTION_KIND,
    KEY_KIND,
    KeyEvent,
    Keys,
    check_public_key,
    fingerprint,
    inception_content,
    next_key_digest,
    read_key_event,
    rotation_content,
    verify,
)

FIELD_PRIME = 2**255 - 19
ORDER_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
ORDER_8_NEGATED = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"


def _encodings(y: int) -> list[bytes]:
    """Return a y coordinate with either sign bit."""
    return [(y | sign << 255).to_bytes(32, "little") for sign in (0, 1)]


LOW_ORDER = [
    encoding
    for y in (
        *(0, 1, FIELD_PRIME - 1, FIELD_PRIME, FIELD_PRIME + 1),
        int.from_bytes(bytes.fromhex(ORDER_8), "little"),
        int.from_bytes(bytes.fromhex(ORDER_8_NEGATED), "little"),
    )
    for encoding in _encodings(y)
]
NON_CANONICAL = [encoding for y in range(FIELD_PRIME, 2**255) for encoding in _encodings(y)]


def test_the_lists_are_as_long_as_mathematics_says() -> None:
    """There are 14 low-order encodings and 19 values of y at or above p, with two signs each."""
    assert len(set(LOW_ORDER)) == 14
    assert len(set(NON_CANONICAL)) == 38


@pytest.mark.parametrize("encoding", [*LOW_ORDER, *NON_CANONICAL], ids=bytes.hex)
def test_low_order_and_non_canonical_points_are_refused(encoding: bytes) -> None:
    """As a public key and as a signature's R value alike."""
    key = signing_key(1)
    with pytest.raises(KeyRefusedError):
        check_public_key(encoding)
    with pytest.raises(KeyRefusedError):
        verify(encoding, key.sign(b"message"), b"message")
    with pytest.raises(KeyRefusedError):
        verify(key.public_key, encoding + bytes(32), b"message")


def test_a_key_that_is_no_point_verifies_nothing() -> None:
    """A y with which no point of the curve goes is a key whose signatures never hold."""
    d = -121665 * pow(121666, -1, FIELD_PRIME)
    squares = {y: (y * y - 1) * pow(d * y * y + 1, -1, FIELD_PRIME) for y in range(2, 40)}
    no_points = [
        y
        for y, square in squares.items()
        if pow(square, (FIELD_PRIME - 1) // 2, FIELD_PRIME) == FIELD_PRIME - 1
    ]
    signature = signing_key(1).sign(b"message")

    assert len(no_points) > 10
    for encoding in (encoding for y in no_points for encoding in _encodings(y)):
        check_public_key(encoding)
        with pytest.raises(SignatureError):
            verify(encoding, signature, b"message")


def test_the_signature_that_fits_every_message_is_refused() -> None:
    """Under the identity point the library accepts one signature for any message; we do not."""
    identity_point = (1).to_bytes(32, "little")
    signature = identity_point + bytes(32)
    Ed25519PublicKey.from_public_bytes(identity_point).verify(signature, b"any message at all")
    with pytest.raises(KeyRefusedError):
        verify(identity_point, signature, b"any message at all")


def test_a_malleated_signature_is_refused() -> None:
    """Adding the group order to S gives no second signature, so no second entry id."""
    key = signing_key(1)
    signature = key.sign(b"message")
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(signature[32:], "little") + order
    with pytest.raises(SignatureError):
        verify(key.public_key, signature[:32] + s.to_bytes(32, "little"), b"message")


@given(st.binary(max_size=300), st.integers(0, 63), st.integers(0, 7))
def test_a_good_signature_holds_and_a_flipped_one_does_not(
    message: bytes, position: int, bit: int
) -> None:
    """Every bit of a signature counts."""
    key = signing_key(1)
    signature = key.sign(message)
    verify(key.public_key, signature, message)
    with pytest.raises((SignatureError, KeyRefusedError)):
        verify(key.public_key, flipped(signature, position, bit), message)
    with pytest.raises(SignatureError):
        verify(key.public_key, signature, message + b"x")
    with pytest.raises(SignatureError):
        verify(signing_key(2).public_key, signature, message)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_keys_and_signatures_have_one_length(size: int) -> None:
    """A key is 32 bytes and a signature 64, nothing else."""
    with pytest.raises(KeyRefusedError):
        check_public_key(bytes(size))
    with pytest.raises(SignatureError):
        verify(signing_key(1).public_key, bytes(size if size != 64 else 65), b"")


def _event() -> KeyEvent:
    return KeyEvent(signing_key(1).public_key, next_key_digest(signing_key(2).public_key))


def _first() -> KeyEvent:
    return _event()._replace(code="1498", name="Tidaholms kommun")


def test_key_events_survive_a_round_trip() -> None:
    """What is written is read back the same."""
    assert read_key_event(INCEPTION_KIND, inception_content(_first())) == _first()
    assert read_key_event(KEY_KIND, rotation_content(_event())) == _event()


def _respelled() -> dict[str, bytes]:
    """Return other spellings of one good first entry's content, each by its name."""
    good = json.loads(inception_content(_first()))

    def dump(**changes: object) -> bytes:
        return json.dumps({**good, **changes}, ensure_ascii=False, separators=(",", ":")).encode()

    text = inception_content(_first()).decode()
    return {
        "spaces": json.dumps(good, ensure_ascii=False).encode(),
        "other order": json.dumps(dict(reversed(good.items())), separators=(",", ":")).encode(),
        "upper-case hexadecimal": dump(key=good["key"].upper()),
        "one field more": dump(more=1),
        "schema as text": dump(schema="1"),
        "schema true": dump(schema=True),
        "newer schema": dump(schema=2),
        "short key": dump(key=good["key"][:-2]),
        "short next": dump(next=good["next"][:-2]),
        "key as number": dump(key=5),
        "key with a space": dump(key=good["key"][:62] + " " + good["key"][62:]),
        "name as list": dump(name=["Tidaholm"]),
        "code as number": dump(code=1498),
        "duplicate key": text.replace('"schema":1', '"schema":1,"schema":1').encode(),
        "escaped letter": text.replace("Tidaholm", "\\u0054idaholm").encode(),
        "byte order mark": b"\xef\xbb\xbf" + text.encode(),
        "not JSON": b"key",
        "a list": b"[]",
        "nothing": b"",
        "deep": b"[" * 100_000,
        "not UTF-8": b"\xff",
        "low-order key": dump(key=LOW_ORDER[0].hex()),
    }


@pytest.mark.parametrize("spelling", _respelled())
def test_a_key_event_has_exactly_one_spelling(spelling: str) -> None:
    """Every other spelling of the same key event is refused, and so are broken ones."""
    with pytest.raises((KeyEventError, KeyRefusedError)):
        read_key_event(INCEPTION_KIND, _respelled()[spelling])


@pytest.mark.parametrize(
    "name",
    [
        "",
        " Hjo",
        "Hjo ",
        "x" * 101,
        "Hj\u200bo",
        "Hjo\u202e",
        "Hjo\n",
        "A\u030alingsås",
        "\u212blingsås",
        "\ue000",
    ],
)
def test_names_that_could_deceive_are_refused(name: str) -> None:
    """Invisible, direction-changing, padded and non-normalised names never enter a log."""
    with pytest.raises(KeyEventError):
        read_key_event(INCEPTION_KIND, inception_content(_first()._replace(name=name)))


@pytest.mark.parametrize("code", ["", "149", "14980", "14a8", "١٤٩٨", "１４９８"])
def test_a_municipality_code_is_four_digits(code: str) -> None:
    """Digits of other scripts are not digits here."""
    with pytest.raises(KeyEventError):
        read_key_event(INCEPTION_KIND, inception_content(_first()._replace(code=code)))


def test_the_key_in_force_follows_the_sequence_number() -> None:
    """Each sequence number has the key of its own period."""
    keys = Keys(((1, b"a"), (5, b"b"), (9, b"c")), b"next")
    in_force = [keys.at(number) for number in (1, 4, 5, 8, 9, 100)]
    assert in_force == [b"a", b"a", b"b", b"b", b"c", b"c"]
    assert keys.current == b"c"


def test_a_fingerprint_is_read_aloud_in_short_groups() -> None:
    """Two people compare groups of four characters."""
    groups = fingerprint(bytes(range(32))).split(" ")
    assert all(len(group) == 4 for group in groups)
    assert "".join(groups) == bytes(range(32)).hex()[: 4 * len(groups)]
