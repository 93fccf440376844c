"""One entry: exactly one encoding, and every byte of it counts."""

from __future__ import annotations

import hashlib

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from factories import LogMaker, flipped, signing_key
from protocol import entry as entry_module
from protocol.chain import verify_run
from protocol.entry import (
    Body,
    Envelope,
    Header,
    check_body,
    commitment,
    decode_entry,
    seal,
    verify_entry,
)
from protocol.errors import (
    CommitmentError,
    LimitError,
    MalformedError,
    RemoteError,
    SignatureError,
    TidanError,
)
from protocol.limits import CONTENT_BYTES_MAX, ENTRY_BYTES_MAX, INTEGER_MAX, KIND_CHARS_MAX


def _sample() -> LogMaker:
    maker = LogMaker()
    maker.extend(2)
    return maker


def _rebuilt(header: object, *, signature: object = bytes(64), **changes: object) -> bytes:
    """Return a COSE_Sign1 made by hand, with any part replaced."""
    payload = header if isinstance(header, bytes) else cbor2.dumps(header, canonical=True)
    parts = [
        changes.get("protected", b"\xa1\x01\x27"),
        changes.get("unprotected", {}),
        changes.get("payload", payload),
        signature,
    ]
    return cbor2.dumps(cbor2.CBORTag(changes.get("tag", 18), parts), canonical=True)


def _fields() -> dict[int, object]:
    """Return a good later entry's header as a map."""
    return dict(cbor2.loads(_sample().envelopes[1].entry.payload))


def test_an_entry_is_a_cose_sign1_any_library_verifies() -> None:
    """Taken apart by RFC 9052's words alone, the signature holds and the id is the digest."""
    maker = _sample()
    raw = maker.envelopes[2].entry.raw
    tag = cbor2.loads(raw)
    protected, unprotected, payload, signature = tag.value
    assert (tag.tag, cbor2.loads(protected), unprotected) == (18, {1: -8}, {})
    to_sign = cbor2.dumps(["Signature1", protected, b"tidan/1 entry", payload])
    Ed25519PublicKey.from_public_bytes(maker.key.public_key).verify(signature, to_sign)
    assert decode_entry(raw).id == hashlib.sha256(raw).digest()


def test_decoding_keeps_the_bytes_as_received() -> None:
    """Nothing is serialised again, and what was written is what is read."""
    for envelope in _sample().envelopes:
        entry = decode_entry(envelope.entry.raw)
        assert entry == envelope.entry
        verify_entry(entry, signing_key(1_000).public_key)


def test_the_log_of_the_first_entry_is_its_own_id() -> None:
    """Later entries carry that id in their header."""
    first, second, _ = _sample().envelopes
    assert first.entry.header.log is None
    assert first.entry.log == first.entry.id == second.entry.header.log


@given(st.data())
def test_every_flipped_bit_of_an_entry_is_refused(data: st.DataObject) -> None:
    """No bit of any entry, the first, an ordinary one or a key event, can be changed unnoticed."""
    maker = _sample()
    maker.rotate()
    number = data.draw(st.integers(0, 3))
    raw = maker.envelopes[number].entry.raw
    position = data.draw(st.integers(0, len(raw) - 1))
    twin = flipped(raw, position, data.draw(st.integers(0, 7)))
    try:
        changed = Envelope(decode_entry(twin), maker.envelopes[number].body)
    except RemoteError:
        return
    result = verify_run(None, maker.log, [*maker.envelopes[:number], changed])
    assert changed not in result.accepted


def test_every_byte_of_every_entry_flipped_in_turn_is_refused() -> None:
    """The same for each byte, without chance."""
    maker = _sample()
    maker.rotate()
    for number, envelope in enumerate(maker.envelopes):
        head = verify_run(None, maker.log, maker.envelopes[:number]).head
        for position in range(len(envelope.entry.raw)):
            try:
                changed = decode_entry(flipped(envelope.entry.raw, position, position % 8))
            except RemoteError:
                continue
            result = verify_run(head, maker.log, [Envelope(changed, envelope.body)])
            assert not result.accepted, (number, position)


@given(st.binary(max_size=400))
def test_any_bytes_are_an_entry_or_a_named_error(data: bytes) -> None:
    """Foreign bytes raise RemoteErrors only."""
    for raw in (data, _sample().envelopes[1].entry.raw[:9] + data):
        try:
            entry = decode_entry(raw)
        except RemoteError:
            continue
        assert entry.raw == raw


def _twins() -> dict[str, bytes]:
    """Return encodings that mean a good entry to a lax decoder, each by its name."""
    good = _fields()
    reordered = b"\xa8" + b"".join(
        cbor2.dumps(key) + cbor2.dumps(value) for key, value in reversed(good.items())
    )
    raw = _sample().envelopes[1].entry.raw
    return {
        "untagged": raw[1:],
        "tag in two bytes": b"\xd8\x12" + raw[1:],
        "COSE_Sign tag": _rebuilt(good, tag=98),
        "protected as empty map": _rebuilt(good, protected=b"\xa0"),
        "protected with key id": _rebuilt(good, protected=b"\xa2\x01\x27\x04\x41\x00"),
        "another algorithm": _rebuilt(good, protected=b"\xa1\x01\x26"),
        "algorithm unprotected": _rebuilt(good, protected=b"", unprotected={1: -8}),
        "unprotected key id": _rebuilt(good, unprotected={4: b"\x00"}),
        "detached payload": _rebuilt(good, payload=None),
        "short signature": _rebuilt(good, signature=bytes(63)),
        "long signature": _rebuilt(good, signature=bytes(65)),
        "followed by a byte": raw + b"\x00",
        "cut": raw[:-1],
        "header keys in reverse": _rebuilt(reordered),
        "header of another order of fields": _rebuilt({**good, 0: 1}),
        "header with a field more": _rebuilt({**good, 9: 1}),
        "header without previous": _rebuilt({k: v for k, v in good.items() if k != 4}),
        "header without log": _rebuilt({k: v for k, v in good.items() if k != 2}),
        "first entry with a number above one": _rebuilt(
            {k: v for k, v in good.items() if k not in (2, 4)}
        ),
        "first entry with log and previous as null": _rebuilt(
            {**good, 2: None, 3: 1, 4: None, 6: "inception"}
        ),
        "header as a list": _rebuilt(list(good.values())),
        "header with text keys": _rebuilt({str(k): v for k, v in good.items()}),
    }


@pytest.mark.parametrize("twin", _twins())
def test_non_canonical_twins_are_refused(twin: str) -> None:
    """What another decoder might read as the same entry is refused by name."""
    with pytest.raises(MalformedError):
        decode_entry(_twins()[twin])


@pytest.mark.parametrize("number", [2, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1])
@pytest.mark.parametrize("field", [3, 5, 7])
def test_a_number_has_one_spelling(field: int, number: int) -> None:
    """Sequence, time and size in more bytes than they need are another entry, and refused."""
    shortest = cbor2.dumps(number)
    header = cbor2.dumps({**_fields(), field: number}, canonical=True)
    assert header.count(bytes([field]) + shortest) == 1
    for head, size in ((0x18, 1), (0x19, 2), (0x1A, 4), (0x1B, 8)):
        if 1 + size > len(shortest):
            longer = bytes([head]) + number.to_bytes(size)
            twin = header.replace(bytes([field]) + shortest, bytes([field]) + longer)
            with pytest.raises(MalformedError):
                decode_entry(_rebuilt(twin))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (1, 0), (1, 2), (1, True), (1, "1"),
        (2, b"short"), (2, bytes(33)), (2, "x" * 32), (2, None),
        (3, 0), (3, 1), (3, -1), (3, "2"), (3, True), (3, INTEGER_MAX + 1), (3, 2**63),
        (4, bytes(31)), (4, None), (4, 7),
        (5, -1), (5, 2**53), (5, 1.5), (5, None),
        (6, ""), (6, "Comment"), (6, "kommentar!"), (6, "å"), (6, 1), (6, b"comment"),
        (6, "inception"), (6, "a\n"), (6, "-a"), (6, "x" * (KIND_CHARS_MAX + 1)),
        (7, -1), (7, CONTENT_BYTES_MAX + 1), (7, 2**53), (7, None),
        (8, bytes(31)), (8, bytes(33)), (8, None), (8, "x" * 32),
    ],
)  # fmt: skip
def test_headers_outside_the_bounds_are_refused(field: int, value: object) -> None:
    """Wrong types, lengths and numbers at every field of the header."""
    with pytest.raises(MalformedError):
        decode_entry(_rebuilt({**_fields(), field: value}))


def test_the_largest_header_still_fits() -> None:
    """Every field at its bound gives an entry that others accept."""
    header = Header(1, bytes(32), INTEGER_MAX, bytes(32), INTEGER_MAX, "k" * KIND_CHARS_MAX,
                    CONTENT_BYTES_MAX, commitment(bytes(32), bytes(CONTENT_BYTES_MAX)))  # fmt: skip
    envelope = seal(header, Body(bytes(32), bytes(CONTENT_BYTES_MAX)), signing_key(1))
    assert len(envelope.entry.raw) <= ENTRY_BYTES_MAX
    assert decode_entry(envelope.entry.raw).header == header


def test_oversize_bytes_are_refused_before_they_are_read() -> None:
    """More bytes than any entry has are a LimitError."""
    with pytest.raises(LimitError):
        decode_entry(_sample().envelopes[1].entry.raw + bytes(ENTRY_BYTES_MAX))


def test_our_own_side_cannot_write_what_others_refuse() -> None:
    """Sealing passes the decoder that reads foreign bytes."""
    maker = _sample()
    for kind, content in (("Fel", b"{}"), ("comment", bytes(CONTENT_BYTES_MAX + 1))):
        with pytest.raises(TidanError):
            maker.append(kind, content)


@given(st.data())
def test_content_and_salt_are_bound_to_the_header(data: st.DataObject) -> None:
    """A flipped bit of content or salt, or moving a byte between them, breaks the commitment."""
    envelope = _sample().envelopes[1]
    body = envelope.body
    assert body is not None
    check_body(envelope)
    joined = body.salt + body.content
    position = data.draw(st.integers(0, len(joined) - 1))
    changed = flipped(joined, position, data.draw(st.integers(0, 7)))
    for other in (
        Body(changed[:32], changed[32:]),
        Body(joined[:31], joined[31:]),
        Body(joined[:33], joined[33:]),
        Body(body.salt, body.content + b" "),
        Body(b"", joined),
    ):
        with pytest.raises(CommitmentError):
            check_body(Envelope(envelope.entry, other))


def test_an_entry_does_not_verify_under_another_key() -> None:
    """The signature names its author."""
    with pytest.raises(SignatureError):
        verify_entry(_sample().envelopes[1].entry, signing_key(77).public_key)


@given(st.data())
def test_both_readings_of_an_entry_agree(data: st.DataObject) -> None:
    """The quick reading takes exactly what the thorough one takes, and says the same of it."""
    raw = bytearray(_any_entry(data))
    for _ in range(data.draw(st.integers(0, 3))):
        position = data.draw(st.integers(0, len(raw) - 1))
        raw[position] = data.draw(st.integers(0, 255))
    try:
        thorough = entry_module._decode_any(bytes(raw))
    except RemoteError:
        thorough = None
    quick = entry_module._decode_later(bytes(raw))

    assert quick in (thorough, None)
    if thorough is not None and thorough.header.log is not None and len(thorough.header.kind) < 24:
        assert quick == thorough


KINDS = ("comment", "key", "inception", "a" * 23, "a" * 24, "A", "a-")


def _any_entry(data: st.DataObject) -> bytes:
    """An entry whose numbers stand at and beside every change of length and every bound."""
    edges = st.sampled_from([0, 1, 2, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**53])
    header = {
        1: 1,
        2: bytes(32),
        3: data.draw(edges),
        4: bytes(32),
        5: data.draw(edges),
        6: data.draw(st.sampled_from(KINDS)),
        7: data.draw(edges),
        8: bytes(32),
    }
    payload = cbor2.dumps(header, canonical=data.draw(st.booleans()))
    if data.draw(st.booleans()):
        payload = payload.replace(b"\x03\x17", b"\x03\x18\x17", 1)
    return (
        b"\xd2\x84\x43\xa1\x01\x27\xa0\x58"
        + bytes((len(payload),))
        + payload
        + b"\x58\x40"
        + bytes(64)
    )
