"""What a neighbour holds just as we do is remembered of it and leads to nothing else."""

from __future__ import annotations

import pytest

from factories import LogMaker
from protocol.directory import Directory, Item, LogView, Standing

HJO = LogMaker(2, code="1497")


def a_directory(standing: Standing = Standing.MEMBER, *, frozen: bool = False) -> Directory:
    """Hjo's log with some entries."""
    while HJO.head.sequence < 3:
        HJO.append()
    directory = Directory()
    directory.put(LogView(HJO.log, standing, HJO.head, frozen))
    return directory


def told(directory: Directory) -> Item:
    """Hjo's log just as it is here."""
    (item,) = (
        Item(view.log, view.head.sequence, view.head.id) for view in directory.views() if view.head
    )
    return item


def test_the_same_head_of_a_member_is_no_news() -> None:
    """Nothing is asked for, nothing is told, nobody is suspected."""
    directory = a_directory()

    assert directory.is_at(told(directory))


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.MEMBER}))
def test_it_is_news_of_any_other_log(standing: Standing) -> None:
    """Of our own it says that it is stored there; of one not accepted, that it is offered."""
    directory = a_directory(standing)

    assert not directory.is_at(told(directory))


def test_it_is_news_of_a_frozen_log() -> None:
    """The neighbour is told of the fork."""
    directory = a_directory(frozen=True)

    assert not directory.is_at(told(directory))


def test_another_number_or_another_id_is_news() -> None:
    """More to fetch, or a fork; also when somebody gives our head's id a number it has not."""
    directory = a_directory()
    item = told(directory)

    assert not directory.is_at(item._replace(sequence=item.sequence + 1))
    assert not directory.is_at(item._replace(id=bytes(32)))
    assert not directory.is_at(item._replace(log=bytes(32)))
