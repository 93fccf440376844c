"""A damaged run in a real database: found, kept apart, and put back with the same entries."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import delete, select

from content_factories import an_experience
from factories import LogMaker, flipped
from protocol.entry import Envelope
from protocol.mending import proven
from storage import schema
from storage.damage_store import Damage, DamageStore, Gap
from storage.database import Database
from storage.errors import DamagedLogError
from storage.log_store import LogStore
from storage.log_walk import LogWalk, Walker
from storage.projections import Projections
from storage.run_scan import readable
from storage_factories import (
    RECEIVED_MS,
    project,
    record_queries,
    search_of,
    some_logs,
    spoil_run,
    store,
    store_singly,
    whole_log,
    write,
)

NOW_MS = RECEIVED_MS + 1_000
CHANGES: dict[str, dict[str, object]] = {
    "payload": {},
    "digest": {"digest": bytes(32)},
    "received": {"received": b"\x81\x82\x01\x02"},
    "count, fewer": {"entry_count": 2},
    "count, more": {"entry_count": 900},
    "size": {"size_bytes": 7},
    "key, behind": {"first_sequence": 5},
    "key, beyond the end": {"first_sequence": 2**40},
    "key, before the beginning": {"first_sequence": -3},
    "key, inside another": {"first_sequence": 8},
}


async def three_runs(database: Database) -> tuple[LogMaker, LogStore]:
    """A log that lies in three runs: entries 1 to 3, 4 to 6 and 7 to 9."""
    maker = LogMaker(1)
    for _ in range(8):
        write(maker, "experience", an_experience())
    log_store = LogStore(database)
    whole = maker.envelopes
    for end in (3, 6, 9):
        part = LogMaker(1)
        part.__dict__.update(maker.__dict__)
        part.envelopes = whole[:end]
        await store(database, part)
    return maker, log_store


async def walked(database: Database) -> tuple[LogWalk, list[Gap]]:
    """Walk along the first log to its end; what is damaged."""
    walk = await Walker(database, LogStore(database)).begin(0)
    assert walk is not None
    while await walk.step():
        pass
    return walk, await walk.found(NOW_MS)


async def mended(database: Database, maker: LogMaker, given: list[Envelope]) -> None:
    """Put back what is missing, from what can be read and else from what is given."""
    log_store = LogStore(database)
    whole = Gap(1, maker.head.sequence)
    while (torn := await log_store.torn(maker.log, whole)) is not None:
        assert torn.last_id is not None
        entries = proven(maker.log, torn.last_id, readable(torn.bad)) or proven(
            maker.log, torn.last_id, given[torn.gap.first - 1 : torn.gap.last]
        )
        assert await log_store.mend(torn, entries, NOW_MS)


@pytest.mark.parametrize("change", CHANGES)
async def test_any_change_of_a_row_is_found_and_mended(database: Database, change: str) -> None:
    """Whatever of a row has changed: it is found, never read, and afterwards all is as before."""
    maker, log_store = await three_runs(database)
    await spoil_run(database, maker.log, 4, **CHANGES[change])

    walk, gaps = await walked(database)
    assert gaps == [Gap(4, 6)]
    assert not walk.contradicts
    assert await DamageStore(database).open() == [Damage(maker.log, Gap(4, 6), NOW_MS)]
    with pytest.raises(DamagedLogError):
        await log_store.packed_run(maker.log, 3, 9)

    await mended(database, maker, maker.envelopes)
    _, gaps = await walked(database)
    assert gaps == []
    assert await DamageStore(database).open() == []
    assert await whole_log(log_store, maker.log) == maker.envelopes
    async with database.read() as connection:
        rows = select(schema.runs.c.first_sequence).order_by(schema.runs.c.first_sequence)
        assert list(await connection.scalars(rows)) == [1, 4, 7]


@pytest.mark.parametrize("gone", [[1], [4], [7], [1, 4], [4, 7], [1, 4, 7]])
async def test_whole_runs_come_back(database: Database, gone: list[int]) -> None:
    """Also when the rows are not there at all, at either end of the log."""
    maker, log_store = await three_runs(database)
    async with database.write() as connection:
        rows = schema.runs.c.first_sequence.in_(gone)
        await connection.execute(delete(schema.runs).where(rows))
    _, gaps = await walked(database)
    assert sum(gap.entry_count for gap in gaps) == 3 * len(gone)

    await mended(database, maker, maker.envelopes)
    assert (await walked(database))[1] == []
    assert await whole_log(log_store, maker.log) == maker.envelopes


async def test_other_entries_take_nobody_s_place(database: Database) -> None:
    """What is not what was there, by its ids, is not put there; nor when the log has moved."""
    maker, log_store = await three_runs(database)
    await spoil_run(database, maker.log, 4)
    torn = await log_store.torn(maker.log, Gap(1, 9))
    assert torn is not None
    assert torn.last_id == maker.envelopes[5].entry.id
    other = LogMaker(1, seed=9)
    other.extend(8)
    assert proven(maker.log, torn.last_id, other.envelopes[3:6]) == ()

    entries = proven(maker.log, torn.last_id, maker.envelopes[3:6])
    assert await log_store.mend(torn, entries, NOW_MS)
    assert not await log_store.mend(torn, entries, NOW_MS)
    assert await whole_log(log_store, maker.log) == maker.envelopes


async def test_times_of_arrival_stay(database: Database) -> None:
    """When entries arrived is kept as far as it can be read, so that lists keep their order."""
    maker, log_store = await three_runs(database)
    await spoil_run(database, maker.log, 4)
    await mended(database, maker, maker.envelopes)
    again = await log_store.torn(maker.log, Gap(1, 9))
    assert again is None
    async with database.read() as connection:
        found = set(await connection.scalars(select(schema.runs.c.received)))
    assert len(found) == 1


async def test_damage_holds_up_its_own_log_alone(database: Database) -> None:
    """Records and index are made of all that can be read; the rest follows when it is back, and
    then nothing tells that anything was damaged."""
    makers = some_logs(Random(3))
    await store(database, *makers)
    await project(database)
    whole = await Projections(database).digest()
    await Projections(database).rebuild()
    damaged = makers[0]
    await spoil_run(database, damaged.log, 1)

    projections = Projections(database)
    await projections.rebuild()
    await search_of(database).catch_up()
    assert await projections.lag() == damaged.head.sequence
    assert await projections.lag_in_reach() == 0
    for maker in makers[1:]:
        assert await projections.reached(maker.log) == maker.head.sequence
    with pytest.raises(DamagedLogError):
        await projections.require_reach(damaged.log, damaged.head.sequence)
    assert await search_of(database).lag() == 0

    await mended(database, damaged, damaged.envelopes)
    await walked(database)
    await project(database)
    assert await projections.digest() == whole
    assert await projections.lag() == 0


async def test_a_record_that_is_damaged_says_so(database: Database) -> None:
    """Reading it raises the error that names the log, also when its run is not there at all."""
    maker, _ = await three_runs(database)
    await project(database)
    record = maker.envelopes[4].entry.id
    await spoil_run(database, maker.log, 4, first_sequence=2**40)
    with pytest.raises(DamagedLogError):
        await record_queries(database).record(record)
    assert await record_queries(database).record(maker.envelopes[7].entry.id) is not None


async def test_key_events_are_restored_from_the_log(database: Database) -> None:
    """The copy that handshakes use is made anew from the log when the disk has changed it."""
    maker = LogMaker(1)
    maker.rotate()
    log_store = await store_singly(database, maker)
    before = await log_store.key_events(maker.log)
    async with database.write() as connection:
        packed = await connection.scalar(select(schema.key_events.c.packed).limit(1))
        spoiled = schema.key_events.update().values(packed=flipped(packed, 40))
        await connection.execute(spoiled)
    with pytest.raises(DamagedLogError):
        await log_store.key_events(maker.log)

    assert (await log_store.all_key_events())[maker.log] == before
    assert await log_store.key_events(maker.log) == before


async def test_a_log_that_grows_while_it_is_checked_adds_up(database: Database) -> None:
    """Entries that come between the last step of a walk and its end are no contradiction."""
    maker, log_store = await three_runs(database)
    walk = await Walker(database, log_store).begin(0)
    assert walk is not None
    while await walk.step():
        pass
    maker.append()
    await store(database, maker)
    gaps = await walk.found(NOW_MS)

    assert gaps == []
    assert not walk.contradicts
    assert walk.entry_count == 10


async def test_runs_joined_while_they_are_checked_add_up(database: Database) -> None:
    """Runs that are joined behind a walk, into one that begins before its place, are read there."""
    maker = LogMaker(1)
    maker.extend(9)
    log_store = await store_singly(database, maker)
    walk = await Walker(database, log_store).begin(0)
    assert walk is not None
    for _ in range(3):
        await walk.step()
    assert await log_store.pack(maker.log)
    while await walk.step():
        pass
    gaps = await walk.found(NOW_MS)

    assert gaps == []
    assert not walk.contradicts
    assert walk.entry_count == 10
