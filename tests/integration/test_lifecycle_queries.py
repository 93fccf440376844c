"""Moved, left, going on for another: what pages read of it, on both databases."""

from __future__ import annotations

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Address, Contact, Continue, Leave, Profile, Withdraw
from protocol.directory import Standing
from storage.database import Database
from storage.lifecycle_queries import LifecycleQueries, successions
from storage.log_store import LogStore
from storage.projections import Projections
from storage.record_views import MEMBERS, Party, RecordDetail
from storage_factories import RECEIVED_MS, project, record_queries, store, write

CONTACT = Contact(role="Kommunkansliet", email="kansli@exempel.se")


def mullsjo_and_habo() -> tuple[LogMaker, LogMaker, bytes]:
    """Mullsjö with one record, and Habo that says whom to ask."""
    mullsjo = LogMaker(1, code="0642", name="Mullsjö kommun")
    habo = LogMaker(2, code="0643", name="Habo kommun")
    record = write(mullsjo, "experience", an_experience()).entry.id
    write(habo, "profile", Profile(name="Habo kommun", code="0643", contact=CONTACT))
    return mullsjo, habo, record


async def shown(database: Database, record: bytes) -> RecordDetail:
    """A record's page, once everything is projected."""
    await project(database)
    detail = await record_queries(database).record(record, visible=MEMBERS)
    assert detail is not None
    return detail


@pytest.mark.parametrize("heir_first", [True, False])
async def test_a_succession_shows_when_both_say_it(database: Database, heir_first: bool) -> None:
    """Whoever speaks first, one word alone links nobody; both link pages and contact."""
    mullsjo, habo, record = mullsjo_and_habo()
    leave = ("leave", Leave(reason="Exempel", successor=habo.log.hex()))
    go_on = ("continue", Continue(predecessor=mullsjo.log.hex()))
    steps = [(habo, go_on), (mullsjo, leave)] if heir_first else [(mullsjo, leave), (habo, go_on)]
    queries = LifecycleQueries(database)
    added: tuple[LogMaker, ...] = (mullsjo, habo)
    for maker, said in steps:
        assert successions(await queries.all()) == {}
        await store(database, *added)
        write(maker, *said)
        await store(database, maker)
        added = ()
        assert (await shown(database, record)).heir is None or maker is steps[1][0]
    found = await shown(database, record)
    pages = record_queries(database)
    left = await pages.municipality("0642", visible=MEMBERS)
    heir = await pages.municipality("0643", visible=MEMBERS)

    assert successions(await queries.all()) == {mullsjo.log: habo.log}
    assert found.heir == Party(habo.log, "0643", "Habo kommun", CONTACT)
    assert found.left_ms is not None
    assert left is not None
    assert heir is not None
    assert left.left_ms == found.left_ms
    assert [one.code for one in left.heirs] == ["0643"]
    assert [one.code for one in heir.continues] == ["0642"]
    assert heir.left_ms is None
    listed = await pages.municipalities(visible=MEMBERS)
    assert {row.code: row.has_left for row in listed} == {"0642": True, "0643": False}


async def test_an_heir_that_is_not_shown_is_named_nowhere(database: Database) -> None:
    """A blocked successor answers for nothing, and comes back when the block is lifted."""
    mullsjo, habo, record = mullsjo_and_habo()
    write(mullsjo, "leave", Leave(successor=habo.log.hex()))
    write(habo, "continue", Continue(predecessor=mullsjo.log.hex()))
    log_store = await store(database, mullsjo, habo)
    assert (await shown(database, record)).heir is not None
    await log_store.set_standing(habo.log, Standing.BLOCKED, "Exempel", now_ms=RECEIVED_MS)

    found = await shown(database, record)

    assert found.heir is None
    assert found.left_ms is not None


async def test_the_last_of_a_chain_answers(database: Database) -> None:
    """Where a successor has left in its turn, records name who answers now; a circle names nobody
    for ever."""
    mullsjo, habo, record = mullsjo_and_habo()
    third = LogMaker(3, code="0680", name="Jönköpings kommun")
    write(mullsjo, "leave", Leave(successor=habo.log.hex()))
    write(habo, "continue", Continue(predecessor=mullsjo.log.hex()))
    write(habo, "leave", Leave(successor=third.log.hex()))
    write(third, "continue", Continue(predecessor=habo.log.hex()))
    await store(database, mullsjo, habo, third)
    found = await shown(database, record)
    heir = await record_queries(database).municipality("0680", visible=MEMBERS)
    write(third, "leave", Leave(successor=mullsjo.log.hex()))
    mullsjo.rotate()
    write(mullsjo, "continue", Continue(predecessor=third.log.hex()))
    write(mullsjo, "leave", Leave(successor=habo.log.hex()))
    await store(database, mullsjo, third)
    circle = await shown(database, record)

    assert found.heir is not None
    assert found.heir.code == "0680"
    assert heir is not None
    assert {one.code for one in heir.continues} == {"0642", "0643"}
    assert circle.left_ms is not None
    said = successions(await LifecycleQueries(database).all())
    assert set(said) == {mullsjo.log, habo.log, third.log}


async def test_two_logs_of_one_code_are_no_rivals_when_one_goes_on(database: Database) -> None:
    """A municipality that begins a new log and links the two is one sender on its page."""
    old, new = LogMaker(1, code="0642"), LogMaker(2, code="0642")
    await store(database, old, new)
    await project(database)
    pages = record_queries(database)
    before = await pages.municipality("0642", visible=MEMBERS)
    write(old, "leave", Leave(successor=new.log.hex()))
    write(new, "continue", Continue(predecessor=old.log.hex()))
    await store(database, old, new)
    await project(database)
    after = await pages.municipality("0642", visible=MEMBERS)

    assert before is not None
    assert after is not None
    assert len(before.logs) == 2
    assert after.logs == (new.log,)
    assert (after.left_ms, after.heirs, after.continues) == (None, (), ())


async def test_a_key_ends_a_leave_in_any_step(database: Database) -> None:
    """In one batch or in two, nothing is left of the leave, and a rebuild agrees."""
    projections = Projections(database)
    for number, apart in enumerate((False, True), start=1):
        maker = LogMaker(number, code=f"064{number}")
        write(maker, "address", Address(url="https://tidan.exempel.se"))
        write(maker, "leave", Leave(reason="Exempel"))
        if apart:
            await store(database, maker)
            await project(database, projections)
            assert (await LifecycleQueries(database).all())[maker.log].reason == "Exempel"
        maker.rotate()
        await store(database, maker)
        await project(database, projections)
        said = (await LifecycleQueries(database).all())[maker.log]
        assert (said.left_ms, said.url) == (None, "https://tidan.exempel.se")
    before = await projections.digest()
    await projections.rebuild()

    assert await projections.digest() == before


async def test_going_on_can_be_withdrawn(database: Database) -> None:
    """A successor that takes its word back is one no longer."""
    mullsjo, habo, record = mullsjo_and_habo()
    write(mullsjo, "leave", Leave(successor=habo.log.hex()))
    said = write(habo, "continue", Continue(predecessor=mullsjo.log.hex()))
    await store(database, mullsjo, habo)
    assert (await shown(database, record)).heir is not None
    write(habo, "withdraw", Withdraw(target=said.entry.id.hex(), reason="Fel kommun"))
    await store(database, habo)

    assert (await shown(database, record)).heir is None
    assert await LogStore(database).log(habo.log) is not None
