"""A search index of a test's own, and all that it answers, in one value that can be compared."""

from __future__ import annotations

from pathlib import Path

from storage.database import Database
from storage.projections import Projections
from storage.record_queries import RecordQueries
from storage.record_views import MEMBERS, PUBLIC, Facets, Meant, RecordFilter
from storage.search.search import Search
from storage_factories import RECEIVED_MS

EPOCH = b"exempel"
TEXTS = (
    "exempel",
    "NYCKLAR",
    "nykel",
    "får",
    "far omsorg exempel",
    "ängslan",
    "snake_case",
    "exempel -nyckel",
    '"exempel nyckel"',
    "finnsej",
    "örebro",
)
"""Searches of all kinds over what `storage_factories.some_logs` writes."""
Answer = tuple[str, list[bytes], int, Meant | None, Facets]


def open_search(database: Database, folder: Path, epoch: bytes = EPOCH) -> Search:
    """The index in a folder, as a node that starts opens it."""
    return Search(database, folder / "search", epoch)


def queries_of(database: Database, search: Search) -> RecordQueries:
    """The read side over an index."""
    return RecordQueries(database, search, lambda: RECEIVED_MS)


async def catch_up(database: Database, search: Search, step: int = 2_000) -> None:
    """Bring records and index up to the log, so many entries at a time."""
    while await Projections(database).catch_up(step):
        pass
    while await search.catch_up(step):
        pass


async def all_answers(database: Database, search: Search) -> list[Answer]:
    """What every search finds for both kinds of readers; the order within a list is left out."""
    queries, answers = queries_of(database, search), []
    for text in TEXTS:
        for visible in (PUBLIC, MEMBERS):
            wanted = RecordFilter(text=text, page_size=200)
            page, facets = await queries.page_and_facets(wanted, visible=visible)
            found = sorted(row.record_id for row in page.rows)
            answers.append((text, found, page.total, page.meant, facets))
    assert any(total for _, _, total, _, _ in answers)
    return answers
