"""Vectors for docs/protocol.md §2 to §4: encoding, entries and refused keys."""

from __future__ import annotations

from factories import LogMaker, flipped, resigned, signing_key
from protocol import canonical
from protocol.entry import Envelope

Case = dict[str, object]

_P = 2**255 - 19
_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)

CANONICAL_VALID = {
    "zero": 0,
    "largest one-byte integer": 23,
    "two-byte integer": 24,
    "largest integer": 2**53 - 1,
    "most negative integer": -(2**53 - 1),
    "byte string": b"tidan",
    "text with å ä ö": "Gräns å ö",
    "nested arrays": [1, [2, [3]]],
    "map with integer keys in order": {1: 2, 3: b"", 24: True},
    "map with integer and text keys": {1: None, "a": False},
}
CANONICAL_INVALID = {
    "nothing at all": ("", "malformed"),
    "cut off": ("a10102"[:4], "malformed"),
    "bytes after the item": ("0000", "malformed"),
    "integer spelled too long": ("1817", "malformed"),
    "integer beyond 2^53-1": ("1b0020000000000000", "limit"),
    "length spelled too long": ("580161", "malformed"),
    "indefinite array": ("9f01ff", "malformed"),
    "indefinite byte string": ("5f4100ff", "malformed"),
    "float": ("f93c00", "malformed"),
    "not a number": ("f97e00", "malformed"),
    "undefined": ("f7", "malformed"),
    "simple value": ("e0", "malformed"),
    "date tag": ("c11a514b67b0", "malformed"),
    "bignum tag": ("c249010000000000000000", "malformed"),
    "shared value tag": ("d81c80", "malformed"),
    "map keys out of order": ("a203000100", "malformed"),
    "map key twice": ("a201000101", "malformed"),
    "byte string as map key": ("a1410001", "malformed"),
    "text that is not UTF-8": ("61ff", "malformed"),
    "nine levels deep": ("81" * 9 + "00", "malformed"),
}


def canonical_cases() -> list[Case]:
    """Items that decode, with what they encode, and items that do not."""
    good: list[Case] = [
        {"name": name, "valid": True, "bytes": canonical.encode(value).hex()}
        for name, value in CANONICAL_VALID.items()
    ]
    bad: list[Case] = [
        {"name": name, "valid": False, "bytes": data, "error": code}
        for name, (data, code) in CANONICAL_INVALID.items()
    ]
    return good + bad


def key_cases() -> list[Case]:
    """A good public key, and the encodings that are refused (§4.5)."""
    refused = {
        "y = 0, order 4": 0,
        "y = 1, the identity": 1,
        "y = p - 1, order 2": _P - 1,
        "y of order 8": _ORDER_8,
        "the other y of order 8": _P - _ORDER_8,
        "y = p": _P,
        "y = p + 1": _P + 1,
        "y = p + 18, the largest": _P + 18,
    }
    cases: list[Case] = [
        {"name": "an ordinary key", "valid": True, "key": signing_key(1).public_key.hex()}
    ]
    for name, y in refused.items():
        for sign in (0, 1):
            key = (y | sign << 255).to_bytes(32, "little").hex()
            title = f"{name}, sign bit {sign}"
            cases.append({"name": title, "valid": False, "key": key, "error": "key_refused"})
    return cases


def entry_case(name: str, envelope: Envelope, key: bytes, error: str | None = None) -> Case:
    """One entry with its content, the key to check it with, and what comes of it."""
    assert envelope.body is not None
    case: Case = {
        "name": name,
        "valid": error is None,
        "entry": envelope.entry.raw.hex(),
        "salt": envelope.body.salt.hex(),
        "content": envelope.body.content.hex(),
        "public_key": key.hex(),
    }
    if error is None:
        header = envelope.entry.header
        case["id"] = envelope.entry.id.hex()
        case["header"] = {
            "log": header.log.hex() if header.log else None,
            "sequence": header.sequence,
            "previous": header.previous.hex() if header.previous else None,
            "time_ms": header.time_ms,
            "kind": header.kind,
            "size_bytes": header.size_bytes,
            "commitment": header.commitment.hex(),
        }
    else:
        case["error"] = error
    return case


def entry_cases() -> list[Case]:
    """First entries and later ones; and the same bytes with one thing wrong."""
    maker = LogMaker()
    first = maker.envelopes[0]
    later = maker.append("comment", b'{"schema":1,"text":"Hur gick det?"}')
    assert later.body is not None
    key = maker.key.public_key
    raw, signature = later.entry.raw, later.entry.signature
    cases = [
        entry_case("a first entry", first, key),
        entry_case("an ordinary entry", later, key),
        entry_case("empty content", maker.append("comment", b""), key),
        entry_case("a kind nobody knows", maker.append("x-future-2", b"\x00\xff"), key),
        entry_case("another key", later, signing_key(77).public_key, "bad_signature"),
        entry_case(
            "content with one bit turned",
            later._replace(body=later.body._replace(content=flipped(later.body.content, 3))),
            key,
            "wrong_commitment",
        ),
        entry_case(
            "salt with one bit turned",
            later._replace(body=later.body._replace(salt=flipped(later.body.salt, 0))),
            key,
            "wrong_commitment",
        ),
        entry_case(
            "signature with one bit turned",
            resigned(later, flipped(signature, 40)),
            key,
            "bad_signature",
        ),
        entry_case(
            "signature whose R is the identity",
            resigned(later, (1).to_bytes(32, "little") + signature[32:]),
            key,
            "key_refused",
        ),
        entry_case("a public key of low order", later, (1).to_bytes(32, "little"), "key_refused"),
    ]
    wrong_bytes = {
        "cut off": raw[:-1],
        "a byte too many": raw + b"\x00",
        "no CBOR tag": raw[1:],
        "unprotected header not empty": raw.replace(
            bytes.fromhex("a10127a0"), bytes.fromhex("a10127a10100"), 1
        ),
        "another algorithm": raw.replace(bytes.fromhex("a10127"), bytes.fromhex("a10126"), 1),
        "header version 2": raw.replace(bytes.fromhex("a80101"), bytes.fromhex("a80102"), 1),
        "sequence number spelled too long": raw.replace(b"\x03\x02\x04", b"\x03\x18\x02\x04", 1),
    }
    for name, data in wrong_bytes.items():
        case = entry_case(name, later, key, "malformed")
        cases.append({**case, "entry": data.hex()})
    return cases
