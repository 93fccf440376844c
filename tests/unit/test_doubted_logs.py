"""A chain that contradicts ours: one question, its evidence, and what is kept aside, bounded."""

from __future__ import annotations

import pytest

from factories import LogMaker
from protocol import effects
from protocol.directory import Item
from protocol.effects import ForkSuspected, IngestOutcome, RangeArrived, RunArrived
from protocol.errors import ForkError, LinkError
from protocol.limits import BRANCH_UNFOLDED_BYTES_MAX, RUN_BYTES_MAX
from protocol.messages import Have, Refused, Run, Stored, Want, encode
from protocol.run import encode_run
from protocol.transitions import State
from session_puppet import LINK, Puppet, make_puppet, messages

LARGEST_RUNS_MAX = BRANCH_UNFOLDED_BYTES_MAX // RUN_BYTES_MAX
"""Runs that are kept aside at most when they do not say how large they are."""


def run_of(maker: LogMaker, first: int, count: int = 1) -> Run:
    """A run of a log as its maker wrote it."""
    return Run(maker.log, first, count, encode_run(maker.envelopes[first - 1 : first - 1 + count]))


def forked_puppet() -> tuple[Puppet, LogMaker, LogMaker]:
    """A live session about a log of which we hold two entries, and the neighbour another second."""
    puppet = make_puppet(State.LIVE)
    ours = LogMaker(7)
    theirs = ours.fork()
    ours.append(content=b'{"a":1}')
    theirs.append(content=b'{"b":1}')
    theirs.extend(3)
    puppet.node.hold(ours.envelopes)
    return puppet, ours, theirs


def refuse(puppet: Puppet, run: Run, code: str) -> list[effects.Effect]:
    """Let the node refuse a run that it was about to store."""
    cost = len(encode(run))
    return puppet.node.hub.ingested(LINK, run.log, IngestOutcome(None, code), cost, 0)


def doubt(puppet: Puppet, theirs: LogMaker) -> list[effects.Effect]:
    """Let the neighbour say that its entry at our number is another."""
    return puppet.give(Have((Item(theirs.log, 2, theirs.envelopes[1].entry.id),)))


def test_two_contradicting_runs_lead_to_one_question() -> None:
    """Both were on their way to the disk; the neighbour is asked for its entry once."""
    puppet, ours, theirs = forked_puppet()
    runs = [run_of(theirs, 3), run_of(theirs, 4)]
    given = [effect for run in runs for effect in puppet.give(run)]
    arrived = [effect for effect in given if isinstance(effect, RunArrived)]
    held = Item(ours.log, 2, ours.head.id)
    told = [messages(refuse(puppet, run, LinkError.code)) for run in runs]

    assert [effect.first_sequence for effect in arrived] == [3, 4]
    assert told[0] == [Stored(held, len(encode(runs[0]))), Want(ours.log, 1, 2)]
    assert told[1] == [Stored(held, len(encode(runs[1])))]


@pytest.mark.parametrize("code", [LinkError.code, ForkError.code])
def test_what_contradicts_nothing_ends_the_log(code: str) -> None:
    """Where nothing is held there is no entry to compare: the log is refused with that code."""
    puppet = make_puppet(State.LIVE)
    puppet.maker.extend(1)
    run = run_of(puppet.maker, 1)
    puppet.give(run)
    told = refuse(puppet, run, code)

    assert Refused(run.log, code, 0) in messages(told)
    assert puppet.state() is State.LIVE


def test_evidence_is_asked_for_once() -> None:
    """A chain that contradicts ours again after its entry was shown is refused."""
    puppet, ours, theirs = forked_puppet()
    doubt(puppet, theirs)
    shown = puppet.give(run_of(theirs, 2))
    (suspected,) = [effect for effect in shown if isinstance(effect, ForkSuspected)]
    run = run_of(theirs, 3)
    puppet.give(run)
    told = messages(refuse(puppet, run, LinkError.code))

    assert (suspected.log, suspected.sequence) == (ours.log, 2)
    assert Refused(ours.log, LinkError.code, 0) in told
    assert not [message for message in told if isinstance(message, Want)]


def no_evidence() -> dict[str, Run]:
    """What a neighbour may send in the place of its entry number 2."""
    maker = LogMaker(7)
    maker.extend(2)
    two = encode_run(maker.envelopes[1:3])
    return {
        "nothing that can be read": Run(maker.log, 2, 1, b"nothing"),
        "two entries": Run(maker.log, 2, 1, two),
        "an entry of another number": Run(maker.log, 2, 1, encode_run(maker.envelopes[2:3])),
        "an entry of another log": Run(maker.log, 2, 1, encode_run(LogMaker(8).extend(1))),
    }


@pytest.mark.parametrize("name", no_evidence())
def test_what_is_no_evidence_ends_the_log_alone(name: str) -> None:
    """Anything but the one entry that was asked for; the session goes on."""
    puppet, ours, theirs = forked_puppet()
    doubt(puppet, theirs)
    run = no_evidence()[name]

    assert messages(puppet.give(run)) == [Refused(ours.log, LinkError.code, len(encode(run)))]
    assert puppet.state() is State.LIVE


def test_other_runs_are_passed_over_while_evidence_is_awaited() -> None:
    """What comes of a doubted log before its evidence is answered, and not stored."""
    puppet, ours, theirs = forked_puppet()
    doubt(puppet, theirs)
    run = run_of(theirs, 3, 2)
    told = puppet.give(run)

    assert messages(told) == [Stored(Item(ours.log, 2, ours.head.id), len(encode(run)))]
    assert not [effect for effect in told if isinstance(effect, RunArrived)]


def test_a_suspicion_ends_with_its_session() -> None:
    """What was to be judged on a link that is gone, or of a log never doubted, comes to nothing."""
    puppet, ours, theirs = forked_puppet()
    entry, events = ours.envelopes[1].entry, tuple(ours.envelopes[:1])
    hub = puppet.node.hub
    never_doubted = hub.judge_fork(LINK, ours.log, events, entry, 0)
    doubt(puppet, theirs)
    puppet.give(run_of(theirs, 2))
    hub.disconnected(LINK, 0)

    assert never_doubted == []
    assert hub.judge_fork(LINK, ours.log, events, entry, 0) == []


def many(maker: LogMaker, after: int) -> list[Run]:
    """One run more than is kept aside, an entry each and of no known size."""
    return [Run(maker.log, after + n, 1, b"%d" % n) for n in range(1, LARGEST_RUNS_MAX + 2)]


def shown_too_long() -> tuple[Puppet, LogMaker, Run]:
    """A node that holds a log, another branch longer than is kept aside, and what shows it."""
    puppet = make_puppet(State.LIVE)
    ours = LogMaker(7)
    theirs = ours.fork()
    puppet.node.hold(ours.envelopes)
    theirs.extend(LARGEST_RUNS_MAX + 1)
    theirs.rotate()
    shown = run_of(theirs, theirs.head.sequence)
    return puppet, theirs, shown


def test_a_branch_that_never_ends_ends_the_log_alone() -> None:
    """More runs on the way to a rotation than are kept aside are refused, and none of them kept."""
    puppet, theirs, shown = shown_too_long()
    asked = messages(puppet.give(shown))
    told = [puppet.give(run) for run in many(theirs, 1)]

    assert asked[-1] == Want(theirs.log, 1, theirs.head.sequence)
    assert [type(message) for answer in told[:-1] for message in messages(answer)] == (
        [Stored] * LARGEST_RUNS_MAX
    )
    (refused, *_) = messages(told[-1])
    assert (refused.log, refused.code) == (theirs.log, "limit")
    assert not [e for answer in told for e in answer if isinstance(e, effects.BranchArrived)]
    assert puppet.state() is State.LIVE


def test_a_branch_that_was_too_long_is_not_asked_for_again() -> None:
    """Its last run is often the rotation alone, as when it is shown: they would ask for ever."""
    puppet, theirs, shown = shown_too_long()
    puppet.give(shown)
    for run in many(theirs, 1):
        puppet.give(run)

    told = [messages(puppet.give(shown)) for _ in range(2)]

    assert told == [[Refused(theirs.log, "limit", len(encode(shown)))]] * 2


def test_a_range_in_too_many_runs_is_given_up() -> None:
    """Whoever asked for it once more is told that nothing came, and the log goes on."""
    puppet = make_puppet(State.LIVE)
    maker = LogMaker(7)
    maker.extend(LARGEST_RUNS_MAX + 1)
    puppet.node.hold(maker.envelopes)
    last = LARGEST_RUNS_MAX + 2
    asked = messages(puppet.node.hub.ranges.ask(LINK, maker.log, 0, last))
    told = [puppet.give(run) for run in many(maker, 0)]

    assert asked == [Want(maker.log, 0, last)]
    assert [e for answer in told for e in answer if isinstance(e, RangeArrived)] == [
        RangeArrived(LINK, maker.log, 0, ())
    ]
    assert {type(message) for answer in told for message in messages(answer)} == {Stored}
    assert puppet.state() is State.LIVE
