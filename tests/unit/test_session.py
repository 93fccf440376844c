"""One session against a neighbour that sends whatever it likes: only that session ever ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import LogMaker, flipped, resigned
from protocol import effects
from protocol.directory import Item, LogView, Standing
from protocol.effects import IngestOutcome
from protocol.entry import Envelope
from protocol.errors import LocalError
from protocol.fork import decode_proof, encode_proof, make_proof
from protocol.limits import (
    CREDIT_BYTES,
    FORK_FRAMES_MAX,
    HANDSHAKE_FRAME_BYTES_MAX,
    RECONCILE_ROUNDS_MAX,
    STRANGER_KEY_EVENTS_MAX,
    WANTS_WAITING_MAX,
)
from protocol.messages import (
    Bye,
    Fork,
    Have,
    Reconcile,
    Refused,
    Run,
    Stored,
    Want,
    decode,
    encode,
)
from protocol.ranges import Mode, Range
from protocol.run import encode_run
from protocol.transitions import (
    SYNC_STATES,
    TRANSITIONS,
    Event,
    Role,
    State,
    next_state,
)
from session_puppet import LINK, Puppet, closed_with, make_puppet, messages, some

MESSAGES = [event for event in Event if event not in (Event.RECONCILED, Event.END)]
OPEN_STATES = [state for state in State if state is not State.CLOSED]
WRONG = [
    (state, event) for state in OPEN_STATES for event in MESSAGES if event not in TRANSITIONS[state]
]


@pytest.mark.parametrize(("state", "event"), WRONG)
def test_each_message_in_each_wrong_state_is_refused(state: State, event: Event) -> None:
    """A message out of turn ends the session with a name for it."""
    puppet = make_puppet(state)
    assert closed_with(puppet.give(some(event, puppet))) == "wrong_state"
    assert puppet.state() is None


@pytest.mark.parametrize("state", OPEN_STATES)
def test_a_bye_ends_a_session_in_every_state(state: State) -> None:
    """The neighbour may leave at any time, and its reason is passed on."""
    puppet = make_puppet(state)
    assert puppet.give(Bye("limit", "too much")) == [
        effects.Close(LINK, "limit", "too much", by_them=True)
    ]
    assert puppet.state() is None
    assert puppet.give(Have((Item(puppet.maker.log, 1, puppet.maker.log),))) == []


@pytest.mark.parametrize("event", list(Event))
def test_nothing_leaves_the_closed_state(event: Event) -> None:
    """A session that has ended stays so."""
    with pytest.raises(Exception, match="may not come"):
        next_state(State.CLOSED, event)


def test_every_state_can_be_left_and_reached() -> None:
    """The table of transitions has neither dead ends nor unreachable states."""
    reached = {step for steps in TRANSITIONS.values() for step in steps.values()}
    assert reached | {State.HELLO_AWAITED} == set(State)
    for state in OPEN_STATES:
        assert {Event.BYE, Event.END} <= TRANSITIONS[state].keys()
    assert set(SYNC_STATES) == {State.RECONCILING, State.LIVE}


@pytest.mark.parametrize(
    ("is_neighbour", "rotations", "code"),
    [
        (False, STRANGER_KEY_EVENTS_MAX - 1, "not_a_neighbour"),
        (False, STRANGER_KEY_EVENTS_MAX, "limit"),
        (True, STRANGER_KEY_EVENTS_MAX, ""),
    ],
)
def test_a_stranger_costs_few_signatures(is_neighbour: bool, rotations: int, code: str) -> None:
    """Only an approved neighbour may have a long key history checked."""
    puppet = Puppet(is_neighbour=is_neighbour)
    for _ in range(rotations):
        puppet.maker.rotate()
    puppet.advance(State.AUTH_AWAITED)
    todo = puppet.give(puppet.handshake.auth())

    assert (closed_with(todo) if code else "") == code
    assert bool(puppet.state()) is not bool(code)


def test_a_stranger_is_told_so_and_nothing_else() -> None:
    """Who is no neighbour proves who it is, is turned away, and waits for the administrator."""
    puppet = make_puppet(State.AUTH_AWAITED, is_neighbour=False)
    todo = puppet.give(puppet.handshake.auth())
    assert closed_with(todo) == "not_a_neighbour"
    assert todo[0] == effects.Knocked(LINK, puppet.maker.log, "1497", "Hjo kommun")
    assert len(todo) == 3


def test_a_paused_neighbour_is_told_so_and_does_not_knock() -> None:
    """One that is approved hears that a person has paused, learns nothing else and is noted not."""
    puppet = make_puppet(State.AUTH_AWAITED, is_neighbour=False)
    puppet.node.directory.paused.add(puppet.maker.log)
    todo = puppet.give(puppet.handshake.auth())

    assert closed_with(todo) == "paused"
    assert [type(one) for one in todo] == [effects.Send, effects.Close]


def test_a_blocked_party_does_not_knock() -> None:
    """A person has answered it already; it is told no more than any stranger."""
    puppet = make_puppet(State.AUTH_AWAITED, is_neighbour=False)
    puppet.node.directory.put(LogView(puppet.maker.log, Standing.BLOCKED))
    todo = puppet.give(puppet.handshake.auth())

    assert closed_with(todo) == "not_a_neighbour"
    assert not any(isinstance(one, effects.Knocked) for one in todo)


def test_an_unproved_party_may_not_send_much() -> None:
    """Before the handshake is done, a frame has a lower bound."""
    puppet = make_puppet(State.HELLO_AWAITED)
    assert closed_with(puppet.give(bytes(HANDSHAKE_FRAME_BYTES_MAX + 1))) == "limit"


def test_an_endless_reconciliation_is_ended() -> None:
    """A neighbour whose answers never agree is stopped by the bound on rounds."""
    puppet = make_puppet(State.RECONCILING)
    question = Reconcile((Range(b"", Mode.FINGERPRINT, bytes(16)),))
    for _ in range(RECONCILE_ROUNDS_MAX):
        assert puppet.state() is State.RECONCILING
        puppet.give(question)
    assert closed_with(puppet.give(question)) == "limit"


def run_of(maker: LogMaker, first: int = 1, count: int = 1) -> Run:
    """Return a run of a log."""
    return Run(maker.log, first, count, encode_run(maker.envelopes[first - 1 : first - 1 + count]))


def test_a_run_is_handed_on_with_its_cost() -> None:
    """A run that continues what is held goes to be stored, and its answer returns the credit."""
    puppet = make_puppet(State.LIVE)
    frame = encode(run_of(puppet.maker))
    (arrived,) = [e for e in puppet.give(frame) if isinstance(e, effects.RunArrived)]
    assert (arrived.first_sequence, arrived.count) == (1, 1)
    assert arrived.cost_bytes == len(frame)
    todo = puppet.node.hub.ingested(
        LINK, puppet.maker.log, IngestOutcome(None), arrived.cost_bytes, 0
    )
    assert Stored(Item(puppet.maker.log, 0, b""), len(frame)) in messages(todo)


def test_more_than_was_granted_ends_the_session() -> None:
    """A neighbour that ignores flow control is cut off before it fills our memory."""
    puppet = make_puppet(State.LIVE)
    sent, first = 0, 1
    payload = bytes(2_000_000)
    while sent + len(payload) < CREDIT_BYTES:
        assert not messages(puppet.give(Run(puppet.maker.log, first, 1, payload)))
        sent, first = sent + len(payload), first + 1
    assert closed_with(puppet.give(Run(puppet.maker.log, first, 1, payload))) == "no_credit"


def test_credit_that_was_never_spent_cannot_be_given_back() -> None:
    """A neighbour cannot make us send more than the window by inventing credit."""
    for message in (
        Stored(Item(LogMaker(2).log, 1, LogMaker(2).log), 1),
        Refused(LogMaker(2).log, "not_wanted", 1),
    ):
        assert closed_with(make_puppet(State.LIVE).give(message)) == "no_credit"


def test_a_run_with_a_gap_is_answered_with_our_head() -> None:
    """What does not follow is not stored; the neighbour learns where we are, and is asked."""
    puppet = make_puppet(State.LIVE)
    puppet.maker.extend(4)
    run = run_of(puppet.maker, 4)
    todo = puppet.give(run)
    assert messages(todo) == [
        Stored(Item(puppet.maker.log, 0, b""), len(encode(run))),
        Want(puppet.maker.log, 0, 4),
    ]
    assert not [effect for effect in todo if isinstance(effect, effects.RunArrived)]


def test_a_run_of_an_unwanted_log_is_refused() -> None:
    """A log we do not accept is refused with its credit, and reported as an offer."""
    puppet = make_puppet(State.LIVE)
    run = run_of(LogMaker(5))
    todo = puppet.give(run)
    assert messages(todo) == [Refused(run.log, "not_wanted", len(encode(run)))]
    assert effects.Offered(LINK, run.log, 1) in todo
    assert puppet.state() is State.LIVE


def test_a_refused_log_is_never_asked_for_again() -> None:
    """A log that broke a rule stays refused in this session, whatever is said of it."""
    puppet = make_puppet(State.LIVE)
    log = puppet.maker.log
    puppet.maker.extend(3)
    frame = encode(run_of(puppet.maker, 1, 2))
    puppet.give(frame)
    todo = puppet.node.hub.ingested(
        LINK, log, IngestOutcome(None, "wrong_commitment"), len(frame), 0
    )
    assert messages(todo) == [Refused(log, "wrong_commitment", len(frame))]
    assert puppet.give(Have((Item(log, 9, log),))) == []
    again = puppet.give(run_of(puppet.maker, 1, 2))
    assert messages(again) == [Refused(log, "wrong_commitment", len(frame))]
    assert puppet.node.hub.tick(10**9) == []


def test_a_want_for_what_is_not_held_is_answered() -> None:
    """Who asks for a log we do not have is told so, not left waiting."""
    puppet = make_puppet(State.LIVE)
    log = LogMaker(5).log
    assert messages(puppet.give(Want(log, 0, 5))) == [Refused(log, "not_held", 0)]


def test_requests_are_served_in_turn_and_withdrawn() -> None:
    """Two logs are sent run by run in turn; a request that was withdrawn is served no more."""
    puppet = make_puppet(State.LIVE)
    own = puppet.node.own_log
    puppet.node.publish(3)
    other = LogMaker(5)
    other.extend(3)
    puppet.node.hold(other.envelopes)
    (first,) = puppet.give(Want(own, 0, 4))
    assert first == effects.Supply(LINK, own, 0, 4, first.bytes_max)
    assert puppet.give(Want(other.log, 0, 4)) == []
    run, second = puppet.node.hub.supply(LINK, own, 1, 2, b"run", 0)
    assert decode(run.frame) == Run(own, 1, 2, b"run")
    assert second == effects.Supply(LINK, other.log, 0, 4, first.bytes_max)
    puppet.give(Want(own, 2, 2))
    assert messages(puppet.node.hub.supply(LINK, other.log, 1, 4, b"run", 0)) == [
        Run(other.log, 1, 4, b"run")
    ]


def test_nothing_is_prepared_without_credit() -> None:
    """When the neighbour acknowledges nothing, reading for it stops, and goes on afterwards."""
    puppet = make_puppet(State.LIVE)
    own = puppet.node.own_log
    puppet.node.publish(20)
    todo = puppet.give(Want(own, 0, 21))
    first, payload = 1, bytes(1_000_000)
    while todo and isinstance(todo[-1], effects.Supply):
        todo = puppet.node.hub.supply(LINK, own, first, 1, payload, 0)
        first += 1
    assert 2 < first < 9
    cost = len(encode(Run(own, 1, 1, payload)))
    item = Item(own, 1, puppet.node.stored[own][0].entry.id)
    (again,) = [e for e in puppet.give(Stored(item, cost)) if isinstance(e, effects.Supply)]
    assert again.after_sequence == first - 1


def test_too_many_requests_end_the_session() -> None:
    """Requests that wait are bounded."""
    puppet = make_puppet(State.LIVE)
    own = puppet.node.own_log
    puppet.give(Want(own, 0, 1))
    log = LogMaker(5)
    puppet.node.hold(log.envelopes)
    for number in range(WANTS_WAITING_MAX - 1):
        assert puppet.give(Want(number.to_bytes(32, "big"), 0, 1)) == []
    assert closed_with(puppet.give(Want(log.log, 0, 1))) == "limit"


def test_a_run_nobody_asked_the_node_for_is_our_own_mistake() -> None:
    """Supplying what was not asked for is named as a local error, not the neighbour's."""
    puppet = make_puppet(State.LIVE)
    with pytest.raises(LocalError):
        puppet.node.hub.supply(LINK, puppet.node.own_log, 1, 1, b"run", 0)
    with pytest.raises(LocalError):
        puppet.node.hub.connect(LINK, role=Role.RESPONDER, nonce=bytes(32), now_ms=0)


def make_fork() -> tuple[LogMaker, bytes]:
    """Return a log and a proof that it forked at number 2."""
    maker = LogMaker(7)
    twin = maker.fork()
    one, other = maker.append(content=b'{"a":1}'), twin.append(content=b'{"b":1}')
    proof = make_proof(tuple(maker.envelopes[:1]), one.entry, other.entry)
    return maker, encode_proof(proof)


def test_a_fork_proof_is_checked_and_reported() -> None:
    """A valid proof about a log we know is passed on to be stored, once it is verified."""
    maker, proof = make_fork()
    puppet = make_puppet(State.LIVE)
    assert puppet.give(Fork(proof)) == []
    puppet.node.directory.put(LogView(maker.log, Standing.MEMBER, LogMaker(7).head))
    assert puppet.give(Fork(proof)) == [effects.ForkFound(LINK, maker.log, proof)]


def test_a_forged_fork_proof_ends_that_log_alone() -> None:
    """A proof whose signatures do not hold freezes nothing."""
    maker, proof = make_fork()
    puppet = make_puppet(State.LIVE)
    puppet.node.directory.put(LogView(maker.log, Standing.MEMBER, LogMaker(7).head))
    true = decode_proof(proof)
    forged = resigned(Envelope(true.right, None), bytes([9]) * 64).entry
    left, right = sorted((true.left, forged), key=lambda entry: entry.id)
    (refused,) = messages(puppet.give(Fork(encode_proof(true._replace(left=left, right=right)))))
    assert (refused.log, refused.code) == (maker.log, "bad_signature")
    assert puppet.state() is State.LIVE


def test_fork_proofs_are_bounded() -> None:
    """Checking proofs costs time, so a session takes only so many."""
    _, proof = make_fork()
    puppet = make_puppet(State.LIVE)
    frame = encode(Fork(proof))
    for _ in range(FORK_FRAMES_MAX):
        assert puppet.give(frame) == []
    assert closed_with(puppet.give(frame)) == "limit"


def test_evidence_that_proves_nothing_ends_the_log() -> None:
    """A neighbour that claims another head but cannot show a signed one is refused that log."""
    puppet = make_puppet(State.LIVE)
    own = puppet.node.own_log
    asked = messages(puppet.give(Have((Item(own, 1, bytes(32)),))))
    assert asked == [Want(own, 0, 1)]
    run = Run(own, 1, 1, encode_run(puppet.maker.envelopes[:1]))
    assert messages(puppet.give(run)) == [Refused(own, "broken_link", len(encode(run)))]
    assert puppet.give(Have((Item(own, 5, bytes(32)),)))[0] == effects.OwnLogAhead(LINK, 5)
    assert puppet.state() is State.LIVE


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(OPEN_STATES),
    st.sampled_from(MESSAGES),
    st.data(),
)
def test_mutated_frames_end_that_session_at_most(state: State, event: Event, data) -> None:
    """Cut, changed or foreign frames in any state: no exception, and the node's hub goes on."""
    puppet = make_puppet(state)
    frame = encode(some(event, puppet))
    position = data.draw(st.integers(0, len(frame) - 1))
    changed = data.draw(
        st.one_of(
            st.sampled_from(
                [
                    frame[:position],
                    flipped(frame, position, 0),
                    flipped(frame, position, 5),
                    frame + frame[:1],
                ]
            ),
            st.binary(max_size=60),
        )
    )
    todo = puppet.give(changed)
    if puppet.state() is None:
        assert isinstance(todo[-1], effects.Close)
    second = puppet.node.hub.connect(2, role=Role.RESPONDER, nonce=bytes(32), now_ms=0)
    assert second == []
    assert puppet.node.hub.link_status(2).state is State.HELLO_AWAITED
