"""Pages give way to the log, but never for long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.intake.right_of_way import (
    BULK_SECONDS_MAX,
    GATHER_SECONDS,
    GATHER_SECONDS_MAX,
    RightOfWay,
)

STEP_SECONDS = 0.001


def waited_seconds(commits: set[int], bulks: set[int], due: int) -> float:
    """How long a step waits that is due at this millisecond, when the log moves at these."""
    way = RightOfWay()
    for millisecond in range(10_000):
        now = millisecond * STEP_SECONDS
        if millisecond in commits:
            way.committed_at = now
        if millisecond in bulks:
            way.bulk_at = now
        since = due * STEP_SECONDS
        if millisecond >= due and way.wait_seconds(now, since=since) <= 0:
            return now - since
    raise AssertionError("the step was never taken")


def test_an_entry_alone_is_shown_at_once() -> None:
    """Somebody who publishes one thing sees it: nothing is gathered but what comes right behind."""
    assert waited_seconds({100}, set(), due=100) <= GATHER_SECONDS + STEP_SECONDS


def test_what_was_there_before_waits_for_nothing() -> None:
    """A node that starts behind its log catches up without a pause."""
    assert waited_seconds(set(), set(), due=0) == 0


def test_entries_one_after_another_are_shown_together() -> None:
    """Who writes without a break is not held up by a step for each entry."""
    without_break = set(range(100, 160, 2))

    assert waited_seconds(without_break, set(), due=100) >= 0.058


@given(st.sets(st.integers(0, 5_000)), st.integers(0, 5_000))
def test_pages_are_never_far_behind_who_writes(commits: set[int], due: int) -> None:
    """However entries come one by one, a step is taken within a tenth of a second."""
    assert waited_seconds(commits, set(), due) <= GATHER_SECONDS_MAX + STEP_SECONDS


@given(st.sets(st.integers(0, 5_000)), st.sets(st.integers(0, 5_000)), st.integers(0, 5_000))
def test_pages_follow_a_bulk_as_well(commits: set[int], bulks: set[int], due: int) -> None:
    """However much comes in, pages move every few seconds."""
    assert waited_seconds(commits, bulks, due) <= BULK_SECONDS_MAX + STEP_SECONDS


def test_a_bulk_has_the_right_of_way() -> None:
    """While much arrives a step waits until there is a pause in it."""
    assert waited_seconds(set(), set(range(0, 1_000, 100)), due=100) >= 1.0
