"""Runs as a hostile neighbour passes them on: forged, cut, mixed up, unfolding to far too much."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from factories import flipped, resigned, signing_key
from protocol import messages
from protocol.chain import Head
from protocol.entry import Body, Envelope, Header, commitment, decode_entry, encode_header, seal
from protocol.identity import KEY_KIND, KeyEvent, SigningKey, next_key_digest, rotation_content
from protocol.limits import RUN_BYTES_MAX
from protocol.run import decode_run, encode_run, zstd
from simulation.ingest_model import generation_of

if TYPE_CHECKING:
    from simulation.hostile import HostileNode

BAD_SIGNATURE = bytes(range(1, 65))
THIEF = signing_key(990_001)
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
IDENTITY_POINT = bytes((1, *[0] * 31))

SPOILED_RUNS = (
    "wrong_signature",
    "malleated_signature",
    "low_order_signature",
    "other_domain",
    "broken_link",
    "wrong_commitment",
    "wrong_log",
    "forged_tail",
    "forged_key_event",
    "signed_broken_link",
    "signed_wrong_log",
    "signed_wrong_content",
    "missing_content",
    "wrong_count",
    "not_a_run",
    "bomb",
    "withheld",
    "withheld_tail",
    "withheld_middle",
)


def spoil_run(node: HostileNode, name: str, frame: bytes) -> list[bytes]:
    """Return what is sent in the place of a RUN frame."""
    message = messages.decode(frame)
    assert isinstance(message, messages.Run)
    match name:
        case "withheld":
            return []
        case "not_a_run":
            return [_with_payload(message, node.random.randbytes(50), 1)]
        case "bomb":
            return [_with_payload(message, bomb(), 1)]
        case "wrong_count":
            return [_with_payload(message, message.payload, message.count + 1)]
    envelopes = _spoil(node, name, list(decode_run(message.payload)))
    if not envelopes:
        return []
    return [_with_payload(message, encode_run(envelopes), len(envelopes))]


@cache
def bomb() -> bytes:
    """A small payload that unfolds to twenty times what a run may."""
    return zstd.compress(bytes(20 * RUN_BYTES_MAX))


def _spoil(node: HostileNode, name: str, envelopes: list[Envelope]) -> list[Envelope]:
    place = node.random.randrange(len(envelopes))
    last = envelopes[-1]
    match name:
        case "wrong_signature" | "malleated_signature" | "low_order_signature":
            events = [n for n, item in enumerate(envelopes) if item.entry.is_key_event]
            place = node.random.choice([len(envelopes) - 1, *events])
            signature = _bad_signature(name, envelopes[place].entry.signature)
            envelopes[place] = resigned(envelopes[place], signature)
        case "broken_link":
            envelopes[place:place] = [envelopes[place]]
        case "withheld_tail":
            del envelopes[place + 1 :]
        case "withheld_middle":
            del envelopes[place]
        case "wrong_commitment":
            changed = envelopes[place]
            if changed.body is not None:
                content = flipped(changed.body.content or b"x", 0)
                envelopes[place] = Envelope(changed.entry, changed.body._replace(content=content))
        case "missing_content":
            envelopes[place] = Envelope(envelopes[place].entry, None)
        case "wrong_log":
            envelopes = list(node.disk.chains[node.log][: len(envelopes)])
        case "forged_tail":
            for _ in range(node.random.randint(1, 5)):
                envelopes.append(resigned(_forge(envelopes[-1], THIEF), BAD_SIGNATURE))
        case "forged_key_event":
            event = _forge_rotation(last)
            envelopes += [event, _forge(event, THIEF)]
        case _:
            envelopes = _misuse_own_key(node, name, envelopes)
    return envelopes


def _bad_signature(name: str, signature: bytes) -> bytes:
    """Another signature in the place of a good one."""
    if name == "low_order_signature":
        return IDENTITY_POINT + signature[32:]
    if name == "wrong_signature":
        return BAD_SIGNATURE
    scalar = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    return signature[:32] + scalar.to_bytes(32, "little")


def _misuse_own_key(node: HostileNode, name: str, envelopes: list[Envelope]) -> list[Envelope]:
    """Add an entry to our own log that is validly signed and breaks one rule."""
    head = node.disk.heads[node.log]
    key = node.key(generation_of(head))
    last = envelopes[-1].entry
    if last.log == node.log:
        head = head._replace(sequence=last.header.sequence, id=last.id)
    else:
        envelopes = []
    match name:
        case "signed_broken_link":
            broken = sealed(head._replace(id=bytes(32)), key)
        case "signed_wrong_log":
            others = [log for log in sorted(node.disk.heads) if log != node.log]
            borrowed = node.random.choice(others) if others else bytes(32)
            broken = sealed(head._replace(log=borrowed), key)
        case "other_domain":
            broken = _signed_for_another_domain(sealed(head, key), key)
        case _:
            good = sealed(head, key)
            assert good.body is not None
            broken = Envelope(good.entry, good.body._replace(salt=bytes(32)))
    return [*envelopes, broken]


def _signed_for_another_domain(good: Envelope, key: SigningKey) -> Envelope:
    """The same entry with a signature that is right for another federation's domain."""
    payload = encode_header(good.entry.header)
    to_sign = b"\x84\x6aSignature1\x43\xa1\x01\x27\x4dtidan/2 entry\x58" + bytes((len(payload),))
    signature = key.sign(to_sign + payload)
    return Envelope(decode_entry(good.entry.raw[:-64] + signature), good.body)


def _with_payload(message: messages.Run, payload: bytes, count: int) -> bytes:
    return messages.encode(messages.Run(message.log, message.first, count, payload))


def sealed(
    head: Head, key: SigningKey, kind: str = "comment", content: bytes = b"{}", salt: int = 0
) -> Envelope:
    """Return an entry that continues ``head``, signed with a key; salts are known by a number."""
    salted = bytes((salt, *range(1, 32)))
    header = Header(
        1, head.log, head.sequence + 1, head.id, 0, kind, len(content), commitment(salted, content)
    )
    return seal(header, Body(salted, content), key)


def _forge(before: Envelope, key: SigningKey) -> Envelope:
    """Return an entry that follows ``before`` in every way but its signer."""
    entry = before.entry
    head = Head(entry.log, entry.header.sequence, entry.id, None)  # type: ignore[arg-type]
    return sealed(head, key)


def _forge_rotation(before: Envelope) -> Envelope:
    entry = before.entry
    head = Head(entry.log, entry.header.sequence, entry.id, None)  # type: ignore[arg-type]
    event = KeyEvent(THIEF.public_key, next_key_digest(THIEF.public_key))
    return sealed(head, THIEF, KEY_KIND, rotation_content(event))
