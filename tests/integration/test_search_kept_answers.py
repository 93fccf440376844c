"""Answers that are kept, and questions that are put aside early, change nothing that is found."""

from __future__ import annotations

import pytest

from content_factories import an_experience
from factories import LogMaker
from storage.database import Database
from storage.record_queries import RecordQueries
from storage.record_views import MEMBERS, PUBLIC, RecordFilter
from storage_factories import project, record_queries, store, write

SUMMARY = "Exempel."
CYCLES = RecordFilter(text="lånecykel")


async def publish(database: Database, maker: LogMaker, *titles: str, **changes: object) -> None:
    """Write records with these titles into a log and bring all up to it."""
    for title in titles:
        write(maker, "experience", an_experience(title=title, summary=SUMMARY, **changes))
    await store(database, maker)
    await project(database)


async def found(queries: RecordQueries, visible: tuple[str, ...] = MEMBERS) -> tuple[int, int]:
    """How many records a text finds, and how many its facets count."""
    page, facets = await queries.page_and_facets(CYCLES, visible=visible)
    return page.total, sum(facets.types.values())


async def test_an_answer_is_kept_no_longer_than_the_index_is_the_same(database: Database) -> None:
    """What was asked before a record came finds it after the commit, and counts it."""
    maker, queries = LogMaker(1), record_queries(database)
    await publish(database, maker, "Exempel: lånecykel")
    assert [await found(queries) for _ in range(2)] == [(1, 1)] * 2

    await publish(database, maker, "Exempel: en lånecykel till")
    assert [await found(queries) for _ in range(2)] == [(2, 2)] * 2


async def test_an_answer_is_kept_for_those_who_see_the_same(database: Database) -> None:
    """Whoever asks after somebody who sees more is told of what is public, and no more."""
    maker, queries = LogMaker(1), record_queries(database)
    await publish(database, maker, "Exempel: lånecykel")
    await publish(database, maker, "Exempel: lånecykel inom hus", visibility="federation")

    assert await found(queries) == (2, 2)
    assert await found(queries, PUBLIC) == (1, 1)
    assert await found(queries) == (2, 2)


@pytest.mark.parametrize("every", [0, 9, 10])
@pytest.mark.parametrize("rarest", [0, 12])
async def test_whether_hardly_any_has_every_word_is_not_told_by_the_rarest_alone(
    database: Database, every: int, rarest: int
) -> None:
    """Ten that have every word are enough and nine are not, however many have the rarest words."""
    texts = [
        *["Exempel: lånecykel vid järnväg, snöslunga och staket"] * every,
        *["Exempel: lånecykel vid järnväg"] * rarest,
        *["Exempel: snöslunga och staket"] * 15,
        *["Exempel: staket"] * 15,
    ]
    await publish(database, LogMaker(1), *texts)
    wanted = RecordFilter(text="staket lånecykel snöslunga järnväg")
    page = await record_queries(database).list_records(wanted)

    assert page.meant is not None
    assert page.meant.relaxed == (every < 10)
    assert page.total == (every if every == 10 else len(texts))
