"""The queue in front of the log: order within a lane, turns between lanes, lanes that go."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from node.intake.fair_queue import FairQueue


def taken(queue: FairQueue[tuple[int, int]]) -> list[tuple[int, int]]:
    """Everything that waits, in the order in which it is served."""
    items = []
    while (item := queue.take()) is not None:
        items.append(item)
    return items


def test_a_full_lane_delays_another_by_one_item() -> None:
    """Whoever comes late behind a thousand items of another lane is second."""
    queue: FairQueue[tuple[int, int]] = FairQueue()
    for number in range(1_000):
        queue.put(1, (1, number))
    queue.put(2, (2, 0))

    assert taken(queue)[:3] == [(1, 0), (2, 0), (1, 1)]


@given(st.lists(st.integers(0, 4), max_size=60))
def test_everything_is_served_in_the_order_of_its_lane(lanes: list[int]) -> None:
    """Nothing is lost or doubled, and no lane's items overtake each other."""
    queue: FairQueue[tuple[int, int]] = FairQueue()
    for number, lane in enumerate(lanes):
        queue.put(lane, (lane, number))
    served = taken(queue)

    assert sorted(served) == sorted((lane, number) for number, lane in enumerate(lanes))
    for lane in set(lanes):
        numbers = [number for other, number in served if other == lane]
        assert numbers == sorted(numbers)


def test_a_dropped_lane_is_not_served() -> None:
    """What a sender that is gone left behind is forgotten, others are served."""
    queue: FairQueue[tuple[int, int]] = FairQueue()
    queue.put(1, (1, 0))
    queue.put(2, (2, 0))

    assert list(queue.drop(1)) == [(1, 0)]
    assert taken(queue) == [(2, 0)]


def test_a_lane_can_be_emptied_out_of_turn() -> None:
    """What is taken from one lane leaves the order of all else as it was."""
    queue: FairQueue[tuple[int, int]] = FairQueue()
    for lane, number in ((1, 0), (2, 0), (1, 1), (2, 1)):
        queue.put(lane, (lane, number))

    assert [queue.take_from(1), queue.take_from(1), queue.take_from(1)] == [(1, 0), (1, 1), None]
    assert taken(queue) == [(2, 0), (2, 1)]


async def test_whoever_waits_is_woken() -> None:
    """An item put while the reader waits is handed to it."""
    queue: FairQueue[tuple[int, int]] = FairQueue()
    reader = asyncio.create_task(queue.filled())
    await asyncio.sleep(0)
    queue.put(3, (3, 7))
    await reader

    assert queue.take() == (3, 7)
    assert not queue.is_filled
