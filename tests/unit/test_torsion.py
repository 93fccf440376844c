"""Signatures that only the cofactored equation accepts: one verdict everywhere (§4.5).

Whoever knows a secret key can add a point of small order to R or to the key. Libraries that check
the equation times eight accept that, others do not; a log with such an entry would be taken by
some nodes and refused by others.
"""

from __future__ import annotations

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import SignatureError
from protocol.identity import verify

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
MESSAGE = b"a message"
Point = tuple[int, int]


def add(first: Point, second: Point) -> Point:
    """The sum of two points of edwards25519 (RFC 8032 §5.1.4, affine)."""
    (x1, y1), (x2, y2) = first, second
    product = D * x1 * x2 * y1 * y2 % PRIME
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, PRIME) % PRIME
    return x, (y1 * y2 + x1 * x2) * pow(1 - product, -1, PRIME) % PRIME


def multiply(factor: int, point: Point) -> Point:
    """A point added to itself so often."""
    total: Point = (0, 1)
    while factor:
        if factor & 1:
            total = add(total, point)
        point = add(point, point)
        factor >>= 1
    return total


def with_y(y: int) -> Point | None:
    """The point with this y and an even x (RFC 8032 §5.1.3), if there is one."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    if (x * x - square) % PRIME:
        return None
    return (x if x % 2 == 0 else PRIME - x), y


def of_order_eight() -> Point:
    """A generator of the eight points of small order."""
    for y in range(2, 100):
        point = with_y(y)
        small = multiply(ORDER, point) if point else (0, 1)
        if multiply(4, small) != (0, 1):
            return small
    raise AssertionError("no point of order eight found")


def encode(point: Point) -> bytes:
    """32 bytes: y, and the lowest bit of x (RFC 8032 §5.1.2)."""
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE = with_y(4 * pow(5, -1, PRIME) % PRIME) or (0, 1)
SMALL = of_order_eight()


def signed(key: bytes, r: Point, nonce: int, secret: int) -> bytes:
    """A signature with any R and for any key, as only the holder of the secret can make it."""
    digest = hashlib.sha512(encode(r) + key + MESSAGE).digest()
    s = (nonce + int.from_bytes(digest, "little") * secret) % ORDER
    return encode(r) + s.to_bytes(32, "little")


def holds(key: bytes, signature: bytes) -> bool:
    """Our verdict."""
    try:
        verify(key, signature, MESSAGE)
    except SignatureError:
        return False
    return True


def openssl_holds(key: bytes, signature: bytes) -> bool:
    """The verdict of a library that is known to check the equation without cofactor."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, MESSAGE)
    except InvalidSignature:
        return False
    return True


@given(st.integers(1, ORDER - 1), st.integers(1, ORDER - 1), st.integers(0, 7), st.integers(0, 7))
def test_points_of_small_order_change_the_verdict_alike_in_both_libraries(
    secret: int, nonce: int, in_key: int, in_r: int
) -> None:
    """Whatever is added to the key and to R, two independent libraries agree."""
    key = encode(add(multiply(secret, BASE), multiply(in_key, SMALL)))
    r = add(multiply(nonce, BASE), multiply(in_r, SMALL))
    signature = signed(key, r, nonce, secret)
    assert holds(key, signature) == openssl_holds(key, signature)


@pytest.mark.parametrize("multiple", range(8))
def test_a_small_part_in_r_is_refused(multiple: int) -> None:
    """With the cofactor all eight would pass; here only the one without such a part does."""
    key = encode(multiply(12_345, BASE))
    r = add(multiply(67_890, BASE), multiply(multiple, SMALL))
    assert holds(key, signed(key, r, 67_890, 12_345)) == (multiple == 0)
