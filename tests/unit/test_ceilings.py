"""Quotas as sessions see them: a log is taken in through a number, a neighbour brings its share."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from factories import LogMaker
from hub_pairs import make_pair, sent
from memory_world import MemoryNode, World, check_equal
from protocol import effects
from protocol.codes import FROZEN, GOING_AWAY, NOT_WANTED
from protocol.directory import Directory, Item, LogView, Standing
from protocol.effects import IngestOutcome
from protocol.fetch_plan import FetchPlan
from protocol.lag import lag
from protocol.messages import Refused, Run, Want
from protocol.run import encode_run
from protocol.settling import next_rotation
from protocol.transitions import State
from session_puppet import LINK, make_puppet, messages


def hold_foreign(node: MemoryNode, maker: LogMaker, count: int) -> None:
    """Let a node accept a log and hold its first entries."""
    node.directory.put(LogView(maker.log, Standing.MEMBER))
    if count:
        node.hold(maker.envelopes[:count])


def raise_quota(node: MemoryNode, log: bytes, ceiling: int | None = None) -> None:
    """Let a log be taken in through a number, or without end."""
    node.directory.ceilings.pop(log, None)
    if ceiling is not None:
        node.directory.ceilings[log] = ceiling
    node.perform(node.hub.standing_changed(log, node.world.now_ms))


def spend(node: MemoryNode, neighbour: bytes) -> None:
    """Let a neighbour have brought its share."""
    node.directory.spent.add(neighbour)
    node.perform(node.hub.share_spent(neighbour, node.world.now_ms))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32),
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 12)), min_size=1, max_size=6
    ),
)
def test_a_log_is_taken_in_through_its_ceiling_and_then_on(
    seed: int, logs: list[tuple[int, int, int]]
) -> None:
    """Whatever is held and wherever the ceilings are: each log comes as far as its own, nothing
    beyond it is asked for, and once the ceilings are gone all of it comes in the same session."""
    print(f"seed={seed}")
    world, left, right = make_pair(seed)
    world.run_entries = 3
    ceilings: dict[bytes, int] = {}
    expected: dict[bytes, int] = {}
    for number, (written, held, ceiling) in enumerate(logs, start=3):
        maker = LogMaker(number)
        maker.extend(written)
        hold_foreign(left, maker, written + 1)
        hold_foreign(right, maker, min(held, written))
        ceilings[maker.log] = ceiling
        expected[maker.log] = max(min(held, written), min(ceiling, written + 1))
    right.directory.ceilings = dict(ceilings)
    world.dial(left, right)
    world.settle()

    assert {log: right.directory.sequence(log) for log in expected} == expected
    assert all(want.through <= ceilings.get(want.log, 99) for want in sent(world, Want))
    for log in ceilings:
        raise_quota(right, log)
        world.settle()
    check_equal([left, right])


def test_what_is_pushed_stops_at_the_ceiling_to_the_entry() -> None:
    """Entries written one by one are taken while there is room; a whole run that passes the ceiling
    is refused, asked for as far as there is room, and the rest comes when there is more."""
    world, left, right = make_pair()
    right.directory.ceilings[left.own_log] = 7
    world.dial(left, right)
    world.settle()
    left.publish(3)
    world.settle()
    assert right.directory.sequence(left.own_log) == 4
    left.hold(left.maker.extend(5))  # one run
    world.settle()
    assert right.directory.sequence(left.own_log) == 7
    assert {refused.code for refused in sent(world, Refused)} == {NOT_WANTED}
    left.publish(2)
    world.settle()
    assert right.directory.sequence(left.own_log) == 7

    raise_quota(right, left.own_log, 10)
    world.settle()
    assert right.directory.sequence(left.own_log) == 10
    raise_quota(right, left.own_log)
    world.settle()
    left.publish()
    world.settle()
    check_equal([left, right])


def test_a_ceiling_that_comes_down_cuts_what_is_under_way() -> None:
    """A request beyond the new ceiling is taken back and made anew as far as it goes."""
    world, left, right = make_pair()
    world.run_entries = 2
    maker = LogMaker(3)
    maker.extend(29)
    hold_foreign(left, maker, 30)
    hold_foreign(right, maker, 0)
    world.dial(left, right)
    while right.directory.sequence(maker.log) < 6:
        assert world.step()
    held = right.directory.sequence(maker.log)
    raise_quota(right, maker.log, held + 5)
    world.settle()
    assert right.directory.sequence(maker.log) == held + 5
    raise_quota(right, maker.log)
    world.settle()
    check_equal([left, right])


def test_our_own_log_has_no_ceiling() -> None:
    """A node that has lost its log gets all of it back, whatever the quota and the share."""
    world, left, right = make_pair()
    left.directory.ceiling = 2
    left.directory.spent.add(right.own_log)
    hold_foreign(right, left.maker, 1)
    right.hold(left.maker.extend(20))
    world.dial(left, right)
    world.settle()
    assert left.directory.sequence(left.own_log) == 21
    assert left.directory.sequence(right.own_log) == 0


def test_a_neighbour_that_has_brought_its_share_holds_up_nobody() -> None:
    """What it offers and pushes is not taken, what it lacks is still sent, others are asked for
    the same, and in a new session the rest comes."""
    world = World(1)
    left, right, third = (world.add(LogMaker(number)) for number in (1, 2, 3))
    world.befriend(left, right)
    world.befriend(left, third)
    shared, only = LogMaker(4), LogMaker(5)
    for maker in (shared, only):
        maker.extend(9)
        hold_foreign(right, maker, 10)
        hold_foreign(left, maker, 2)
    hold_foreign(third, shared, 10)
    left.directory.spent.add(right.own_log)
    link = world.dial(left, right)
    world.settle()
    right.publish(3)
    left.publish(2)
    world.settle()
    assert {left.directory.sequence(log) for log in (shared.log, only.log)} == {2}
    assert left.directory.sequence(right.own_log) == 0
    assert right.directory.sequence(left.own_log) == 3
    asked_by_left = [want for want in sent(world, Want, link) if want.log != left.own_log]
    assert asked_by_left == []

    world.dial(left, third)
    world.settle()
    assert left.directory.sequence(shared.log) == 10
    left.directory.spent.clear()
    left.perform(left.hub.close(link, GOING_AWAY, "anew", world.now_ms))
    world.settle()
    world.dial(left, right)
    world.settle()
    check_equal([left, right], [shared.log, only.log, right.own_log])


def test_a_share_that_is_spent_while_it_comes_is_asked_of_others() -> None:
    """What was under way is taken back, whole entries of it stay, and another neighbour is asked
    for the rest."""
    world = World(3)
    world.run_entries = 2
    left, right, third = (world.add(LogMaker(number)) for number in (1, 2, 3))
    world.befriend(left, right)
    world.befriend(left, third)
    maker = LogMaker(4)
    maker.extend(39)
    hold_foreign(left, maker, 0)
    for node in (right, third):
        hold_foreign(node, maker, 40)
    first = world.dial(left, right)
    while left.directory.sequence(maker.log) < 4:
        assert world.step()
    spend(left, right.own_log)
    second = world.dial(left, third)
    world.settle()
    assert left.directory.sequence(maker.log) == 40
    assert any(want.log == maker.log for want in sent(world, Want, second))
    assert left.hub.link_status(first).state is State.LIVE


def test_a_share_that_is_spent_is_no_matter_of_who_has_not_said_who_it_is() -> None:
    """A connection that has only begun stays as it is."""
    puppet = make_puppet(State.HELLO_AWAITED)

    assert puppet.node.hub.share_spent(puppet.maker.log, 0) == []
    assert puppet.state() is State.HELLO_AWAITED


def test_what_waits_when_a_log_fills_does_not_end_it() -> None:
    """A run that ingest no longer wants is refused, and asked for again when there is room."""
    puppet = make_puppet(State.LIVE)
    maker = puppet.maker
    maker.extend(9)
    puppet.give(Run(maker.log, 1, 10, encode_run(maker.envelopes)))
    puppet.node.directory.ceilings[maker.log] = 0
    puppet.node.hub.standing_changed(maker.log, 0)
    told = puppet.node.hub.ingested(LINK, maker.log, IngestOutcome(None, NOT_WANTED), 10, 0)
    assert messages(told) == [Refused(maker.log, NOT_WANTED, 10)]
    puppet.node.directory.ceilings.clear()
    asked = puppet.node.hub.standing_changed(maker.log, 0)
    assert messages(asked) == [Want(maker.log, 0, 10)]


def test_a_fork_is_found_in_a_log_that_is_full() -> None:
    """Evidence is compared and not stored, so a quota hides no second version."""
    world, left, right = make_pair()
    maker = LogMaker(3)
    maker.extend(4)
    other = maker.fork()
    maker.append(content=b'{"schema":1,"one":1}')
    other.append(content=b'{"schema":1,"two":2}')
    hold_foreign(left, maker, 6)
    hold_foreign(right, other, 6)
    right.directory.ceilings[maker.log] = 6
    right.directory.spent.add(left.own_log)
    world.dial(left, right)
    world.settle()
    assert right.directory.get(maker.log).frozen
    assert right.saw(effects.ForkFound)


def test_a_rotation_beyond_the_ceiling_waits_and_one_that_settles_does_not() -> None:
    """It could not be stored without all before it; a frozen log is settled whatever the quota."""
    held = LogMaker()
    held.extend(5)
    ahead = held.fork()
    ahead.extend(4)
    rotation = ahead.rotate()
    run = Run(held.log, 11, 1, encode_run([rotation]))
    directory = Directory()
    directory.put(LogView(held.log, Standing.MEMBER, held.head))
    for ceiling, frozen, taken in ((10, False, False), (11, False, True), (10, True, True)):
        directory.ceilings[held.log] = ceiling
        directory.put(directory.get(held.log)._replace(frozen=frozen))
        assert (next_rotation(directory, run) == rotation) is taken


def test_a_frozen_log_is_still_refused_as_that() -> None:
    """A quota changes nothing of what is said of a fork."""
    puppet = make_puppet(State.LIVE)
    maker = puppet.maker
    view = puppet.node.directory.get(maker.log)
    puppet.node.directory.put(view._replace(frozen=True, head=maker.head))
    puppet.node.directory.ceilings[maker.log] = 1
    entry = maker.append()
    told = puppet.give(Run(maker.log, 2, 1, encode_run([entry])))
    assert [message.code for message in messages(told)] == [FROZEN]


def test_what_is_beyond_a_quota_is_not_missed() -> None:
    """How far we are behind counts what is taken in, so that a full log is no lag."""
    maker = LogMaker(2)
    maker.extend(4)
    directory = Directory()
    directory.put(LogView(maker.log, Standing.MEMBER, maker.head))
    directory.ceiling = 8
    assert lag(directory, {maker.log: 20}).behind_in == 3
    directory.ceilings[maker.log] = 5
    assert lag(directory, {maker.log: 20}).behind_in == 0
    assert not directory.accepts(maker.log)
    assert directory.items() == [Item(maker.log, 5, maker.head.id)]


def test_a_plan_holds_back_one_link_alone() -> None:
    """What was under way from it is told, what others offer is asked of them."""
    plan = FetchPlan()
    ours, theirs = b"\x01" * 32, b"\x02" * 32
    for log in (ours, theirs):
        plan.offer(log, 1, 9)
    plan.assign(0, lambda _log: 0, lambda _log: False)
    plan.offer(theirs, 2, 7)
    stopped = plan.hold_back(1, lambda log: log == ours)
    assert [(fetch.log, fetch.link) for fetch in stopped] == [(theirs, 1)]
    again = plan.assign(0, lambda _log: 0, lambda _log: False)
    assert [(fetch.log, fetch.link, fetch.through) for fetch in again] == [(theirs, 2, 7)]
    assert plan.active(ours).link == 1
