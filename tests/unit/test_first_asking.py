"""Nothing is signed after a start before neighbours were asked, and nobody is waited for long."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from node.ground.first_asking import FirstAsking

ASK_MS_MAX = 40_000
FIRST, SECOND = b"\x01" * 32, b"\x02" * 32


class Hand:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now_ms = 5_000

    def __call__(self) -> int:
        """Where it stands, in milliseconds."""
        return self.now_ms


def test_every_neighbour_is_waited_for() -> None:
    """One answer is not enough: the other may be the one that has our newest entries."""
    asking = FirstAsking(lambda: {FIRST, SECOND}, Hand(), ASK_MS_MAX)

    asking.heard(FIRST)

    assert asking.ms_left == ASK_MS_MAX
    asking.heard(SECOND)
    assert asking.ms_left == 0


def test_a_node_without_neighbours_asks_nobody() -> None:
    """And one that has removed the neighbour it waited for goes on at once."""
    neighbours = {FIRST}
    asking = FirstAsking(lambda: neighbours, Hand(), ASK_MS_MAX)

    assert FirstAsking(set, Hand(), ASK_MS_MAX).ms_left == 0
    assert asking.ms_left > 0
    neighbours.clear()
    assert asking.ms_left == 0


def test_whoever_becomes_a_neighbour_later_is_not_waited_for() -> None:
    """Only those of the start: a new neighbour has nothing of ours that we do not have."""
    neighbours = {FIRST}
    asking = FirstAsking(lambda: neighbours, Hand(), ASK_MS_MAX)
    neighbours.add(SECOND)

    asking.heard(FIRST)

    assert asking.ms_left == 0


def test_a_node_that_is_cut_off_goes_on() -> None:
    """When nobody answers the wait has an end, counted from the start and not from each wait."""
    clock = Hand()
    asking = FirstAsking(lambda: {FIRST}, clock, ASK_MS_MAX)

    clock.now_ms += ASK_MS_MAX - 1
    assert asking.ms_left == 1
    clock.now_ms += 1
    assert asking.ms_left == 0


async def test_those_who_wait_go_on_when_the_last_is_heard() -> None:
    """Several writers wait at once; a node that serves nobody begins to call, once."""
    asking = FirstAsking(lambda: {FIRST}, Hand(), ASK_MS_MAX)
    begun = count()

    async def begin() -> None:
        next(begun)

    asking.begin = begin
    waiting = [asyncio.create_task(asking.over()) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)

    asking.heard(FIRST)
    await asyncio.gather(*waiting)
    assert next(begun) == 1


async def test_a_new_key_or_a_person_ends_the_wait() -> None:
    """Whoever waits goes on."""
    asking = FirstAsking(lambda: {FIRST}, Hand(), ASK_MS_MAX)
    waiting = asyncio.create_task(asking.over())
    await asyncio.sleep(0)

    asking.end()

    await waiting


async def test_the_wait_ends_by_itself() -> None:
    """Also when nothing wakes it."""
    clock = Hand()
    asking = FirstAsking(lambda: {FIRST}, clock, ASK_MS_MAX)
    clock.now_ms += ASK_MS_MAX - 1
    waiting = asyncio.create_task(asking.over())
    await asyncio.sleep(0)

    clock.now_ms += 1

    await waiting


@pytest.mark.parametrize("is_heard", [True, False])
async def test_after_a_long_time_off_it_is_told_who_did_not_answer(is_heard: bool) -> None:
    """Once, when the wait is over; whoever answers later, or is a neighbour no more, ends it."""
    clock, told, neighbours = Hand(), list[int](), {FIRST}
    asking = FirstAsking(lambda: neighbours, clock, ASK_MS_MAX, give_up=lambda: told.append(1))
    assert asking.must_hear_all
    clock.now_ms += ASK_MS_MAX

    await asking.over()
    await asking.over()

    assert told == [1]
    assert asking.must_hear_all
    if is_heard:
        asking.heard(FIRST)
    else:
        neighbours.clear()
    assert not asking.must_hear_all


async def test_nothing_is_told_when_all_have_answered_or_nobody_is_asked() -> None:
    """Neither a node without neighbours nor one that is set not to ask waits for anybody."""
    clock, told = Hand(), list[int]()
    heard = FirstAsking(lambda: {FIRST}, clock, ASK_MS_MAX, give_up=lambda: told.append(1))
    heard.heard(FIRST)
    alone = FirstAsking(set, clock, ASK_MS_MAX, give_up=lambda: told.append(1))
    never = FirstAsking(lambda: {FIRST}, clock, 0, give_up=lambda: told.append(1))
    clock.now_ms += ASK_MS_MAX

    for asking in (heard, alone, never):
        await asking.over()
        assert not asking.must_hear_all

    assert told == []
