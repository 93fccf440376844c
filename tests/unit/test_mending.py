"""Entries asked for once more: proved by one id that is known, and kept apart from what is new."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from factories import LogMaker, flipped, resigned
from hub_pairs import sent
from memory_world import MemoryNode, World
from protocol import effects
from protocol.effects import RangeArrived
from protocol.entry import Body, Envelope
from protocol.mending import proven
from protocol.messages import Want
from protocol.run import decode_run


def _log(entries: int = 9) -> LogMaker:
    maker = LogMaker()
    maker.extend(entries - 1)
    return maker


def test_what_follows_proves_what_came_before() -> None:
    """Any stretch of a log is proved by the id of its last entry alone."""
    maker = _log()
    for first in range(9):
        for last in range(first, 9):
            stretch = maker.envelopes[first : last + 1]
            assert proven(maker.log, stretch[-1].entry.id, stretch) == tuple(stretch)


@given(place=st.integers(0, 8), seed=st.integers(0, 10**6))
def test_nothing_before_a_changed_entry_is_believed(place: int, seed: int) -> None:
    """Of entries one of which is another, by signature, content or place, only those after it are
    proved; the ones before may be right, and are not taken."""
    maker, random = _log(), Random(seed)
    envelopes = list(maker.envelopes)
    entry, body = envelopes[place]
    assert body is not None
    envelopes[place] = random.choice(
        [
            resigned(envelopes[place], random.randbytes(64)),
            Envelope(entry, Body(body.salt, flipped(body.content, 0))),
            Envelope(entry, Body(flipped(body.salt, 5), body.content)),
            Envelope(entry, None),
            LogMaker(2).envelopes[0],
        ]
    )
    found = proven(maker.log, maker.envelopes[-1].entry.id, envelopes)
    assert found == tuple(maker.envelopes[place + 1 :])


def test_a_gap_ends_the_proof() -> None:
    """Entries that do not follow each other prove nothing beyond the gap."""
    maker = _log()
    found = proven(maker.log, maker.head.id, [*maker.envelopes[:3], *maker.envelopes[5:]])
    assert found == tuple(maker.envelopes[5:])
    assert proven(maker.log, maker.head.id, []) == ()


def _neighbours(entries: int = 30) -> tuple[World, MemoryNode, MemoryNode, int]:
    """Two nodes in a session that both hold the same."""
    world = World()
    ours, theirs = world.add(LogMaker(1)), world.add(LogMaker(2))
    world.befriend(ours, theirs)
    link = world.dial(ours, theirs)
    world.settle()
    theirs.publish(entries)
    world.settle()
    return world, ours, theirs, link


def _is_asked(world: World, link: int, log: bytes) -> bool:
    """Whether anybody has asked for a log on a link."""
    return any(want.log == log for want in sent(world, Want, link))


def _ask(ours: MemoryNode, link: int, log: bytes, after: int, through: int) -> None:
    assert link in ours.hub.ranges.holders(log, through)
    ours.perform(ours.hub.ranges.ask(link, log, after, through))


def test_a_range_that_is_held_can_be_had_again() -> None:
    """A neighbour gives any range once more, in as many runs as it takes; our head stays."""
    world, ours, theirs, link = _neighbours()
    world.run_entries = 4
    _ask(ours, link, theirs.own_log, 5, 20)
    world.settle()

    (arrived,) = ours.saw(RangeArrived)
    entries = [item for payload in arrived.payloads for item in decode_run(payload)]
    assert entries == theirs.stored[theirs.own_log][5:20]
    assert (arrived.link, arrived.log, arrived.after) == (link, theirs.own_log, 5)
    assert ours.stored[theirs.own_log] == theirs.stored[theirs.own_log]


def test_new_entries_come_meanwhile() -> None:
    """What the neighbour writes while a range is on its way is stored as ever."""
    world, ours, theirs, link = _neighbours()
    _ask(ours, link, theirs.own_log, 0, 31)
    theirs.publish(3)
    world.settle()

    assert len(ours.saw(RangeArrived)) == 1
    assert ours.stored[theirs.own_log] == theirs.stored[theirs.own_log]


def test_a_neighbour_that_cannot_give_a_range_says_so() -> None:
    """Whoever asked is told that nothing comes, and may ask another; the session goes on."""
    world, ours, theirs, link = _neighbours()
    _ask(ours, link, theirs.own_log, 0, 31)
    held, theirs.stored[theirs.own_log] = theirs.stored[theirs.own_log], []
    world.settle()
    theirs.stored[theirs.own_log] = held

    (arrived,) = ours.saw(RangeArrived)
    assert arrived.payloads == ()
    assert not ours.saw(effects.Close)
    _ask(ours, link, theirs.own_log, 0, 31)
    world.settle()
    assert len(ours.saw(RangeArrived)) == 2


def test_who_is_asked_for_the_whole_log_is_not_asked_for_a_range() -> None:
    """One request would take the other's place; another neighbour may be asked at once."""
    alone = set()
    for seed in range(20):
        world = World(seed)
        ours, *others = [world.add(LogMaker(number)) for number in (1, 2, 3)]
        for other in others:
            world.befriend(ours, other)
        links = [world.dial(ours, other) for other in others]
        world.settle()
        log = LogMaker(9)
        ours.accept(log.log)
        for other in others:
            other.hold(log.envelopes)
        while world.step() and not ours.head(log.log):
            asked = [link for link in links if _is_asked(world, link, log.log)]
            may_be_asked = ours.hub.ranges.holders(log.log, 1)
            assert not set(asked) & set(may_be_asked), f"{seed=}"
            alone.update((*asked, *may_be_asked) for _ in may_be_asked)

    assert alone == {(links[0], links[1]), (links[1], links[0])}


def test_only_who_holds_it_is_asked() -> None:
    """Nobody is asked who does not say it holds the log that far, nor twice at once."""
    world, ours, theirs, link = _neighbours()
    assert ours.hub.ranges.holders(theirs.own_log, 32) == []
    assert ours.hub.ranges.holders(b"\x09" * 32, 1) == []
    _ask(ours, link, theirs.own_log, 0, 31)
    assert ours.hub.ranges.holders(theirs.own_log, 31) == []
    ours.perform(ours.hub.ranges.withdraw(link, theirs.own_log))
    assert ours.hub.ranges.holders(theirs.own_log, 31) == [link]
    world.settle()
    assert ours.hub.ranges.ask(99, theirs.own_log, 0, 1) == []
    assert ours.hub.ranges.withdraw(99, theirs.own_log) == []
