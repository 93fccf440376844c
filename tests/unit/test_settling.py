"""Settling, as pure protocol: what is shown and taken as a log's next rotation, and copies met."""

from __future__ import annotations

from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import LogMaker, signing_key
from protocol import settling
from protocol.chain import rotate
from protocol.codes import CLONED
from protocol.copies import Copies
from protocol.directory import Directory, LogView, Standing
from protocol.effects import Close, CopyMet
from protocol.entry import Envelope
from protocol.errors import KeyEventError, LimitError, LinkError
from protocol.identity import next_key_digest
from protocol.limits import (
    BRANCH_BYTES_MAX,
    BRANCH_ENTRIES_MAX,
    BRANCH_UNFOLDED_BYTES_MAX,
    ROTATIONS_TOLD_MAX,
    RUN_BYTES_MAX,
)
from protocol.messages import Run, decode
from protocol.outflow import Outflow
from protocol.run import encode_run, zstd
from protocol.settling import (
    BranchFetch,
    Rotations,
    decode_runs,
    next_rotation,
    verify_branch,
)


def directory_of(maker: LogMaker, standing: Standing = Standing.MEMBER) -> Directory:
    """A directory that holds all of one log."""
    directory = Directory()
    directory.put(LogView(maker.log, standing, maker.head))
    return directory


def shown(envelope: Envelope, first: int | None = None) -> Run:
    """A run of this one entry."""
    sequence = envelope.entry.header.sequence if first is None else first
    return Run(envelope.entry.log, sequence, 1, encode_run([envelope]))


def test_the_next_rotation_is_known_wherever_it_stands() -> None:
    """Behind, at or far beyond our head, on whatever branch: it is authentic by itself."""
    held = LogMaker()
    held.extend(5)
    for length in (0, 4, 5, 9):
        other = LogMaker()
        other.extend(length)
        rotation = other.rotate()
        assert next_rotation(directory_of(held), shown(rotation)) == rotation


def useless() -> dict[str, tuple[Directory, Run]]:
    """Runs that show no next rotation, and the directory of whom they are shown to."""
    held = LogMaker()
    ordinary = held.extend(3)[-1]
    ahead = held.fork()
    ahead.append(content=b'{"schema":1,"other":1}')
    rotation = ahead.rotate()
    following = ahead.rotate()
    forged = held.fork().sealed(
        "key", b"{}", key=signing_key(77), sequence=rotation.entry.header.sequence
    )
    known = ahead.fork()
    two = Run(held.log, 2, 2, encode_run(held.envelopes[1:3]))
    said_to_be_two = Run(held.log, shown(rotation).first, 2, encode_run([rotation]))
    return {
        "an ordinary entry": (directory_of(held), shown(ordinary)),
        "two entries": (directory_of(held), two),
        "one entry that is said to be two": (directory_of(held), said_to_be_two),
        "a forged rotation": (directory_of(held), shown(forged)),
        "the one after the next": (directory_of(held), shown(following)),
        "one that is held": (directory_of(known), shown(rotation)),
        "another number": (directory_of(held), shown(rotation, 9)),
        "a log that is blocked": (directory_of(held, Standing.BLOCKED), shown(rotation)),
        "an unknown log": (Directory(), shown(rotation)),
        "no run at all": (directory_of(held), Run(held.log, 5, 1, b"nothing")),
    }


@pytest.mark.parametrize("name", useless())
def test_anything_else_settles_nothing(name: str) -> None:
    """Only the entry that the next key alone can make leads to another branch."""
    directory, run = useless()[name]

    assert next_rotation(directory, run) is None


def test_a_branch_is_kept_in_order_and_bounded() -> None:
    """Runs out of order are passed over; it is whole exactly at the rotation, and bounded."""
    fetch = BranchFetch(after=2, through=6)
    assert not fetch.take(Run(bytes(32), 5, 2, b"late"))
    assert not fetch.take(Run(bytes(32), 3, 2, b"first"))
    assert not fetch.take(Run(bytes(32), 5, 3, b"beyond"))
    assert fetch.take(Run(bytes(32), 5, 2, b"last"))
    assert fetch.payloads == [b"first", b"last"]


def test_a_branch_may_come_in_any_number_of_small_runs() -> None:
    """How much a neighbour puts in one run is its own choice, and says nothing of the branch."""
    maker = LogMaker()
    base, entries = maker.head, [*maker.extend(150), maker.rotate()]
    fetch = BranchFetch(after=base.sequence, through=maker.head.sequence)
    taken = [fetch.take(shown(envelope)) for envelope in entries]

    assert taken == [False] * 150 + [True]
    assert verify_branch(base, fetch.payloads).head == maker.head


def endless() -> dict[str, tuple[bytes, int]]:
    """Payloads, and how many of them fit in what is kept aside."""
    hidden = BRANCH_UNFOLDED_BYTES_MAX // RUN_BYTES_MAX
    unnamed = zstd.ZstdCompressor()
    return {
        "no zstd frame": (b"x", hidden),
        "a size that is not named": (unnamed.compress(b"small") + unnamed.flush(), hidden),
        "many bytes unfolded": (zstd.compress(bytes(3 * RUN_BYTES_MAX)), hidden // 3),
        "many bytes as they travel": (bytes(RUN_BYTES_MAX), BRANCH_BYTES_MAX // RUN_BYTES_MAX),
        "many entries": (zstd.compress(b"small"), BRANCH_ENTRIES_MAX // 500),
    }


@pytest.mark.parametrize("name", endless())
def test_what_is_kept_aside_of_a_branch_is_bounded(name: str) -> None:
    """By its entries, and its bytes on the wire and unfolded; a size that is hidden is the largest.

    So many runs of 500 entries are taken, and not one more.
    """
    payload, runs_max = endless()[name]
    fetch = BranchFetch(after=0, through=10**9)
    for number in range(runs_max):
        fetch.take(Run(bytes(32), number * 500 + 1, 500, payload))

    with pytest.raises(LimitError):
        fetch.take(Run(bytes(32), runs_max * 500 + 1, 500, payload))


def test_the_last_byte_that_is_kept_aside_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Just as many bytes as are allowed are no reason to give a branch up."""
    monkeypatch.setattr(settling, "BRANCH_BYTES_MAX", 10)
    fetch = BranchFetch(after=0, through=3)
    for number in (1, 2):
        assert not fetch.take(Run(bytes(32), number, 1, bytes(5)))
    with pytest.raises(LimitError):
        fetch.take(Run(bytes(32), 3, 1, bytes(1)))


def test_more_entries_than_were_announced_are_not_taken_in() -> None:
    """How many entries a run says it has is not believed: they are counted as they are decoded."""
    payload = encode_run(LogMaker().extend(1_000))

    with pytest.raises(LimitError):
        decode_runs(repeat(payload))


def test_a_branch_ends_in_a_rotation_or_is_none() -> None:
    """Entries that hold, but after which the old key would sign on, take nobody's place."""
    maker = LogMaker()
    base = maker.head
    entries = [*maker.extend(2), maker.rotate(), *maker.extend(1)]

    def verified(count: int) -> int:
        return len(verify_branch(base, [encode_run(entries[:count])]).accepted)

    assert verified(3) == 3
    for count in (2, 4):
        with pytest.raises(KeyEventError, match="end in a rotation"):
            verified(count)
    with pytest.raises(KeyEventError, match="end in a rotation"):
        verify_branch(base, [])
    with pytest.raises(LinkError):
        verify_branch(base, [encode_run(entries[1:3])])


def test_rotations_are_shown_within_credit() -> None:
    """What there is no room for is left for later; nothing is sent that was not granted."""
    maker = LogMaker()
    for _ in range(3):
        maker.rotate()
    flow = Outflow()
    events = tuple(maker.envelopes)
    rotations = Rotations(1, directory_of(maker), lambda log: events, flow)

    told = rotations.tell(maker.log)
    flow.credit_bytes = 0

    assert [decode(send.frame).first for send in told] == [2, 3, 4]
    assert rotations.tell(maker.log) == []


def test_rotations_are_shown_a_few_times_a_session() -> None:
    """Who asks again and again is answered no more."""
    maker = LogMaker()
    rotation = maker.rotate()
    events = tuple(maker.envelopes)
    rotations = Rotations(1, directory_of(maker), lambda log: events, Outflow())

    told = [len(rotations.tell(maker.log)) for _ in range(ROTATIONS_TOLD_MAX + 2)]

    assert rotation.entry.is_key_event
    assert told == [1] * ROTATIONS_TOLD_MAX + [0, 0]


def test_a_rotation_is_made_with_the_committed_key_alone() -> None:
    """What any other key would sign is refused before it is handed out."""
    maker = LogMaker()
    digest = next_key_digest(signing_key(8).public_key)
    made = rotate(maker.head, maker.next_key, digest, time_ms=5, salt=bytes(32))

    assert made.entry.header.previous == maker.head.id
    with pytest.raises(KeyEventError):
        rotate(maker.head, maker.key, digest, time_ms=5, salt=bytes(32))


@given(st.lists(st.integers(0, 200), max_size=30, unique=True), st.integers(1, 3))
def test_a_node_that_restarts_is_no_copy(starts: list[int], sessions: int) -> None:
    """However often it starts and connects, an epoch that is over never comes back."""
    copies = Copies()
    for start in starts:
        for _ in range(sessions):
            assert not copies.is_copy(b"log", bytes([start]), 1)


def test_two_that_take_turns_are_copies() -> None:
    """The first to come back after the other is noticed, and the other as well; others are not."""
    copies = Copies()
    assert not copies.is_copy(b"log", b"a", 1)
    assert not copies.is_copy(b"log", b"b", 1)
    assert copies.is_copy(b"log", b"a", 1)
    assert copies.is_copy(b"log", b"b", 1)
    assert not copies.is_copy(b"log", b"b", 1)
    assert not copies.is_copy(b"other", b"a", 1)


def test_an_owner_with_a_new_key_is_no_copy_of_a_thief() -> None:
    """A neighbour that has not heard of the rotation yet does not stop the owner for a thief."""
    copies = Copies()
    for _ in range(3):
        assert not copies.is_copy(b"log", b"thief", 1)
        assert not copies.is_copy(b"log", b"owner", 2)


def test_a_word_about_copies_from_before_a_rotation_is_void() -> None:
    """What ends a link that was open when a person chose is about the time before."""
    copies = Copies()
    copies.renew([1, 2])
    said = {link: Close(link, CLONED, "", by_them=True) for link in (1, 3)}

    assert copies.told(said[1]) == []
    assert copies.told(said[3]) == [CopyMet(3)]
    assert copies.told(Close(3, CLONED, "")) == []
