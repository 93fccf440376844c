"""The process that fills the search index beside the node's own."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from record_network import a_network, some_filters
from storage.database import Database
from storage.errors import IndexingError
from storage.record_views import MEMBERS, RecordFilter, RecordPage
from storage.search.search import Search
from storage_factories import record_queries, search_of


async def answers(database: Database, filters: list[RecordFilter]) -> list[tuple[int, set[bytes]]]:
    """How many records each filter finds, and which are on its first page of all."""
    queries = record_queries(database)
    found: list[RecordPage] = [await queries.list_records(one, visible=MEMBERS) for one in filters]
    return [(page.total, {row.record_id for row in page.rows}) for page in found]


async def test_another_process_makes_the_same_index(database: Database) -> None:
    """An index made anew by the other process answers like the one that grew with the log."""
    await a_network(database, 60)
    filters = [
        RecordFilter(text=one.text, area=one.area, page_size=200, literal=True)
        for one in some_filters(Random(60), 60)
    ]
    before = await answers(database, filters)
    told: list[int] = []

    async with search_of(database).in_bulk(anew=True, tell=told.append):
        pass

    assert await answers(database, filters) == before
    assert await search_of(database).lag() == 0
    assert told
    assert told == sorted(told)


async def test_what_comes_later_is_put_in_by_this_process(database: Database) -> None:
    """After the other process has ended, this one writes again, and the other may once more."""
    await a_network(database, 61, entries=40)
    search = search_of(database)
    async with search.in_bulk(anew=True):
        pass
    first = await answers(database, [RecordFilter(text="exempel")])
    await search.catch_up()
    async with search.in_bulk():
        pass

    assert await answers(database, [RecordFilter(text="exempel")]) == first


async def test_a_helper_that_fails_is_told_of(database: Database, tmp_path: Path) -> None:
    """An index that another holds makes the helper fail, with words; the records stay."""
    await a_network(database, 62, entries=40)
    holder = Search(database, tmp_path / "search", b"exempel")
    await holder.catch_up(10)
    other = Search(database, tmp_path / "search", b"exempel")

    with pytest.raises(IndexingError):
        async with other.in_bulk():
            pass
    holder.close()
