"""When tables have grown so much that the database looks at them anew."""

from __future__ import annotations

from node.intake.growth import FIRST_ENTRIES, Growth


def test_it_is_time_each_time_that_all_has_doubled() -> None:
    """However much is added at once; so that the work is a small share of adding it."""
    growth = Growth()
    times = [number for number in range(1, 100 * FIRST_ENTRIES) if growth.add(1)]

    assert times == [FIRST_ENTRIES * 2**power for power in range(7)]
    assert Growth().add(50 * FIRST_ENTRIES)
    assert not Growth().add(0)
