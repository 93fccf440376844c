"""Deterministic CBOR: one byte sequence for each value, and nothing else gets in."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import canonical
from protocol.errors import LimitError, MalformedError, RemoteError
from protocol.limits import CBOR_DEPTH_MAX, CBOR_ITEMS_MAX, INTEGER_MAX

integers = st.integers(min_value=-INTEGER_MAX, max_value=INTEGER_MAX)
scalars = st.none() | st.booleans() | integers | st.binary(max_size=40) | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(0, 1000) | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)

# One line a twin: what it is, and the bytes (RFC 8949 §4.2 or our narrower type set).
REFUSED = {
    "nothing": "",
    "integer in two bytes that fits one": "1801",
    "integer in nine bytes that fits one": "1b0000000000000001",
    "length in two bytes that fits one": "5801ff",
    "text length in three bytes": "79000161",
    "array length in two bytes": "980100",
    "map length in two bytes": "b801 0000",
    "map keys out of order": "a202000100",
    "map keys out of order by length": "a2626161006162 00",
    "duplicate map key": "a201000101",
    "byte string as map key": "a1410000",
    "true as map key": "a1f500",
    "null as map key": "a1f600",
    "array as map key": "a18000",
    "half float": "f93c00",
    "single float": "fa3f800000",
    "double float": "fb3ff0000000000000",
    "not a number": "f97e00",
    "infinity": "f97c00",
    "undefined": "f7",
    "simple value": "e0",
    "simple value in two bytes": "f820",
    "break alone": "ff",
    "array of no stated length": "9f01ff",
    "map of no stated length": "bf0101ff",
    "bytes in pieces": "5f4101ff",
    "text in pieces": "7f6161ff",
    "text that is not UTF-8": "61ff",
    "text with a lone surrogate": "63eda080",
    "text in overlong UTF-8": "62c080",
    "one item and a byte": "0000",
    "cut array": "8201",
    "cut text": "6261",
    "reserved additional information": "1c",
    "array of 2^64-1 items": "9bffffffffffffffff",
    "bytes of 2^63 length": "5b8000000000000000",
    "map of 2^32 pairs": "bb0000000100000000",
    "integer 2^53": "1b0020000000000000",
    "integer -2^53": "3b001fffffffffffff",
    "integer 2^64-1": "1bffffffffffffffff",
    "integer -2^64": "3bffffffffffffffff",
    "big integer": "c249010000000000000000",
    "big integer that fits": "c24101",
    "date": "c100",
    "date out of any calendar": "c11b7fffffffffffffff",
    "decimal fraction": "c4820101",
    "decimal fraction with a huge exponent": "c4821b7fffffffffffffff03",
    "big float": "c5820101",
    "big float with a huge exponent": "c5821b7fffffffffffffff03",
    "rational with no denominator": "d81e820100",
    "regular expression": "d8236128",
    "MIME message": "d8246128",
    "self-described CBOR": "d9d9f700",
    "set": "d901028100",
    "shared value": "d81c80",
    "array that contains itself": "d81c81d81d00",
    "shared value used twice": "82d81c80d81d00",
    "string reference": "d90100 82 43616161 d81900",
    "network address": "d9010440",
    "unknown tag": "daffffffff00",
}


@given(values)
def test_every_value_survives_a_round_trip(value: object) -> None:
    """What is encoded is decoded to the same value."""
    assert canonical.decode(canonical.encode(value), depth_max=64) == value


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_the_one_encoding_is_refused(name: str) -> None:
    """Each non-canonical or foreign encoding raises a MalformedError and nothing else."""
    with pytest.raises(MalformedError):
        canonical.decode(bytes.fromhex(REFUSED[name]))


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_to_themselves_or_refused(data: bytes) -> None:
    """For any bytes at all: either they are the one encoding of a value, or they are refused."""
    try:
        value = canonical.decode(data)
    except RemoteError:
        return
    assert canonical.encode(value) == data


@given(values, st.data())
def test_a_changed_byte_never_gives_the_same_value(value: object, data: st.DataObject) -> None:
    """No second byte sequence of the same length stands for a value."""
    encoded = canonical.encode(value)
    position = data.draw(st.integers(0, len(encoded) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != encoded[position]))
    twin = encoded[:position] + bytes((other,)) + encoded[position + 1 :]
    try:
        decoded = canonical.decode(twin, depth_max=64)
    except MalformedError:
        return
    # Python calls 1 and True equal; their encodings differ.
    assert canonical.encode(decoded) != encoded


@given(values)
def test_an_encoding_followed_by_anything_is_refused(value: object) -> None:
    """There is exactly one item in the bytes."""
    with pytest.raises(MalformedError):
        canonical.decode(canonical.encode(value) + b"\x00", depth_max=64)


def test_nesting_up_to_the_bound_is_read_and_one_more_is_refused() -> None:
    """Depth is bounded before the value is built, however deep the bytes go."""

    def nested(depth: int) -> bytes:
        return b"\x81" * depth + b"\x00"

    deepest = max(depth for depth in range(1, 20) if _is_read(nested(depth)))
    assert deepest in (CBOR_DEPTH_MAX - 1, CBOR_DEPTH_MAX)
    for depth in (deepest + 1, 1_000, 1_000_000):
        with pytest.raises(MalformedError):
            canonical.decode(nested(depth))


def _is_read(data: bytes) -> bool:
    try:
        canonical.decode(data)
    except MalformedError:
        return False
    return True


def test_shared_references_do_not_unfold() -> None:
    """A few hundred bytes that would unfold to 10^60 items are refused while they are read."""
    levels = [b"\xd8\x1c\x8a" + b"\x00" * 10]
    levels += [b"\xd8\x1c\x8a" + (b"\xd8\x1d" + bytes((n % 24,))) * 10 for n in range(20)]
    with pytest.raises(MalformedError):
        canonical.decode(bytes((0x80 + 21,)) + b"".join(levels))


@pytest.mark.parametrize("number", [0, 23, 24, INTEGER_MAX, -1, -INTEGER_MAX])
def test_integers_up_to_the_bound_are_read(number: int) -> None:
    """Every integer within ±(2^53−1) is carried exactly."""
    assert canonical.decode(cbor2.dumps(number)) == number


@pytest.mark.parametrize("number", [INTEGER_MAX + 1, -INTEGER_MAX - 1, 2**63, 2**64 - 1])
def test_integers_beyond_the_bound_are_refused_by_name(number: int) -> None:
    """An integer that other languages would round is a LimitError, wherever it stands."""
    for value in (number, [0, number], {1: number}, {number: 1}, [[{"a": [number]}]]):
        with pytest.raises(LimitError):
            canonical.decode(cbor2.dumps(value))


MANY = {
    "nothing in each": [],
    "numbers of every length": [0, 23, 24, 255, 256, 65_536, 2**40, -1, -300],
    "strings of every length": [b"", b"a", bytes(30), bytes(300), "å", "a" * 300],
    "maps": [{1: True, "two": None}],
}


@pytest.mark.parametrize("sample", MANY.values(), ids=MANY)
def test_items_are_counted_before_they_are_built(sample: list[object]) -> None:
    """As many items as allowed are read, whatever they are; one more is a LimitError."""
    counted = len(sample) + sum(2 * len(item) for item in sample if isinstance(item, dict))
    copies, rest = divmod(CBOR_ITEMS_MAX - 1, counted + 1)
    value = [*[sample] * copies, *[0] * rest]

    assert canonical.decode(canonical.encode(value)) == value
    with pytest.raises(LimitError):
        canonical.decode(canonical.encode([*value, 0]))


@given(
    st.binary(max_size=60), st.sampled_from([b"\x9a\x00\x3d\x09\x00", b"\x82\x5a\x00\x01\x00\x00"])
)
def test_counting_stops_where_bytes_end(tail: bytes, start: bytes) -> None:
    """Heads that claim more than there is, or are none, never break the count."""
    with pytest.raises(RemoteError):
        canonical.decode(start + bytes(60_000) + tail + b"\xff")


@pytest.mark.parametrize("head", ["9f", "bf", "5f", "7f", "ff", "1c", "fe"])
def test_counting_stops_at_a_head_without_a_length(head: str) -> None:
    """What no deterministic item begins with is refused for that, however much follows."""
    with pytest.raises(MalformedError):
        canonical.decode(bytes.fromhex(head) + bytes(2 * CBOR_ITEMS_MAX))
