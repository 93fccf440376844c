"""What the last steps of the projections were about is remembered, and bounded."""

from __future__ import annotations

from collections import Counter

import pytest

from storage import recent_changes
from storage.listed_changes import ListedChanges, Listing
from storage.projection_cursor import Slice
from storage.recent_changes import RecentChanges
from storage.tally import Kind

KINDS = [Kind("erfarenhet", f"exempel.{number}", "drift") for number in range(10)]


def step(recent: RecentChanges, log_no: int, after: int, kinds: int = 1) -> ListedChanges:
    """One entry of a log that lists records of so many kinds."""
    listed = ListedChanges(Counter({Listing("public", kind): 1 for kind in KINDS[:kinds]}))
    recent.note([Slice(log_no, after, after + 1, [])], [], "fraga", {log_no: listed})
    return listed


def test_steps_of_one_log_are_told_in_their_order() -> None:
    """From any entry to any later one that steps led to, other logs' steps left aside."""
    recent = RecentChanges()
    first = step(recent, 1, 0)
    step(recent, 2, 0)
    second = step(recent, 1, 1)

    assert recent.listed_between(1, 0, 2) == [first, second]
    assert recent.listed_between(1, 1, 2) == [second]
    assert recent.listed_between(1, 2, 2) == []
    assert recent.listed_between(1, 0, 3) is None
    assert recent.listed_between(1, 2, 1) is None
    assert recent.listed_between(3, 0, 1) is None


def test_a_reader_is_told_of_no_more_than_he_sees() -> None:
    """Steps beyond that, committed or not yet, are left aside; one across it is not known."""
    recent = RecentChanges()
    first = step(recent, 1, 0)
    step(recent, 1, 1)
    recent.note([Slice(1, 2, 5, [])], [], "fraga", {})

    assert recent.listed_between(1, 0, 1) == [first]
    assert recent.listed_between(1, 1, 1) == []
    assert recent.listed_between(1, 2, 4) is None


def test_a_step_that_failed_gives_way_to_the_one_after_it() -> None:
    """What it would have led to is told by the steps that were taken instead."""
    recent = RecentChanges()
    recent.note([Slice(1, 0, 3, [])], [], "fraga", {})
    taken = [step(recent, 1, after) for after in range(4)]

    assert recent.listed_between(1, 0, 4) == taken
    assert recent.listed_between(1, 0, 2) == taken[:2]


def test_the_oldest_steps_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """When all together name more kinds than are kept, and when entries have given way."""
    monkeypatch.setattr(recent_changes, "_LISTINGS_KEPT", 25)
    recent = RecentChanges()
    for after in range(4):
        step(recent, 1, after, kinds=10)

    kept = recent.listed_between(1, 2, 4)
    assert kept is not None
    assert len(kept) == 2
    assert recent.listed_between(1, 1, 4) is None
    recent.forget()
    assert recent.listed_between(1, 3, 4) is None
    assert step(recent, 1, 4, kinds=10) in (recent.listed_between(1, 4, 5) or [])
