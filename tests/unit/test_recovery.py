"""When a node may sign, decided from its guard, its neighbours' words and its people's."""

from __future__ import annotations

import pytest

from node.errors import FrozenError, NewKeyNeededError, NotAllHeardError, RecoveringError
from node.ground.recovery import Recovery
from protocol.directory import LogView, Standing
from storage.guard_file import GuardState

NEIGHBOUR = b"\x01" * 32
OTHER = b"\x02" * 32


@pytest.mark.parametrize(
    ("state", "guard_sequence", "may_sign"),
    [
        (GuardState.OK, 5, True),
        (GuardState.DATABASE_AHEAD, 4, True),
        (GuardState.MISSING, 0, False),
        (GuardState.UNREADABLE, 0, False),
        (GuardState.DATABASE_BEHIND, 9, False),
        (GuardState.DIVERGED, 5, False),
    ],
)
def test_the_guard_decides_at_start(state: GuardState, guard_sequence: int, may_sign: bool) -> None:
    """Only a guard equal to the database, or one entry of a crash behind it, allows signing."""
    recovery = Recovery(state, guard_sequence)

    assert (recovery.reason is None) is may_sign


@pytest.mark.parametrize("state", [GuardState.MISSING, GuardState.UNREADABLE])
def test_without_a_guard_no_answer_is_enough(state: GuardState) -> None:
    """Neighbours that have no more let the key be changed, and only that lets the node sign."""
    own = LogView(NEIGHBOUR, Standing.OWN)
    recovery = Recovery(state, 0)
    assert not recovery.may_rotate(own)
    recovery.neighbour_compared(OTHER)

    assert not recovery.settle(5, [OTHER])
    assert recovery.may_rotate(own)
    with pytest.raises(NewKeyNeededError):
        recovery.require_signing(own)
    recovery.note_rotated()
    recovery.require_signing(own)


@pytest.mark.parametrize(
    "state", [GuardState.MISSING, GuardState.DATABASE_BEHIND, GuardState.DIVERGED]
)
def test_the_rest_can_be_given_up_for_a_new_key(state: GuardState) -> None:
    """Whatever of the log is missing, a person can go on without it; not on a damaged head."""
    own = LogView(NEIGHBOUR, Standing.OWN)
    recovery = Recovery(state, 9 if state is GuardState.DATABASE_BEHIND else 0)
    recovery.neighbour_ahead(OTHER, 12)
    with pytest.raises(RecoveringError):
        recovery.require_rotation(own)

    recovery.require_rotation(own, without_rest=True)
    recovery.note_damage()
    with pytest.raises(RecoveringError, match="damaged"):
        recovery.require_rotation(own, without_rest=True)
    recovery.note_damage(False)
    recovery.note_rotated()

    assert recovery.reason is None
    assert recovery.neighbour_ahead(OTHER, 12) is False
    assert recovery.reason is None


def test_a_claim_ends_when_the_log_is_back() -> None:
    """Signing resumes exactly when our log has reached what the neighbour had."""
    recovery = Recovery(GuardState.OK, 5)
    recovery.neighbour_began(NEIGHBOUR)
    recovery.neighbour_ahead(NEIGHBOUR, 9)
    recovery.neighbour_compared(NEIGHBOUR)

    assert not recovery.settle(8, [NEIGHBOUR])
    assert recovery.reason == "a neighbour has more of our log (up to entry 9)"
    assert not recovery.needs_new_key
    assert recovery.settle(9, [NEIGHBOUR])


def test_a_claim_ends_when_the_neighbour_compares_anew_without_it() -> None:
    """A claim of an earlier session falls when the next comparison does not repeat it."""
    recovery = Recovery(GuardState.OK, 5)
    recovery.neighbour_ahead(NEIGHBOUR, 9)
    recovery.neighbour_compared(NEIGHBOUR)
    assert recovery.reason is not None

    recovery.neighbour_began(NEIGHBOUR)
    recovery.neighbour_compared(NEIGHBOUR)

    assert recovery.reason is None


def test_a_claim_survives_a_restart() -> None:
    """After a restart in the middle every neighbour has to be heard before anything is signed."""
    recovery = Recovery(GuardState.OK, 5, claimed=True)
    recovery.neighbour_compared(NEIGHBOUR)

    assert not recovery.settle(6, [NEIGHBOUR, OTHER])
    recovery.neighbour_compared(OTHER)
    assert recovery.settle(6, [NEIGHBOUR, OTHER])


@pytest.mark.parametrize(
    "way", ["all answer", "one refuses", "one is removed", "a person", "a new key"]
)
def test_after_a_long_time_off_all_answers_are_awaited(way: str) -> None:
    """What ends it: everybody's answer, or a person's decision; one answer is not enough."""
    own = LogView(NEIGHBOUR, Standing.OWN)
    recovery = Recovery(GuardState.OK, 5)
    recovery.neighbour_compared(NEIGHBOUR)
    recovery.note_off()

    assert not recovery.settle(5, [NEIGHBOUR, OTHER])
    assert recovery.waits_for_answers
    with pytest.raises(NotAllHeardError):
        recovery.require_signing(own)
    with pytest.raises(NotAllHeardError):
        recovery.require_rotation(own)
    match way:
        case "all answer":
            recovery.neighbour_compared(OTHER)
            assert recovery.settle(5, [NEIGHBOUR, OTHER])
        case "one refuses":
            recovery.neighbour_refuses(OTHER)
            assert recovery.settle(5, [NEIGHBOUR, OTHER])
        case "one is removed":
            assert recovery.settle(5, [NEIGHBOUR])
        case "a person":
            recovery.override(5)
        case _:
            recovery.note_rotated()

    recovery.require_signing(own)


def test_what_is_known_to_be_missing_is_said_first() -> None:
    """A neighbour that answers with more of our log is a reason of its own."""
    recovery = Recovery(GuardState.OK, 5)
    recovery.note_off()
    recovery.neighbour_ahead(NEIGHBOUR, 9)

    assert not recovery.waits_for_answers
    assert recovery.reason == "a neighbour has more of our log (up to entry 9)"


def test_a_forked_own_log_is_never_signed() -> None:
    """After a fork of our own log nothing is signed, guard or no guard."""
    with pytest.raises(FrozenError):
        Recovery(GuardState.OK, 5).require_signing(
            LogView(NEIGHBOUR, Standing.OWN, None, frozen=True)
        )
