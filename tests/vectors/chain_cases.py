"""Vectors for docs/protocol.md §5 and §6: runs and forks."""

from __future__ import annotations

from collections.abc import Sequence

from factories import LogMaker, resigned
from protocol.chain import verify_run
from protocol.entry import Envelope
from protocol.fork import encode_proof, make_proof
from protocol.identity import KEY_KIND, KeyEvent, rotation_content
from protocol.packed import pack

Case = dict[str, object]


def run_case(name: str, log: bytes, envelopes: Sequence[Envelope], why: str = "") -> Case:
    """A run from a log's beginning, and what the run rule makes of it.

    ``accepted`` and ``pending`` count entries; ``error`` is the code of what was refused.
    """
    result = verify_run(None, log, envelopes)
    return {
        "name": name,
        "reason": why,
        "log": log.hex(),
        "entries": [[part.hex() for part in pack(envelope)] for envelope in envelopes],
        "valid": result.error is None,
        "accepted": len(result.accepted),
        "pending": len(result.pending),
        "error": result.error.code if result.error else None,
        "head": result.head.id.hex() if result.head else None,
    }


def _base(count: int = 4) -> LogMaker:
    maker = LogMaker()
    maker.extend(count)
    return maker


def _rotations() -> list[Case]:
    maker = _base(2)
    maker.rotate()
    maker.extend(2)
    good = run_case("a rotation in the middle", maker.log, maker.envelopes)

    thief = _base(2)
    stolen = thief.sealed(KEY_KIND, rotation_content(KeyEvent(thief.key.public_key, bytes(32))))
    uncommitted = run_case(
        "a rotation to a key that was not committed to",
        thief.log,
        [*thief.envelopes, stolen],
        "the digest of the revealed key is not the one in the first entry",
    )

    uncovered = LogMaker()
    uncovered.extend(1)
    spoiled = resigned(uncovered.envelopes[-1], bytes([9]) * 64)
    uncovered.envelopes[-1] = spoiled
    uncovered.head = uncovered.head._replace(id=spoiled.entry.id)
    uncovered.envelopes.append(_rotation_after(uncovered))
    not_covering = run_case(
        "a rotation does not cover what the old key should have signed",
        uncovered.log,
        uncovered.envelopes,
        "entry 2 has a bad signature and the next signature is under another key",
    )
    return [good, uncommitted, not_covering]


def _rotation_after(maker: LogMaker) -> Envelope:
    event = KeyEvent(maker.next_key.public_key, bytes(32))
    return maker.sealed(KEY_KIND, rotation_content(event), key=maker.next_key)


def run_cases() -> list[Case]:
    """Runs that hold, wait, or break, each with what is accepted."""
    maker = _base()
    log, entries = maker.log, maker.envelopes
    other = LogMaker(2, code="1497", name="Hjo kommun").append()
    body = entries[2].body
    assert body is not None
    bad_tail = [*entries[:-1], resigned(entries[-1], bytes([9]) * 64)]
    changed = entries[2]._replace(body=body._replace(content=body.content[:-1] + b" "))
    return [
        run_case("a first entry alone", log, entries[:1]),
        run_case("five entries", log, entries),
        run_case("newest signature bad", log, bad_tail, "entry 5 waits for a later signature"),
        run_case(
            "a middle signature bad, in the chain that was signed on",
            *_covered_bad_signature(),
            "entry 2's own signature is bad, but entry 3's covers it",
        ),
        run_case("an entry left out", log, [*entries[:2], *entries[3:]], "entry 3 is missing"),
        run_case(
            "two entries in the wrong order",
            log,
            [entries[0], entries[2], entries[1]],
            "entry 3 comes before entry 2",
        ),
        run_case("an entry of another log", log, [*entries[:3], other], "log id differs"),
        run_case(
            "changed content in the middle",
            log,
            [*entries[:2], changed, *entries[3:]],
            "entry 3's content is not what it commits to; entries 1 and 2 stay",
        ),
        run_case(
            "content missing",
            log,
            [*entries[:2], entries[2]._replace(body=None)],
            "nothing is erased in transit in this version",
        ),
        run_case("not from the beginning", log, entries[1:], "entry 1 is missing"),
        *_rotations(),
    ]


def _covered_bad_signature() -> tuple[bytes, list[Envelope]]:
    maker = LogMaker()
    maker.extend(1)
    spoiled = resigned(maker.envelopes[-1], bytes([9]) * 64)
    maker.envelopes[-1] = spoiled
    maker.head = maker.head._replace(id=spoiled.entry.id)
    maker.envelopes.append(maker.sealed("comment", b"{}"))
    return maker.log, maker.envelopes


def fork_cases() -> list[Case]:
    """A proof that holds, and pairs that prove nothing."""
    maker = _base(2)
    twin = maker.fork()
    left, right = maker.append(content=b"{}").entry, twin.append(content=b"[]").entry
    proof = make_proof(tuple(maker.envelopes[:1]), left, right)
    swapped = proof._replace(left=proof.right, right=proof.left)
    same = proof._replace(right=proof.left)
    apart = proof._replace(left=maker.envelopes[1].entry)
    forged = proof._replace(right=resigned(Envelope(proof.right, None), bytes([9]) * 64).entry)
    if forged.right.id < forged.left.id:
        forged = forged._replace(left=forged.right, right=forged.left)
    elsewhere = _base(2)
    return [
        {"name": "two entries numbered 4", "valid": True, "proof": encode_proof(proof).hex()},
        *(
            {"name": name, "valid": False, "proof": encode_proof(bad).hex(), "error": code}
            for name, bad, code in (
                ("the two in the wrong order", swapped, "fork"),
                ("the same entry twice", same, "fork"),
                ("entries of different numbers", apart, "fork"),
                ("one signature forged", forged, "bad_signature"),
                (
                    "key events of another log",
                    proof._replace(
                        key_events=tuple(LogMaker(9, name="Annan kommun").envelopes[:1])
                    ),
                    "wrong_log",
                ),
                ("no key events", proof._replace(key_events=()), "bad_key_event"),
                (
                    "about another log",
                    proof._replace(log=elsewhere.envelopes[1].entry.id),
                    "wrong_log",
                ),
            )
        ),
    ]
