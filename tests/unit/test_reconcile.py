"""Reconciliation: any two sets of heads come to know each other, at a cost like the difference."""

from __future__ import annotations

import hashlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import reconcile
from protocol.directory import Item
from protocol.errors import LimitError, MalformedError
from protocol.limits import RECONCILE_PARTS_MAX, RECONCILE_ROUNDS_MAX
from protocol.messages import Reconcile, decode, encode
from protocol.ranges import Mode, Range
from protocol.reconcile import Reconciler, Step, fingerprint


def make_item(number: int, sequence: int = 1) -> Item:
    """Return a head of log ``number``; equal numbers give equal heads."""
    log = hashlib.sha256(b"log %d" % number).digest()
    return Item(log, sequence, hashlib.sha256(log + b"%d" % sequence).digest())


def make_items(heads: dict[int, int]) -> list[Item]:
    """Return the sorted items of ``{log number: sequence}``."""
    return sorted(make_item(number, sequence) for number, sequence in heads.items())


def exchange(left: list[Item], right: list[Item]) -> tuple[dict, dict, list[bytes]]:
    """Reconcile two sets over encoded frames; returns what each side learned, and the frames."""
    sides = (Reconciler(left), Reconciler(right))
    learned: tuple[dict[bytes, Item], dict[bytes, Item]] = ({}, {})
    frames = []
    message: tuple[Range, ...] | None = sides[0].begin()
    turn = 1
    while message is not None:
        frames.append(encode(Reconcile(message)))
        received = decode(frames[-1])
        step = sides[turn].receive(received.ranges)
        learned[turn].update({item.log: item for item in step.learned})
        message = step.answer
        last = message is None or step.done
        turn = 1 - turn
    assert last
    for side, known in zip(sides, learned, strict=True):
        known.update({item.log: item for item in side.agreed()})
    return learned[0], learned[1], frames


def check_knows(known: dict[bytes, Item], ours: list[Item], theirs: list[Item]) -> None:
    """Check that one side knows exactly what the other holds."""
    held = {item.log: item for item in theirs}
    for item in (*ours, *theirs):
        expected = held.get(item.log, Item(item.log, 0, b""))
        assert known[item.log] == expected


HEADS = st.dictionaries(st.integers(0, 120), st.integers(1, 3), max_size=80)


@given(HEADS, HEADS, st.booleans())
def test_any_two_sets_come_to_know_each_other(
    common: dict[int, int], more: dict[int, int], swapped: bool
) -> None:
    """Whatever two nodes hold, each knows afterwards exactly what the other holds."""
    sets = [make_items(common), make_items(common | more)]
    left, right = reversed(sets) if swapped else sets
    left_knows, right_knows, _ = exchange(left, right)
    check_knows(left_knows, left, right)
    check_knows(right_knows, right, left)


@given(HEADS, HEADS)
def test_two_unrelated_sets_come_to_know_each_other(
    left_heads: dict[int, int], right_heads: dict[int, int]
) -> None:
    """Sets that share little are reconciled as well as sets that share much."""
    left, right = make_items(left_heads), make_items(right_heads)
    left_knows, right_knows, _ = exchange(left, right)
    check_knows(left_knows, left, right)
    check_knows(right_knows, right, left)


@pytest.mark.parametrize("count", [0, 1, 17, 290, 5_000])
def test_equal_sets_cost_one_digest_each_way(count: int) -> None:
    """Two nodes that hold the same exchange 30 bytes, however many logs there are."""
    items = make_items(dict.fromkeys(range(count), 7))
    *_, frames = exchange(items, list(items))
    assert len(frames) == 2
    assert sum(map(len, frames)) <= 30


@pytest.mark.parametrize("count", [290, 5_000, 20_000])
def test_one_difference_costs_logarithmically_many_messages(count: int) -> None:
    """One differing head among n logs is found in about log16(n) messages of bounded size."""
    left = make_items(dict.fromkeys(range(count), 7))
    right = make_items(dict.fromkeys(range(count), 7) | {count // 2: 8})
    left_knows, _, frames = exchange(left, right)
    assert left_knows[make_item(count // 2).log].sequence == 8
    levels = 1
    while 16**levels < count:
        levels += 1
    assert len(frames) <= levels + 3
    assert sum(map(len, frames)) <= levels * 16 * 25 + 17 * 72 + 200


@pytest.mark.parametrize("both", [False, True])
def test_messages_stay_bounded_when_everything_differs(
    both: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large difference travels in several bounded messages and is still found whole."""
    monkeypatch.setattr(reconcile, "RECONCILE_PARTS_MAX", 200)
    left = make_items(dict.fromkeys(range(400), 1)) if both else []
    right = make_items(dict.fromkeys(range(200, 900), 2))
    left_knows, right_knows, frames = exchange(left, right)
    check_knows(left_knows, left, right)
    check_knows(right_knows, right, left)
    assert max(map(len, frames)) < 200 * 80
    assert len(frames) > 4


def test_ten_thousand_new_logs_take_few_messages() -> None:
    """An empty node learns a network of any size the protocol plans for within the rounds."""
    right = make_items(dict.fromkeys(range(25_000), 1))
    left_knows, _, frames = exchange([], right)
    check_knows(left_knows, [], right)
    assert len(frames) < 20


def test_every_field_of_a_head_counts_in_a_fingerprint() -> None:
    """Fingerprints differ as soon as a log, a number or an id differs."""
    item = make_item(1)
    others = [make_item(2), item._replace(sequence=2), item._replace(id=make_item(2).id)]
    digests = {fingerprint([other]) for other in (item, *others)} | {fingerprint([])}
    assert len(digests) == 5


def test_an_answer_to_nothing_is_refused() -> None:
    """A neighbour cannot slip in answers for ranges that were never listed."""
    side = Reconciler(make_items({1: 1, 2: 1}))
    side.begin()
    with pytest.raises(MalformedError, match="nothing that was listed"):
        side.receive((Range(b"", Mode.ANSWER, items=(make_item(1, 5),)),))


def test_a_list_may_be_answered_in_parts() -> None:
    """What another program says of a range in two steps is learned as well."""
    ours, theirs = make_items({1: 1, 2: 1, 3: 1}), make_items({1: 2, 2: 2, 3: 2})
    side = Reconciler(ours)
    side.receive((Range(b"", Mode.FINGERPRINT, fingerprint(theirs)),))
    first = Range(theirs[1].log, Mode.ANSWER, items=(theirs[0],))
    rest = Range(b"", Mode.ANSWER, items=tuple(theirs[1:]))

    assert side.receive((first, rest)) == Step(theirs, None, True)


@pytest.mark.parametrize(
    ("start", "end"), [(1, 4), (2, 5), (2, None), (0, 4)], ids=["early", "late", "open", "first"]
)
def test_an_answer_that_reaches_beyond_what_was_listed_is_refused(
    start: int, end: int | None
) -> None:
    """Of eight heads the third and fourth are listed; an answer keeps to their range."""
    items = make_items(dict.fromkeys(range(8), 1))
    bounds = [item.log for item in items]
    side = Reconciler(items)
    skipped = Range(bounds[2], Mode.SKIP)
    listed = side.receive((skipped, Range(bounds[4], Mode.FINGERPRINT, bytes(16)))).answer
    assert listed == (skipped, Range(bounds[4], Mode.ITEMS, items=tuple(items[2:4])))

    before = (Range(bounds[start], Mode.SKIP),) if start else ()
    upper = b"" if end is None else bounds[end]
    with pytest.raises(MalformedError, match="nothing that was listed"):
        side.receive((*before, Range(upper, Mode.ANSWER, items=(items[2],))))


def test_endless_exchanges_are_ended() -> None:
    """A neighbour that never agrees to anything is stopped after a bounded number of rounds."""
    side = Reconciler(make_items({1: 1}))
    random = Random(1)
    for _ in range(RECONCILE_ROUNDS_MAX):
        side.receive((Range(b"", Mode.FINGERPRINT, random.randbytes(16)),))
    with pytest.raises(LimitError, match="rounds"):
        side.receive((Range(b"", Mode.FINGERPRINT, random.randbytes(16)),))


def test_replies_fit_the_decoder_at_the_largest_message() -> None:
    """A reply to the largest message that is allowed is itself allowed."""
    ours = make_items(dict.fromkeys(range(30_000), 1))
    digest = bytes(16)
    bounds = [number.to_bytes(2, "big") for number in range(6, 65_536, 7)][:9_999]
    ranges = [Range(bound, Mode.FINGERPRINT, digest) for bound in bounds]
    ranges.append(Range(b"", Mode.FINGERPRINT, digest))
    assert len(ranges) <= RECONCILE_PARTS_MAX
    step = Reconciler(ours).receive(decode(encode(Reconcile(tuple(ranges)))).ranges)
    assert step.answer is not None
    assert decode(encode(Reconcile(step.answer))) == Reconcile(step.answer)


@given(HEADS)
def test_a_list_of_what_we_hold_is_answered_with_nothing(heads: dict[int, int]) -> None:
    """A neighbour that lists our own heads is told of no difference, and both are done."""
    items = make_items(heads)

    step = Reconciler(items).receive((Range(b"", Mode.ITEMS, items=tuple(items)),))

    assert step == Step(items, (), True)
