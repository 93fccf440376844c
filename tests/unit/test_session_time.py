"""How long a session may stand still: a handshake as a whole, a reconciliation between steps."""

from __future__ import annotations

import pytest

from protocol.limits import HANDSHAKE_TIMEOUT_MS, RECONCILE_TIMEOUT_MS
from protocol.transitions import GREETING_STATES, State
from session_puppet import EVERYTHING, Puppet, closed_with, make_puppet


@pytest.mark.parametrize("state", sorted(GREETING_STATES))
def test_a_slow_handshake_is_ended(state: State) -> None:
    """All steps of the handshake share one time-out, however late each of them comes."""
    puppet = Puppet()
    puppet.now_ms = HANDSHAKE_TIMEOUT_MS - 1
    puppet.advance(state)
    assert puppet.state() is state
    assert puppet.node.hub.tick(HANDSHAKE_TIMEOUT_MS - 1) == []
    assert closed_with(puppet.node.hub.tick(HANDSHAKE_TIMEOUT_MS)) == "timeout"


def test_a_reconciliation_begins_when_the_handshake_is_done() -> None:
    """What the handshake took is not taken off it."""
    puppet = Puppet()
    puppet.now_ms = HANDSHAKE_TIMEOUT_MS - 1
    puppet.advance(State.RECONCILING)
    end_ms = puppet.now_ms + RECONCILE_TIMEOUT_MS
    assert puppet.node.hub.tick(end_ms - 1) == []
    assert closed_with(puppet.node.hub.tick(end_ms)) == "timeout"


def test_a_reconciliation_may_stand_still_for_so_long_after_each_step() -> None:
    """A neighbour that never finishes comparing is left; one that goes on is not."""
    puppet = make_puppet(State.RECONCILING)
    puppet.now_ms = RECONCILE_TIMEOUT_MS - 1
    puppet.give(EVERYTHING)
    end_ms = puppet.now_ms + RECONCILE_TIMEOUT_MS
    assert puppet.node.hub.tick(end_ms - 1) == []
    assert closed_with(puppet.node.hub.tick(end_ms)) == "timeout"


def test_a_live_session_may_be_silent() -> None:
    """Nothing to say is no fault; whether the line still works is asked elsewhere."""
    puppet = make_puppet(State.LIVE)
    assert puppet.node.hub.tick(100 * RECONCILE_TIMEOUT_MS) == []
