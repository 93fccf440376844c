"""What the protocol refuses by name: foreign bytes that break a rule, calls that make no sense."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import LogMaker, signing_key
from memory_blobs import blob_of
from memory_world import origin_of
from protocol import canonical
from protocol.blob_messages import BlobPiece
from protocol.blob_plan import BlobPlan, Verdict
from protocol.chain import every_signature_holds, extend_keys
from protocol.directory import Directory, LogView, Standing
from protocol.entry import Body, Header, commitment, seal
from protocol.errors import (
    ForkError,
    HandshakeError,
    KeyEventError,
    LimitError,
    LocalError,
    MalformedError,
    SignatureError,
)
from protocol.fetch_plan import FetchPlan
from protocol.fields import read_code
from protocol.fork import decode_proof, make_proof, verify_proof
from protocol.handshake import Handshake
from protocol.identity import Keys, verify
from protocol.limits import (
    BLOB_PIECE_BYTES_MAX,
    CODE_CHARS_MAX,
    CREDIT_BYTES,
    FORK_PROOF_BYTES_MAX,
    KEY_EVENTS_MAX,
    RUN_BYTES_TARGET,
)
from protocol.messages import Auth, Hello, Run, decode
from protocol.outflow import Outflow
from protocol.packed import join, split, unpack, unpack_all
from protocol.run import cut, encode_run, pack_runs
from protocol.strict_json import dumps
from protocol.transitions import Role, State
from session_puppet import Puppet, make_puppet


def test_a_piece_of_a_file_is_bounded() -> None:
    """More than one piece may hold is refused before anything is kept."""
    with pytest.raises(LimitError):
        BlobPiece.read([bytes(32), 0, bytes(BLOB_PIECE_BYTES_MAX + 1)])


def test_what_is_said_of_a_file_given_up_is_passed_over() -> None:
    """A verdict or a write that belongs to an earlier attempt changes nothing."""
    plan, blob = BlobPlan(), blob_of(b"Exempel")

    assert plan.written(blob, 1, 7) is None
    assert plan.turned_out_wrong(blob, 1, 0) == Verdict(None)
    plan.add(blob, 0, 0)
    assert plan.written(blob, 2, 7) is None
    assert plan.turned_out_wrong(blob, 2, 0) == Verdict(None)
    plan.remove(blob)
    plan.remove(blob)
    assert blob not in plan


def test_a_directory_counts_and_forgets() -> None:
    """What is forgotten is neither listed nor counted any more."""
    maker, directory = LogMaker(), Directory()
    directory.put(LogView(maker.log, Standing.MEMBER, maker.head))
    assert (directory.entry_count(), [view.log for view in directory.views()]) == (1, [maker.log])

    directory.remove(maker.log)

    assert (directory.entry_count(), directory.views(), directory.items()) == (0, [], [])


def test_key_events_out_of_order_are_refused() -> None:
    """A rotation stands after the newest one, and there are not more than the bound allows."""
    maker = LogMaker()
    keys = maker.head.keys
    rotation = maker.rotate()
    late = keys._replace(periods=((2, keys.current),))
    full = keys._replace(periods=((1, keys.current),) * KEY_EVENTS_MAX)

    with pytest.raises(KeyEventError, match="order"):
        extend_keys(late, rotation)
    with pytest.raises(LimitError, match="too many"):
        extend_keys(full, rotation)


def test_every_signature_is_checked_under_the_key_of_its_time() -> None:
    """Entries before and after a rotation hold under one history, and a foreign key spoils it."""
    maker = LogMaker()
    maker.extend(2)
    maker.rotate()
    maker.extend(2)
    foreign = Keys(((1, signing_key(5).public_key),), bytes(32))

    assert every_signature_holds(maker.head.keys, maker.envelopes)
    assert not every_signature_holds(foreign, maker.envelopes)


def test_a_header_is_bounded() -> None:
    """A kind that makes the header longer than its length can say is not signed."""
    header = Header(1, bytes(32), 2, bytes(32), 0, "a" * 200, 0, commitment(bytes(32), b""))
    with pytest.raises(LimitError):
        seal(header, Body(bytes(32), b""), signing_key(1))


def test_what_is_missing_is_counted_once() -> None:
    """Entries that several neighbours offer are missing once, and not below what is held."""
    plan = FetchPlan()
    for link, sequence in ((1, 5), (2, 7)):
        plan.offer(b"log", link, sequence)
    plan.offer(b"other", 1, 2)

    assert plan.missing(lambda log: 3) == 4


def test_a_long_fork_proof_is_not_read() -> None:
    """What is larger than any proof is refused unread."""
    with pytest.raises(LimitError):
        decode_proof(bytes(FORK_PROOF_BYTES_MAX + 1))


def test_a_replaced_key_proves_no_fork() -> None:
    """Two entries beyond a rotation, signed with the key that it replaced, say nothing."""
    maker = LogMaker()
    first, thief = tuple(maker.envelopes), maker.fork()
    maker.rotate()
    maker.extend(1)
    thief.extend(2)
    twins = [thief.sealed("comment", b"%d" % place) for place in range(2)]
    proof = make_proof(first, twins[0].entry, twins[1].entry)

    with pytest.raises(ForkError, match="settled"):
        verify_proof(proof, maker.head.keys)


def test_a_handshake_needs_its_nonce() -> None:
    """A nonce of another length is a fault of our own, and said so."""
    puppet = Puppet()
    with pytest.raises(LocalError):
        Handshake(puppet.handshake._ourselves, Role.RESPONDER, bytes(31))


def test_whoever_answers_names_no_origin() -> None:
    """An origin in an answer, and more key events than a log may have, are refused."""
    puppet = make_puppet(State.AUTH_AWAITED)
    hello = Hello((1, 2, 3), puppet.node.own_log, bytes(32), bytes(16), "", 0)
    named = replace(hello, origin=origin_of(puppet.maker.log))
    with pytest.raises(HandshakeError, match="origin"):
        puppet.handshake.receive_hello(named, b"")

    events = tuple(puppet.maker.envelopes) * (KEY_EVENTS_MAX + 1)
    with pytest.raises(HandshakeError, match="too many"):
        puppet.handshake.receive_auth(Auth(events, bytes(64)))


def test_a_key_of_another_length_verifies_nothing() -> None:
    """A public key is 32 bytes, wherever it comes from."""
    with pytest.raises(SignatureError):
        verify(bytes(31), bytes([9] * 64), b"")


def test_a_run_without_credit_is_our_own_fault() -> None:
    """The caller asks for room first; a run beyond it is never put on the wire."""
    flow = Outflow()
    flow.credit_bytes = 10
    with pytest.raises(LocalError):
        flow.send(Run(bytes(32), 1, 1, bytes(100)))
    assert flow.credit_bytes == 10 < CREDIT_BYTES


@pytest.mark.parametrize("item", [b"entry", [], ["entry"], [b"a", b"b"], [b"a", b"b", 3]])
def test_an_entry_travels_in_one_shape(item: object) -> None:
    """Bytes alone, or with salt and content, in an array."""
    with pytest.raises(MalformedError):
        unpack(item)  # type: ignore[arg-type]
    with pytest.raises(MalformedError):
        unpack_all(7)


def test_a_code_may_be_just_so_long() -> None:
    """And not one letter longer."""
    assert read_code("a" * CODE_CHARS_MAX) == "a" * CODE_CHARS_MAX
    with pytest.raises(LimitError):
        read_code("a" * (CODE_CHARS_MAX + 1))


def test_a_packed_run_is_exactly_itself() -> None:
    """Cut off, followed by more, or spelled longer than need be: refused."""
    large = join([(bytes(70_000), None, None)])
    small = join([(b"entry", bytes(32), b"content")])
    assert split(large, entries_max=1) == [(bytes(70_000), None, None)]
    for wrong in (large[:-1], large[:4], small[:-1], small + b"\0"):
        with pytest.raises(MalformedError):
            split(wrong, entries_max=1)
    for size, longer in ((24, b"\x59\x00\x18"), (256, b"\x5a\x00\x00\x01\x00")):
        encoded = canonical.encode([[b"x" * size]])
        twin = encoded.replace(encoded[2:-size], longer)
        with pytest.raises(MalformedError, match="deterministic"):
            split(twin, entries_max=1)


@pytest.mark.parametrize("length", [27, 28, 29, 30, 31])
def test_no_length_of_eight_bytes_or_without_end_is_read(length: int) -> None:
    """What no entry needs is refused, although its first four bytes would be a length."""
    head = bytes([0x40 | length]) + (70_000).to_bytes(4)
    with pytest.raises(MalformedError, match="byte strings"):
        split(b"\x81\x81" + head + bytes(70_000), entries_max=1)


def test_runs_are_closed_at_their_target_size() -> None:
    """Every entry is in exactly one run, in order, and each run says what it holds."""
    maker = LogMaker()
    for number in range(40):
        maker.append(content=b'"%s"' % (b"%d" % (number % 10) * 60_000))

    runs = pack_runs(maker.envelopes)

    assert len(runs) > 1
    assert [run.first for run in runs[1:]] == [run.last + 1 for run in runs[:-1]]
    assert runs[-1].last == len(maker.envelopes)
    assert all(run.size_bytes <= RUN_BYTES_TARGET + 100_000 for run in runs)
    assert pack_runs([]) == ()


def test_a_stored_run_is_cut_to_what_is_asked_for() -> None:
    """Only entries after one number through another; a run that holds others is refused."""
    maker = LogMaker()
    maker.extend(5)
    payload = encode_run(maker.envelopes[1:5])

    parts = cut(2, 4, payload, 2, 4)

    assert [raw for raw, _, _ in parts] == [item.entry.raw for item in maker.envelopes[2:4]]
    with pytest.raises(MalformedError):
        cut(2, 3, payload, 2, 4)


def test_content_holds_no_fractions() -> None:
    """What JSON libraries read differently is not written at all."""
    with pytest.raises(TypeError):
        dumps({"schema": 1, "part": 0.5})


def test_the_last_word_is_said_once() -> None:
    """A session that has ended says nothing more, whoever ends it again."""
    puppet = make_puppet(State.LIVE)
    assert [type(effect).__name__ for effect in puppet.node.hub.close(1, "going_away", "", 0)] == [
        "Send",
        "Close",
    ]

    assert puppet.node.hub.close(1, "going_away", "", 0) == []
    assert puppet.node.hub.heads_told(1) == {}
    assert puppet.node.hub.missing() == 0
    assert puppet.node.hub.supply(1, bytes(32), 1, 0, b"", 0) == []


def test_each_start_has_an_epoch_of_its_own() -> None:
    """After a renewal, sessions begin with the new epoch."""
    puppet = Puppet()
    puppet.node.hub.renew(bytes([7] * 16))
    puppet.node.hub.connect(2, role=Role.RESPONDER, nonce=bytes(32), now_ms=0)
    answer, _ = puppet.node.hub.receive(2, puppet.handshake.begin(), 0)
    hello = decode(answer.frame)

    assert isinstance(hello, Hello)
    assert hello.epoch == bytes([7] * 16)
