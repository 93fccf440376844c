"""The chain and the run rule: what is accepted, what waits and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import LogMaker, flipped, resigned, signing_key
from protocol.chain import Author, RunResult, begin_log, verify_run
from protocol.entry import Body, Envelope
from protocol.errors import (
    CommitmentError,
    KeyEventError,
    KeyRefusedError,
    LinkError,
    LocalError,
    RemoteError,
    SignatureError,
    WrongLogError,
)
from protocol.identity import KEY_KIND, KeyEvent, next_key_digest, rotation_content
from protocol.limits import PENDING_ENTRIES_MAX, SIGNATURE_RETRIES_MAX

BAD = bytes(range(1, 65))


def _maker(count: int = 5) -> LogMaker:
    maker = LogMaker()
    maker.extend(count)
    return maker


def _check(envelopes: list[Envelope], maker: LogMaker, after: int = 0) -> RunResult:
    head = verify_run(None, maker.log, maker.envelopes[:after]).head
    return verify_run(head, maker.log, envelopes)


def _badly_signed_tail(maker: LogMaker, count: int) -> list[Envelope]:
    """Return ``count`` further entries, rightly linked, none of them signed by the author."""
    tail, twin = [], maker.fork()
    for _ in range(count):
        forged = resigned(twin.sealed("comment", b"{}"), BAD)
        header = forged.entry.header
        twin.head = twin.head._replace(sequence=header.sequence, id=forged.entry.id)
        tail.append(forged)
    return tail


@given(st.lists(st.sampled_from(["write", "rotate"]), max_size=12), st.data())
def test_a_good_log_is_accepted_however_it_is_cut(steps: list[str], data: st.DataObject) -> None:
    """Any cutting of a log into runs leads to the same head, with nothing left waiting."""
    maker = LogMaker()
    for step in steps:
        maker.rotate() if step == "rotate" else maker.extend(1)
    head, rest = None, list(maker.envelopes)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        result = verify_run(head, maker.log, rest[:size], every_signature=data.draw(st.booleans()))
        assert result.error is None
        assert result.pending == ()
        assert list(result.accepted) == rest[:size]
        head, rest = result.head, rest[size:]
    assert head == maker.head


def test_only_the_newest_signature_of_a_run_is_needed() -> None:
    """An entry whose own signature is bad but which a later signed one covers is authentic."""
    maker = _maker(1)
    middle = resigned(maker.append(), BAD)
    maker.envelopes[-1] = middle
    maker.head = maker.head._replace(id=middle.entry.id)
    maker.extend(2)
    result = _check(maker.envelopes, maker)
    assert (result.error, len(result.accepted)) == (None, 5)
    audited = verify_run(None, maker.log, maker.envelopes, every_signature=True)
    assert isinstance(audited.error, SignatureError)
    assert len(audited.accepted) == 2


def test_a_bad_newest_signature_leaves_only_what_is_covered() -> None:
    """Entries after the last good signature wait; nothing uncovered is accepted."""
    maker = _maker(5)
    tail = _badly_signed_tail(maker, 3)
    result = _check([*maker.envelopes, *tail], maker)
    assert list(result.accepted) == maker.envelopes
    assert list(result.pending) == tail
    assert result.head == maker.head
    assert result.error is None


def test_waiting_entries_are_accepted_once_a_signature_covers_them() -> None:
    """The same entries, followed by a validly signed one, are all accepted."""
    maker = _maker(2)
    tail = _badly_signed_tail(maker, 3)
    for envelope in tail:
        maker.envelopes.append(envelope)
        maker.head = maker.head._replace(
            sequence=envelope.entry.header.sequence, id=envelope.entry.id
        )
    waiting = _check(tail, maker, after=3)
    assert (waiting.accepted, list(waiting.pending)) == ((), tail)
    covering = maker.append()
    result = verify_run(waiting.head, maker.log, [*waiting.pending, covering])
    assert list(result.accepted) == [*tail, covering]


def test_too_many_waiting_entries_are_refused() -> None:
    """What waits is bounded."""
    maker = _maker(1)
    tail = _badly_signed_tail(maker, PENDING_ENTRIES_MAX + 1)
    result = _check(tail, maker, after=2)
    assert isinstance(result.error, SignatureError)
    assert (result.accepted, result.pending) == ((), ())
    assert len(_check(tail[:-1], maker, after=2).pending) == PENDING_ENTRIES_MAX


def test_the_work_spent_on_bad_signatures_is_bounded() -> None:
    """Behind more bad signatures than the bound, even good entries wait."""
    maker = _maker(3)
    for bad, accepted in ((SIGNATURE_RETRIES_MAX - 1, 3), (SIGNATURE_RETRIES_MAX, 0)):
        result = _check([*maker.envelopes[1:], *_badly_signed_tail(maker, bad)], maker, after=1)
        assert len(result.accepted) == accepted


@pytest.mark.parametrize("after", [1, 4])
def test_a_key_event_needs_the_key_committed_to_before(after: int) -> None:
    """A stolen signing key cannot rotate, and neither can a stranger's."""
    maker = _maker(5)
    thief = signing_key(666)
    event = KeyEvent(thief.public_key, next_key_digest(thief.public_key))
    for key in (maker.key, thief, maker.next_key):
        forged = maker.sealed(KEY_KIND, rotation_content(event), key=key)
        result = _check([*maker.envelopes[after:], forged], maker, after=after)
        assert isinstance(result.error, KeyEventError)
        assert result.head == maker.head


def test_a_key_event_is_signed_by_the_key_it_reveals() -> None:
    """The old key cannot rotate on behalf of the committed one."""
    maker = _maker(2)
    event = KeyEvent(maker.next_key.public_key, next_key_digest(b"x" * 32))
    forged = maker.sealed(KEY_KIND, rotation_content(event), key=maker.key)
    result = _check([forged], maker, after=3)
    assert isinstance(result.error, SignatureError)
    assert result.accepted == ()


def test_a_key_event_is_never_covered_by_a_later_signature() -> None:
    """A forged key event stays refused although entries follow that its key has signed."""
    maker = _maker(2)
    event = KeyEvent(maker.next_key.public_key, next_key_digest(signing_key(9).public_key))
    good = maker.sealed(KEY_KIND, rotation_content(event), key=maker.next_key)
    forged = resigned(good, BAD)
    twin = maker.fork()
    twin.head = twin.head._replace(sequence=4, id=forged.entry.id)
    follower = twin.sealed("comment", b"{}", key=maker.next_key)
    result = _check([forged, follower], maker, after=3)
    assert result.accepted == ()
    assert isinstance(result.error, RemoteError)


def test_what_one_key_signed_is_not_covered_by_the_next() -> None:
    """A run ends at a key event: uncovered entries before it are not saved by it."""
    maker = _maker(2)
    tail = _badly_signed_tail(maker, 2)
    for envelope in tail:
        maker.envelopes.append(envelope)
        maker.head = maker.head._replace(
            sequence=envelope.entry.header.sequence, id=envelope.entry.id
        )
    event = KeyEvent(maker.next_key.public_key, next_key_digest(signing_key(9).public_key))
    rotation = maker.sealed(KEY_KIND, rotation_content(event), key=maker.next_key)
    result = _check([*maker.envelopes[3:], rotation], maker, after=3)
    assert isinstance(result.error, SignatureError)
    assert result.accepted == ()


def test_the_old_key_signs_nothing_after_a_rotation() -> None:
    """Entries by the former key wait for a signature that never comes."""
    maker = _maker(2)
    old = maker.key
    maker.rotate()
    late = maker.sealed("comment", b"{}", key=old)
    result = _check([*maker.envelopes, late], maker)
    assert list(result.accepted) == maker.envelopes
    assert list(result.pending) == [late]


@given(st.data())
def test_a_changed_order_or_a_gap_is_a_broken_link(data: st.DataObject) -> None:
    """Missing, doubled, swapped and foreign entries are refused; what came before is kept."""
    maker = _maker(6)
    position = data.draw(st.integers(1, 5))
    envelopes = list(maker.envelopes)
    match data.draw(st.sampled_from(["missing", "doubled", "swapped"])):
        case "missing":
            del envelopes[position]
        case "doubled":
            envelopes.insert(position, envelopes[position - 1])
        case "swapped":
            pair = envelopes[position : position + 2]
            envelopes[position : position + 2] = pair[::-1]
    result = _check(envelopes, maker)
    assert isinstance(result.error, LinkError)
    assert f"expected entry {position + 1}, got " in str(result.error)
    assert list(result.accepted) == maker.envelopes[:position]


def test_a_link_to_another_entry_is_refused_although_it_is_signed() -> None:
    """A valid signature does not mend a broken link."""
    maker = _maker(3)
    for fields in (
        {"previous": maker.envelopes[1].entry.id},
        {"sequence": 6},
        {"sequence": 4},
    ):
        result = _check([maker.sealed("comment", b"{}", **fields)], maker, after=4)  # type: ignore[arg-type]
        assert isinstance(result.error, LinkError)
        assert result.accepted == ()


def test_another_logs_entries_are_refused() -> None:
    """B cannot deliver entries of A's, nor A's name on B's."""
    maker, other = _maker(3), LogMaker(2)
    other.extend(3)
    for envelopes in (
        other.envelopes,
        other.envelopes[1:],
        [maker.envelopes[0], other.envelopes[1]],
    ):
        result = verify_run(None, maker.log, envelopes)
        assert isinstance(result.error, WrongLogError)
        assert all(envelope.entry.log == maker.log for envelope in result.accepted)
    borrowed = other.sealed("comment", b"{}", log=maker.log, previous=maker.head.id, sequence=5)
    result = _check([borrowed], maker, after=4)
    assert result.accepted == ()


@given(st.integers(1, 4), st.data())
def test_changed_content_is_refused(number: int, data: st.DataObject) -> None:
    """A relay cannot change what somebody wrote; what came before is kept."""
    maker = _maker(5)
    envelope = maker.envelopes[number]
    body = envelope.body
    assert body is not None
    position = data.draw(st.integers(0, len(body.content) - 1))
    envelopes = list(maker.envelopes)
    envelopes[number] = Envelope(
        envelope.entry, body._replace(content=flipped(body.content, position))
    )
    result = _check(envelopes, maker)
    assert isinstance(result.error, CommitmentError)
    assert list(result.accepted) == maker.envelopes[:number]


def test_a_header_that_commits_to_other_content_is_refused_although_signed() -> None:
    """The author as well is held to its own commitment."""
    maker = _maker(2)
    result = _check([maker.sealed("comment", b"{}", delivered=b"[]")], maker, after=3)
    assert isinstance(result.error, CommitmentError)


def test_erased_content_is_accepted_only_where_it_is_allowed() -> None:
    """The chain verifies without content; an ordinary run may not leave it out."""
    maker = _maker(4)
    erased = [*maker.envelopes]
    erased[2] = Envelope(erased[2].entry, None)
    allowed = verify_run(None, maker.log, erased, missing_content_allowed=True)
    assert (allowed.error, allowed.head) == (None, maker.head)
    refused = verify_run(None, maker.log, erased)
    assert isinstance(refused.error, CommitmentError)
    assert len(refused.accepted) == 2


def test_permanent_content_may_never_be_missing() -> None:
    """The first entry, key events and profiles are never erased."""
    maker = LogMaker()
    maker.append("profile", b"{}")
    maker.rotate()
    for number in range(3):
        erased = [*maker.envelopes]
        erased[number] = Envelope(erased[number].entry, None)
        result = verify_run(None, maker.log, erased, missing_content_allowed=True)
        assert isinstance(result.error, CommitmentError)
        assert len(result.accepted) == number


def test_content_that_cannot_be_read_never_blocks_a_log() -> None:
    """Unknown kinds and unreadable content are accepted like any other."""
    maker = LogMaker()
    maker.append("hologram", b"\xff\x00 not JSON")
    maker.append("experience", b'{"schema":99}')
    maker.append("comment", b"")
    result = _check(maker.envelopes, maker)
    assert (result.error, len(result.accepted)) == (None, 4)


def test_a_run_without_a_head_starts_at_the_first_entry() -> None:
    """Nothing is accepted in mid-air, and an empty run changes nothing."""
    maker = _maker(3)
    result = verify_run(None, maker.log, maker.envelopes[1:])
    assert isinstance(result.error, LinkError)
    assert (result.accepted, result.head) == ((), None)
    assert verify_run(maker.head, maker.log, []).head == maker.head


def test_a_log_begins_with_a_key_it_signs_itself() -> None:
    """A first entry signed by another key than it names is refused, and so is a low-order key."""
    first = LogMaker().envelopes[0]
    forged = resigned(first, BAD)
    result = verify_run(None, forged.entry.id, [forged])
    assert isinstance(result.error, (SignatureError, KeyRefusedError))
    assert (result.accepted, result.head) == ((), None)


def test_a_log_has_one_first_entry() -> None:
    """A second inception, or one under another log's name, is refused."""
    maker, other = _maker(1), LogMaker(2)
    result = verify_run(maker.head, maker.log, other.envelopes)
    assert isinstance(result.error, WrongLogError)


def test_an_author_needs_the_current_key_and_leaves_key_events_alone() -> None:
    """Our own side's mistakes are LocalErrors."""
    maker = _maker(1)
    with pytest.raises(LocalError):
        Author(maker.head, signing_key(5))
    with pytest.raises(LocalError):
        Author(maker.head, maker.key).append(KEY_KIND, b"{}", time_ms=1, salt=bytes(32))


@pytest.mark.parametrize(("code", "name"), [("149", "Hjo"), ("1497", ""), ("abcd", "Hjo")])
def test_a_log_cannot_begin_with_a_bad_name(code: str, name: str) -> None:
    """What others would refuse is not written."""
    key = signing_key(1)
    with pytest.raises(KeyEventError):
        begin_log(key, next_key_digest(key.public_key), code, name, time_ms=1, salt=bytes(32))


def test_time_orders_nothing() -> None:
    """A chain whose clocks run backwards or far ahead is a good chain."""
    maker = LogMaker(start_ms=2**53 - 10**9)
    maker.time_ms = 0
    maker.extend(2)
    assert _check(maker.envelopes, maker).error is None
    assert isinstance(maker.envelopes[0].body, Body)


@pytest.mark.parametrize("bad", range(1, 5))
def test_an_audit_accepts_what_stands_before_the_first_bad_signature(bad: int) -> None:
    """Asked for every signature, nothing after a bad one counts, and the head is where it was."""
    maker = _maker(5)
    first, *rest = maker.envelopes
    rest[bad - 1] = resigned(rest[bad - 1], BAD)
    head = verify_run(None, maker.log, [first]).head

    result = verify_run(head, maker.log, rest[:bad], every_signature=True)

    assert isinstance(result.error, SignatureError)
    assert list(result.accepted) == maker.envelopes[1:bad]
    assert result.head is not None
    assert result.head.id == maker.envelopes[bad - 1].entry.id
