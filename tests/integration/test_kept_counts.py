"""What is counted over the whole index is moved on by what changed, to what counting anew gives."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Withdraw
from protocol.content.experience import Product
from storage.database import Database
from storage.projections import Projections
from storage.record_queries import RecordQueries
from storage.record_views import MEMBERS, PUBLIC, Facets, RecordFilter
from storage.search.search import Search
from storage_factories import AREAS, RECEIVED_MS, store, write

CHOICES = [
    RecordFilter(),
    RecordFilter(area="aldre"),
    RecordFilter(type="fraga", status="pilot"),
    RecordFilter(municipality="1401"),
]


def write_something(random: Random, maker: LogMaker, records: list[str], names: int) -> None:
    """A record that names products, a change of one, or its withdrawal."""
    if records and random.random() < 0.2:
        target = records.pop(random.randrange(len(records)))
        write(maker, "withdraw", Withdraw(target=target, reason="Exempel"))
        return
    replaced = random.choice(records) if records and random.random() < 0.3 else None
    products = tuple(
        Product(name=f"Exempel {random.randrange(names)}", supplier=random.choice(["A", "B", None]))
        for _ in range(random.randrange(4))
    )
    text = an_experience(
        type=random.choice(["erfarenhet", "fraga"]),
        area=random.choice(AREAS),
        status=random.choice(["pilot", "drift"]),
        visibility=random.choice(["public", "federation"]),
        products=products,
        **({"replaces": replaced} if replaced else {}),
    )
    written = write(maker, "experience", text).entry.id.hex()
    if replaced is None:
        records.append(written)


def named(facets: Facets) -> list[list[int]]:
    """How often the commonest products and suppliers are named; which of those that are named as
    often come last in a list that is cut is not said."""
    return [[one.records for one in names] for names in (facets.products, facets.suppliers)]


@pytest.mark.parametrize("names", [5, 80])
@pytest.mark.parametrize("seed", range(2))
async def test_counts_move_on_to_what_counting_anew_gives(
    database: Database, tmp_path: Path, seed: int, names: int
) -> None:
    """For any choice and reader, however records come, change and go; with more names than are
    told, too."""
    print(f"seed={seed}")
    random, projections = Random(seed), Projections(database)
    search = Search(database, tmp_path / "search", b"exempel")
    queries = RecordQueries(database, search, lambda: RECEIVED_MS)
    makers = [LogMaker(n, code=f"14{n:02}", name=f"Exempel {n}") for n in (1, 2)]
    records: dict[int, list[str]] = {maker.number: [] for maker in makers}
    for step in range(8):
        for maker in makers:
            for _ in range(30 if step == 0 else random.randrange(1, 3)):
                write_something(random, maker, records[maker.number], names)
            await store(database, maker)
        while await projections.catch_up():
            pass
        while await search.catch_up():
            pass
        other = Search(database, tmp_path / "search", b"exempel")
        anew = RecordQueries(database, other, lambda: RECEIVED_MS)
        for visible in (PUBLIC, MEMBERS):
            for wanted in CHOICES:
                kept = await queries.facets(wanted, visible=visible)
                assert named(kept) == named(await anew.facets(wanted, visible=visible))
            statistics = await queries.statistics(visible=visible)
            assert statistics.months == (await anew.statistics(visible=visible)).months
        other.close()
    search.close()
