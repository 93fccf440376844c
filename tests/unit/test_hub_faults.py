"""Hubs joined in memory: forks are heard of everywhere, and a poisoned log ends alone."""

from __future__ import annotations

from itertools import pairwise

import pytest

from factories import LogMaker
from hub_pairs import make_forked, make_pair
from memory_world import World, check_equal
from protocol import effects
from protocol.directory import LogView, Standing
from protocol.transitions import State


def test_a_whole_network_hears_of_a_fork() -> None:
    """Two branches of one log meet: every node freezes it, and other logs go on."""
    world = World()
    nodes = [world.add(LogMaker(number)) for number in range(1, 5)]
    forked = LogMaker(9)
    forked.extend(2)
    twin = forked.fork()
    forked.extend(2)
    twin.append(content=b'{"schema":1,"twin":true}')
    for index, node in enumerate(nodes):
        node.directory.put(LogView(forked.log, Standing.MEMBER))
        node.hold((forked if index < 2 else twin).envelopes)
    for left, right in pairwise(nodes):
        world.befriend(left, right)
        world.dial(left, right)
    world.settle()
    nodes[1].publish()
    world.settle()
    for node in nodes:
        assert node.directory.get(forked.log).frozen
        assert node.saw(effects.ForkFound)
    check_equal(nodes[:3], [nodes[1].own_log])


def test_a_fork_at_equal_numbers_is_found() -> None:
    """The same number with another id is a fork, and its proof reaches both sides."""
    world, left, right = make_pair()
    forked, twin, _ = make_forked()
    left.hold(forked.envelopes)
    right.hold(twin.envelopes)
    world.dial(left, right)
    world.settle()
    assert left.directory.get(forked.log).frozen
    assert right.directory.get(forked.log).frozen
    assert left.head(forked.log) != right.head(forked.log)


def test_a_proof_kept_from_before_reaches_new_links() -> None:
    """A node that met a fork long ago tells every neighbour that connects later."""
    world, left, right = make_pair()
    forked, twin, _ = make_forked()
    left.hold(forked.envelopes)
    right.hold(twin.envelopes)
    world.dial(left, right)
    world.settle()
    third = world.add(LogMaker(3))
    world.befriend(left, third)
    third.hold(forked.envelopes)
    world.dial(left, third)
    world.settle()
    assert third.directory.get(forked.log).frozen


def test_a_log_accepted_later_brings_its_fork_along() -> None:
    """Who accepts a frozen log in the middle of a session learns of the fork in that session."""
    world, left, right = make_pair()
    forked, _, proof = make_forked()
    left.hold(forked.envelopes)
    left.directory.put(left.directory.get(forked.log)._replace(frozen=True))
    left.perform(left.hub.report_fork(proof, world.now_ms))
    world.dial(left, right)
    world.settle()
    right.accept(forked.log)
    world.settle()
    assert right.head(forked.log) == forked.head
    assert right.directory.get(forked.log).frozen


def test_an_old_proof_keeps_no_newcomer_from_a_log() -> None:
    """Who holds nothing of a log yet cannot tell whether its fork was settled: it takes the log."""
    world, left, right = make_pair()
    forked, _, proof = make_forked()
    forked.rotate()
    left.hold(forked.envelopes)
    left.perform(left.hub.report_fork(proof, world.now_ms))
    right.directory.put(LogView(forked.log, Standing.MEMBER))

    world.dial(left, right)
    world.settle()

    assert right.head(forked.log) == forked.head
    assert not right.directory.get(forked.log).frozen


@pytest.mark.parametrize("thief_dials", [True, False])
@pytest.mark.parametrize("owner_dials", [True, False])
def test_a_thief_s_session_does_not_keep_the_owner_out(
    thief_dials: bool, owner_dials: bool
) -> None:
    """Of two sessions with one log, the one that proved itself with its newer key is kept."""
    world, thief, neighbour = make_pair()
    maker = thief.maker.fork()
    maker.rotate()
    owner = world.add(maker)
    owner.directory.neighbours.add(neighbour.own_log)
    stolen = world.dial(thief, neighbour) if thief_dials else world.dial(neighbour, thief)
    world.settle()
    kept = world.dial(owner, neighbour) if owner_dials else world.dial(neighbour, owner)
    world.settle()

    assert neighbour.hub.link_status(stolen) is None
    assert neighbour.hub.link_status(kept) is not None


def test_a_poisoned_log_ends_alone() -> None:
    """Entries with a broken signature end that log in that session; the others arrive."""
    world, left, right = make_pair()
    bad, good = LogMaker(8), LogMaker(9)
    bad.extend(3)
    good.extend(3)
    for maker in (bad, good):
        left.hold(maker.envelopes)
        right.directory.put(LogView(maker.log, Standing.MEMBER))
    other_key = LogMaker(7).key
    entry = left.stored[bad.log][1]
    forged = bad.sealed(
        "comment",
        entry.body.content,
        key=other_key,
        sequence=2,
        previous=bad.envelopes[0].entry.id,
        delivered=b"something else",
    )
    left.stored[bad.log][1] = forged
    link = world.dial(left, right)
    world.settle()
    left.publish(2)
    world.settle()
    assert right.head(good.log) == good.head
    assert right.head(bad.log) is None or right.head(bad.log).sequence == 1
    assert right.head(left.own_log) == left.maker.head
    assert right.hub.link_status(link).state is State.LIVE
    assert left.saw(effects.LogRefused)[0].log == bad.log


def test_a_log_refused_here_is_still_fetched_from_another_neighbour() -> None:
    """What one neighbour has spoiled comes whole from the next."""
    world, left, right = make_pair()
    third = world.add(LogMaker(3))
    world.befriend(right, third)
    bad = LogMaker(8)
    bad.extend(3)
    for node in (left, third):
        node.hold(bad.envelopes)
    right.directory.put(LogView(bad.log, Standing.MEMBER))
    spoiled = bad.envelopes[1]._replace(body=spoil(bad))
    left.stored[bad.log] = [bad.envelopes[0], spoiled, *bad.envelopes[2:]]
    world.dial(left, right)
    world.settle()
    assert right.head(bad.log).sequence == 1
    world.dial(third, right)
    world.settle()
    assert right.head(bad.log) == bad.head


def spoil(maker: LogMaker) -> object:
    """Return content that is not what entry 2 commits to."""
    body = maker.envelopes[1].body
    return body._replace(content=body.content[:-1] + b" ")
