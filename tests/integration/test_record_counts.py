"""What is listed is counted once, and then moved on by what comes."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Withdraw
from query_plans import noted_statements
from storage.database import Database
from storage.projections import Projections
from storage.record_queries import RecordQueries
from storage.record_views import MEMBERS, PUBLIC, RecordFilter
from storage_factories import AREAS, project, record_queries, store, write

CHOICES = [
    RecordFilter(page_size=1),
    RecordFilter(area="aldre", page_size=1),
    RecordFilter(type="fraga", status="pilot", page_size=1),
    RecordFilter(municipality="1401", page_size=1),
]
COUNTED = "max(records.published_ms)"
"""What only the statement says that counts a whole log."""
LOOKING, STEPS = 3, 100


def write_something(random: Random, maker: LogMaker, own: list[str], all_of: list[str]) -> None:
    """A record, a change of one, a withdrawal, a change of what is not ours, or what says
    nothing."""
    act = random.choice(["publish", "publish", "publish", "change", "withdraw", "foreign", "bad"])
    if act == "bad":
        write(maker, "experience", b'{"schema": 1}')
    elif act == "withdraw" and own:
        target = own.pop(random.choice([-1, random.randrange(len(own))]))
        write(maker, "withdraw", Withdraw(target=target, reason="Exempel"))
    else:
        among = all_of if act == "foreign" else own if act == "change" else []
        replaced = {"replaces": random.choice(among)} if among else {}
        content = an_experience(
            type=random.choice(["erfarenhet", "fraga"]),
            area=random.choice(AREAS),
            status=random.choice(["pilot", "drift"]),
            visibility=random.choice(["public", "federation"]),
            **replaced,
        )
        entry = write(maker, "experience", content).entry.id.hex()
        if not replaced:
            own.append(entry)
            all_of.append(entry)


async def told(queries: RecordQueries, visible: tuple[str, ...]) -> list[object]:
    """All that is counted of what one kind of reader sees."""
    found: list[object] = [await queries.counts(visible=visible)]
    found += await queries.municipalities(visible=visible)
    for wanted in CHOICES:
        page, facets = await queries.page_and_facets(wanted, visible=visible, names=False)
        found += [page.total, facets]
    return found


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("seed", range(3))
async def test_counts_kept_up_are_those_of_counting_anew(
    database: Database, seed: int, is_told: bool
) -> None:
    """However records come, change and go, in steps of any size, for both kinds of readers, one of
    whom looks seldom; whether what has come is known from who projected it or not."""
    print(f"seed={seed}")
    random, projections = Random(seed), Projections(database)
    queries = record_queries(database, projections.recent if is_told else None)
    makers = [LogMaker(n, code=f"14{n:02}", name=f"Exempel {n}") for n in (1, 2, 3)]
    own: dict[int, list[str]] = {maker.number: [] for maker in makers}
    all_of: list[str] = []
    for step in range(15):
        for maker in random.sample(makers, random.choice([1, 2])):
            for _ in range(random.choice([1, 1, 5])):
                write_something(random, maker, own[maker.number], all_of)
            await store(database, maker)
            await project(database, projections)
        for visible in (PUBLIC, MEMBERS) if step % 4 == 0 else (PUBLIC,):
            assert await told(queries, visible) == await told(record_queries(database), visible)


def one_log(database: Database) -> tuple[LogMaker, Projections, RecordQueries]:
    """A log, what projects it, and who reads it and is told what was projected."""
    maker, projections = LogMaker(1, code="1401", name="Exempel 1"), Projections(database)
    return maker, projections, record_queries(database, projections.recent)


async def test_a_log_is_not_counted_again_for_what_comes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that come, change and go are added to what was counted; also the newest."""
    maker, projections, queries = one_log(database)

    async def total_and_counting() -> tuple[int, bool]:
        await store(database, maker)
        await project(database, projections)
        with noted_statements(monkeypatch, database.engine.dialect.name) as statements:
            total = (await queries.list_records(RecordFilter())).total
        return total, any(COUNTED in one for one in statements)

    first = write(maker, "experience", an_experience(status="pilot")).entry.id.hex()
    assert await total_and_counting() == (1, True)
    newest = write(maker, "experience", an_experience(status="pilot")).entry.id.hex()
    assert await total_and_counting() == (2, False)
    write(maker, "experience", an_experience(status="drift", replaces=newest))
    assert await total_and_counting() == (2, False)
    write(maker, "withdraw", Withdraw(target=first, reason="Exempel"))
    assert await total_and_counting() == (1, False)
    write(maker, "withdraw", Withdraw(target=newest, reason="Exempel"))
    assert await total_and_counting() == (0, False)


async def test_looking_while_a_step_is_committed_counts_no_log_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader may see what a step wrote before whoever wrote it hears that it is committed."""
    maker, projections, queries = one_log(database)
    write(maker, "experience", an_experience())
    await store(database, maker)
    await projections.catch_up()
    await queries.counts(visible=PUBLIC)
    is_over = asyncio.Event()

    async def look() -> None:
        while not is_over.is_set():
            await queries.counts(visible=PUBLIC)

    with noted_statements(monkeypatch, database.engine.dialect.name) as statements:
        async with asyncio.TaskGroup() as group:
            for _ in range(LOOKING):
                group.create_task(look())
            for _ in range(STEPS):
                write(maker, "experience", an_experience())
                await store(database, maker)
                await projections.catch_up()
            is_over.set()
        total = (await queries.list_records(RecordFilter())).total

    assert total == 1 + STEPS
    assert [one for one in statements if COUNTED in one] == []
