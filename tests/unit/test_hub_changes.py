"""What happens on this side of a hub: standings, quotas and copies, and who hears of them."""

from __future__ import annotations

import pytest

from factories import LogMaker
from hub_pairs import make_forked, make_pair, sent
from memory_world import MemoryNode, World
from protocol import effects
from protocol.codes import CLONED, NOT_WANTED
from protocol.directory import Item, LogView, Standing
from protocol.messages import Auth, Bye, Fork, Have, Refused, Run, Want
from protocol.run import encode_run
from protocol.transitions import State
from session_puppet import make_puppet, messages


def test_entries_of_a_log_that_was_blocked_are_told_to_nobody() -> None:
    """What was on its way to the disk when a person blocked the log goes no further."""
    world, left, right = make_pair()
    log = LogMaker(9)
    left.hold(log.envelopes)
    world.dial(left, right)
    world.settle()
    before = len(world.frames)
    left.accept(log.log, Standing.BLOCKED)
    left.hold(log.extend(2))
    world.settle()

    assert left.head(log.log) == log.head
    assert world.frames[before:] == []


def test_a_log_that_no_neighbour_has_spoken_of_is_asked_of_none() -> None:
    """Accepting it costs nothing; it comes once a neighbour tells of it."""
    world, left, right = make_pair()
    world.dial(left, right)
    world.settle()
    log = LogMaker(9)
    before = len(world.frames)
    left.accept(log.log)
    world.settle()
    silent = world.frames[before:]
    log.extend(2)
    right.hold(log.envelopes)
    world.settle()

    assert silent == []
    assert left.head(log.log) == log.head


def two_of_which_one_knows_of_a_fork() -> tuple[World, MemoryNode, MemoryNode, bytes]:
    """Two neighbours, not yet connected, that both hold the log."""
    world, left, right = make_pair()
    forked, _, proof = make_forked()
    for node in (left, right):
        node.hold(forked.envelopes)
    left.directory.put(left.directory.get(forked.log)._replace(frozen=True))
    left.perform(left.hub.report_fork(proof, world.now_ms))
    return world, left, right, forked.log


def test_a_frozen_log_keeps_its_proof_whatever_a_person_decides_about_it() -> None:
    """Who connects after the log was accepted anew hears of the fork all the same."""
    world, left, right, log = two_of_which_one_knows_of_a_fork()
    left.accept(log)
    world.dial(left, right)
    world.settle()

    assert right.directory.get(log).frozen


def test_who_has_just_joined_hears_of_each_fork_at_once() -> None:
    """Before anything is compared: nothing more of that log is worth taking."""
    puppet = make_puppet(State.AUTH_AWAITED)
    proofs = [make_forked(number)[2] for number in (8, 9)]
    for proof in proofs:
        puppet.node.hub.report_fork(proof, 0)
    said = messages(puppet.give(puppet.handshake.auth()))

    assert [message.proof for message in said if isinstance(message, Fork)] == proofs


def test_a_fork_is_told_once_to_who_holds_the_log() -> None:
    """Again only to who lacked the log, and could not judge the proof."""
    puppet = make_puppet(State.LIVE)
    forked, _, proof = make_forked()
    log = forked.log
    puppet.node.directory.put(LogView(log, Standing.MEMBER, forked.head, frozen=True))
    heads = [Have((Item(log, sequence, bytes(32)),)) for sequence in (1, 2, 3)]

    assert messages(puppet.node.hub.report_fork(proof, 0)) == [Fork(proof)]
    assert [messages(puppet.give(head)) for head in heads] == [[Fork(proof)], [], []]


def test_what_is_stored_before_anything_is_compared_is_not_told_apart() -> None:
    """The neighbour has asked for nothing yet; the comparison will show it."""
    puppet = make_puppet(State.RECONCILING)
    own = puppet.node.maker
    own.append()
    puppet.node.directory.put(LogView(own.log, Standing.MEMBER, own.head))
    todo = puppet.node.hub.head_changed(own.log, None, 0, None, 1, None)

    assert messages(todo) == []


@pytest.mark.parametrize(
    ("sequence", "is_ours", "pushed"),
    [(2, True, True), (2, False, False), (1, True, False)],
    ids=["where we were", "another entry there", "behind"],
)
def test_new_entries_are_pushed_to_who_lacks_just_these(
    sequence: int, is_ours: bool, pushed: bool
) -> None:
    """Who stands elsewhere would refuse it, and is told of the head alone."""
    puppet = make_puppet(State.LIVE)
    log = LogMaker(9)
    log.append()
    before = log.head
    newest = log.extend(2)[-1].entry
    puppet.node.directory.put(LogView(log.log, Standing.MEMBER, before))
    known = log.envelopes[sequence - 1].entry.id if is_ours else bytes(32)
    puppet.give(Have((Item(log.log, sequence, known),)))
    puppet.node.directory.put(LogView(log.log, Standing.MEMBER, log.head))
    payload = encode_run(log.envelopes[2:])
    told = messages(
        puppet.node.hub.head_changed(log.log, (2, before.id), 0, payload, 2, came_from=None)
    )

    head = Have((Item(log.log, 4, newest.id),))
    assert told == [Run(log.log, 3, 2, payload) if pushed else head]


@pytest.mark.parametrize(
    ("code", "shown"), [("broken_link", True), ("wrong_signature", True), (NOT_WANTED, False)]
)
def test_who_finds_a_log_broken_is_shown_its_rotations(code: str, shown: bool) -> None:
    """They may be what its branch lacks; who does not want the log lacks nothing."""
    puppet = make_puppet(State.LIVE)
    log = LogMaker(9)
    log.rotate()
    puppet.node.hold(log.envelopes)
    told = messages(puppet.give(Refused(log.log, code, 0)))

    assert told == ([Run(log.log, 2, 1, encode_run(log.envelopes[1:]))] if shown else [])


def test_a_log_that_is_repaired_is_told_as_forked_to_nobody() -> None:
    """Its proof goes with the repair; who connects later hears of it no more."""
    world, left, right, log = two_of_which_one_knows_of_a_fork()
    left.directory.put(left.directory.get(log)._replace(frozen=False))
    left.accept(log)
    world.dial(left, right)
    world.settle()

    assert sent(world, Fork) == []
    assert not right.directory.get(log).frozen


@pytest.mark.parametrize("steps", range(10))
def test_a_fork_is_known_to_a_neighbour_that_is_just_getting_the_log(steps: int) -> None:
    """However far the log has come when the proof is told. Without the log no proof can be judged;
    it is told again once the neighbour has stored what was on its way."""
    for seed in range(5):
        world, left, right = make_pair(seed)
        forked, _, proof = make_forked()
        for node in (left, right):
            node.accept(forked.log)
        world.dial(left, right)
        world.settle()

        left.hold(forked.envelopes)
        for _ in range(steps):
            world.step()
        left.directory.put(left.directory.get(forked.log)._replace(frozen=True))
        left.perform(left.hub.report_fork(proof, world.now_ms))
        world.settle()

        assert right.directory.get(forked.log).frozen


def wants(world: World, link: int, logs: list[LogMaker]) -> list[Want]:
    """Requests for these logs on one link, in their order."""
    ids = {maker.log for maker in logs}
    return [want for want in sent(world, Want, link) if want.log in ids]


def test_a_neighbour_s_spent_share_concerns_no_other() -> None:
    """What it had under way is asked of the next; what others have under way goes on."""
    world = World()
    first, second, taker = [world.add(LogMaker(number)) for number in (1, 2, 3)]
    logs = [LogMaker(number) for number in range(11, 15)]
    for node in (first, second):
        world.befriend(node, taker)
        for log in logs:
            node.hold(log.envelopes)
        world.dial(taker, node)
    world.settle()
    for log in logs:
        taker.accept(log.log)
    asked = {link: [want.log for want in wants(world, link, logs)] for link in (1, 2)}
    taker.directory.spent.add(first.own_log)
    taker.perform(taker.hub.share_spent(first.own_log, world.now_ms))
    again = {link: wants(world, link, logs)[len(asked[link]) :] for link in (1, 2)}
    world.settle()

    assert sorted(map(len, asked.values())) == [2, 2]
    assert [(want.log, want.after == want.through) for want in again[1]] == [
        (log, True) for log in asked[1]
    ]
    assert sorted(want.log for want in again[2]) == sorted(asked[1])
    assert all(taker.head(log.log) == log.head for log in logs)
    assert not [run for run in sent(world, Run, 1) if run.log in asked[2]]


def copied() -> tuple[World, MemoryNode, MemoryNode, MemoryNode]:
    """A neighbour, a node, and a copy of that node that runs beside it."""
    world, node, neighbour = make_pair()
    copy = world.add(node.maker.fork())
    copy.hub.renew(bytes([7] * 16))
    copy.directory.neighbours.add(neighbour.own_log)
    copy.directory.put(LogView(neighbour.own_log, Standing.MEMBER))
    return world, node, copy, neighbour


def test_a_copied_node_is_told_so_by_the_neighbour_that_met_both() -> None:
    """The first to come back is told, by a neighbour that has proved itself; no log travels."""
    world, node, copy, neighbour = copied()
    for one in (node, copy):
        link = world.dial(one, neighbour)
        world.settle()
        world.cut(link)
        world.settle()
    early = node.saw(effects.CopyMet) + copy.saw(effects.CopyMet)
    back = world.dial(node, neighbour)
    world.settle()

    assert early == []
    assert node.saw(effects.CopyMet) == [effects.CopyMet(back)]
    assert neighbour.hub.link_status(back) is None
    assert [bye.code for bye in sent(world, Bye, back)] == [CLONED]
    assert len(sent(world, Auth, back)) == 2
    assert sent(world, Have, back) == sent(world, Run, back) == []


def test_a_node_that_starts_anew_is_told_nothing() -> None:
    """Another epoch each time, as after restarts, is no copy, however often it connects."""
    world, node, neighbour = make_pair()
    for start in range(4):
        node.hub.renew(bytes([start] * 16))
        link = world.dial(node, neighbour)
        world.settle()
        assert neighbour.hub.link_status(link).state is State.LIVE

    assert node.saw(effects.CopyMet) == []
