"""Hubs joined in memory: all is shared once, live, and faults stay where they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import LogMaker
from hub_pairs import make_pair, sent
from memory_world import MemoryNode, World, check_equal
from protocol import effects
from protocol.directory import LogView, Standing
from protocol.limits import FETCH_TIMEOUT_MS
from protocol.messages import Have, Run, Want, decode
from protocol.transitions import State


def test_two_neighbours_share_their_logs() -> None:
    """After one session both hold both logs, whoever dialled."""
    world, left, right = make_pair()
    left.publish(5)
    right.publish(3)
    link = world.dial(left, right)
    world.settle()
    check_equal([left, right])
    assert left.hub.link_status(link).state is State.LIVE
    assert right.hub.link_status(link).behind_out == 0
    assert left.saw(effects.Authenticated)[0].log == right.own_log


def test_a_new_entry_is_pushed_at_once() -> None:
    """While connected, a new entry takes one RUN and one STORED, nothing else."""
    world, left, right = make_pair()
    world.dial(left, right)
    world.settle()
    world.frames.clear()
    left.publish()
    world.settle()
    check_equal([left, right])
    assert [type(decode(frame)).__name__ for _, frame in world.frames] == ["Run", "Stored"]
    stored = left.saw(effects.NeighbourStored)[-1]
    assert (stored.log, stored.sequence) == (left.own_log, 2)


def test_many_new_entries_are_pushed_without_waiting() -> None:
    """Entries written faster than they are acknowledged are still pushed one by one, in order."""
    world, left, right = make_pair()
    world.dial(left, right)
    world.settle()
    world.frames.clear()
    left.publish(20)
    world.settle()
    check_equal([left, right])
    assert len(sent(world, Run)) == 20
    assert not sent(world, Want)


def test_reconnecting_with_nothing_new_is_cheap() -> None:
    """With 290 equal logs and known keys, a whole session takes less than 430 bytes."""
    world, left, right = make_pair()
    for number in range(3, 291):
        maker = LogMaker(number)
        for node in (left, right):
            node.hold(maker.envelopes)
    first = world.dial(left, right)
    world.settle()
    world.cut(first)
    world.settle()
    for node in (left, right):
        assert len(node.directory.items()) == 290
    world.frames.clear()
    world.dial(right, left)
    world.settle()
    frames = [frame for link, frame in world.frames if link == 2]
    assert len(frames) == 6
    assert sum(map(len, frames)) < 430


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32),
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)),
        min_size=1,
        max_size=8,
    ),
)
def test_any_two_sets_of_logs_converge(seed: int, holdings: list[tuple[int, int, int]]) -> None:
    """Whatever two nodes hold of whichever logs, both hold the longer of each afterwards."""
    print(f"seed={seed}")
    world, left, right = make_pair(seed)
    world.run_entries = 2
    for number, (written, at_left, at_right) in enumerate(holdings, start=3):
        maker = LogMaker(number)
        maker.extend(written)
        for node, count in ((left, at_left), (right, at_right)):
            node.directory.put(LogView(maker.log, Standing.MEMBER))
            if count:
                node.hold(maker.envelopes[:count])
    world.dial(left, right)
    world.settle()
    check_equal([left, right])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_a_network_converges_while_everybody_writes(seed: int) -> None:
    """Four nodes in a ring, writing while links come and go, all end up with all entries."""
    print(f"seed={seed}")
    world = World(seed)
    nodes = [world.add(LogMaker(number)) for number in range(1, 5)]
    for node in nodes:
        for other in nodes:
            if node is not other:
                node.directory.put(LogView(other.own_log, Standing.MEMBER))
    pairs = [(nodes[index], nodes[index - 1]) for index in range(4)]
    links = []
    for left, right in pairs:
        world.befriend(left, right)
        links.append(world.dial(left, right))
    for _ in range(60):
        world.random.choice(nodes).publish(world.random.randrange(3))
        for _ in range(world.random.randrange(20)):
            world.step()
        if world.random.random() < 0.1:
            index = world.random.randrange(4)
            world.cut(links[index])
            links[index] = world.dial(*pairs[index])
    world.settle()
    for index, pair in enumerate(pairs):
        if pair[0].hub.link_status(links[index]) is None:
            world.dial(*pair)
    world.settle()
    world.pass_time(60_000)
    check_equal(nodes)
    assert not [effect for node in nodes for effect in node.saw(effects.LogRefused)]


def test_each_missing_run_comes_from_one_neighbour() -> None:
    """A node connected to two that hold the same fetches every entry once."""
    world, left, right = make_pair()
    third = world.add(LogMaker(3))
    world.befriend(left, third)
    world.befriend(right, third)
    makers = [LogMaker(number) for number in range(4, 34)]
    for maker in makers:
        maker.extend(3)
        third.directory.put(LogView(maker.log, Standing.MEMBER))
        for node in (left, right):
            node.hold(maker.envelopes)
    world.dial(third, left)
    world.dial(third, right)
    world.settle()
    fetched = [run.log for run in sent(world, Run) if run.log in {maker.log for maker in makers}]
    check_equal([left, right, third], [maker.log for maker in makers])
    assert len(fetched) == len(set(fetched)) == 30


def test_another_neighbour_is_asked_after_a_time_out() -> None:
    """A neighbour that never delivers loses the log to one that does."""
    world, left, right = make_pair()
    third = world.add(LogMaker(3))
    world.befriend(left, third)
    world.befriend(right, third)
    maker = LogMaker(4)
    maker.extend(3)
    third.directory.put(LogView(maker.log, Standing.MEMBER))
    for node in (left, right):
        node.hold(maker.envelopes)

    def withhold(sender: MemoryNode, frame: bytes) -> bytes | None:
        message = decode(frame)
        withheld = isinstance(message, Run) and message.log == maker.log and sender is left
        return None if withheld else frame

    world.tamper = withhold
    world.dial(third, left)
    world.settle()
    world.dial(third, right)
    world.settle()
    assert third.head(maker.log) is None
    world.pass_time(FETCH_TIMEOUT_MS + 1_000)
    assert third.head(maker.log) == maker.head


def test_a_lost_link_hands_its_requests_to_another() -> None:
    """What was asked of a link that breaks is asked of another neighbour at once."""
    world, left, right = make_pair()
    third = world.add(LogMaker(3))
    world.befriend(left, third)
    world.befriend(right, third)
    maker = LogMaker(4)
    maker.extend(3)
    third.directory.put(LogView(maker.log, Standing.MEMBER))
    for node in (left, right):
        node.hold(maker.envelopes)
    world.tamper = lambda sender, frame: (
        None if sender is left and isinstance(decode(frame), Run) else frame
    )
    silent = world.dial(third, left)
    world.settle()
    world.dial(third, right)
    world.settle()
    world.cut(silent)
    world.settle()
    assert third.head(maker.log) == maker.head


def test_a_log_nobody_accepted_is_offered_and_taken_once_accepted() -> None:
    """An unknown log is reported once; after a yes it is fetched without reconnecting."""
    world, left, right = make_pair()
    maker = LogMaker(3)
    maker.extend(2)
    left.hold(maker.envelopes)
    world.dial(left, right)
    world.settle()
    left.hold([maker.append()])
    world.settle()
    assert [offer.log for offer in right.saw(effects.Offered)] == [maker.log]
    assert right.head(maker.log) is None
    right.accept(maker.log)
    world.settle()
    assert right.head(maker.log) == maker.head


def test_a_blocked_log_is_neither_offered_nor_taken() -> None:
    """A block stops what is under way, and the neighbour's pushes are refused once."""
    world, left, right = make_pair()
    maker = LogMaker(3)
    for node in (left, right):
        node.hold(maker.envelopes)
    world.dial(left, right)
    world.settle()
    right.accept(maker.log, Standing.BLOCKED)
    world.frames.clear()
    for _ in range(3):
        left.hold([maker.append()])
        world.settle()
    assert right.head(maker.log).sequence == 1
    assert [type(decode(frame)).__name__ for _, frame in world.frames] == ["Run", "Refused"]
    right.accept(maker.log)
    world.settle()
    assert right.head(maker.log) == maker.head
    left.hold([maker.append()])
    world.settle()
    assert right.head(maker.log) == maker.head


def test_a_node_that_lost_its_log_is_told_and_gets_it_back() -> None:
    """A neighbour that knows more of our own log than we do says so, and returns it."""
    world, left, right = make_pair()
    left.publish(5)
    world.dial(left, right)
    world.settle()
    restored = MemoryNode(world, left.maker)
    restored.stored[left.own_log] = left.stored[left.own_log][:2]
    old = LogMaker(1)
    old.extend(1)
    restored.directory.put(LogView(left.own_log, Standing.OWN, old.head))
    world.nodes[0] = restored
    world.befriend(restored, right)
    world.dial(restored, right)
    world.settle()
    assert restored.saw(effects.OwnLogAhead)[0].sequence == 6
    assert restored.head(left.own_log) == left.maker.head


def test_the_newer_of_two_links_in_one_direction_is_kept() -> None:
    """A neighbour that dials again, because its side of the link died, gets a working link."""
    world, left, right = make_pair()
    first = world.dial(left, right)
    world.settle()
    second = world.dial(left, right)
    world.settle()
    for node in (left, right):
        assert node.hub.link_status(first) is None
        assert node.hub.link_status(second).state is State.LIVE


@pytest.mark.parametrize("seed", range(12))
def test_of_two_crossing_links_both_nodes_keep_the_same(seed: int) -> None:
    """When both dial at once, the link dialled by the lower log id stays, at both ends."""
    world, left, right = make_pair(seed)
    lower, higher = sorted((left, right), key=lambda node: node.own_log)
    kept, dropped = world.dial(lower, higher), world.dial(higher, lower)
    world.settle()
    left.publish()
    world.settle()
    for node in (left, right):
        assert node.hub.link_status(dropped) is None
        assert node.hub.link_status(kept).state is State.LIVE
    check_equal([left, right])


def test_a_removed_neighbour_is_told_so_and_nothing_else() -> None:
    """Removing a neighbour ends its session with a code that says why."""
    world, left, right = make_pair()
    link = world.dial(left, right)
    world.settle()
    right.directory.neighbours.discard(left.own_log)
    right.perform(right.hub.standing_changed(left.own_log, world.now_ms))
    world.settle()
    assert left.saw(effects.Close)[0].code == "not_a_neighbour"
    assert left.hub.link_status(link) is None


def test_credit_bounds_what_is_under_way() -> None:
    """A sender stops when nothing is acknowledged, and goes on when it is."""
    world, left, right = make_pair()
    world.run_entries = 1
    left.publish(60)
    room_bytes = []
    link = world.dial(left, right)
    while world.step():
        if status := left.hub.link_status(link):
            room_bytes.append(status.credit_bytes)
    check_equal([left, right])
    assert min(room_bytes) >= 0
    assert room_bytes[-1] == max(room_bytes)


def test_have_is_sent_when_a_neighbour_is_not_just_one_run_behind() -> None:
    """A neighbour that lacks more than the new run is told, and asks for the whole of it."""
    world, left, right = make_pair()
    world.dial(left, right)
    world.settle()
    maker = LogMaker(5)
    maker.extend(2)
    right.directory.put(LogView(maker.log, Standing.MEMBER))
    left.hold(maker.envelopes)
    world.settle()
    assert sent(world, Have)
    assert right.head(maker.log) == maker.head
