"""Projections: the same from any order of arrival, equal to the model, rebuilt byte-equal."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, select, update

from content_factories import an_experience
from factories import LogMaker
from fold_memory import Memory
from protocol.content import Comment, Use, Withdraw
from protocol.directory import Standing
from storage import schema
from storage.blob_schema import attachments, blobs
from storage.database import Database
from storage.errors import DamagedLogError
from storage.lifecycle_schema import addresses, continuations, departures
from storage.log_store import LogStore
from storage.projections import Projections
from storage.record_views import MEMBERS
from storage_factories import (
    RECEIVED_MS,
    deliver,
    logged,
    record_queries,
    some_logs,
    spoil_run,
    store,
    write,
)


async def catch_up(projections: Projections, random: Random | None = None) -> None:
    """Apply everything, in steps of any size."""
    while await projections.catch_up(random.randint(1, 30) if random else 1_000):
        pass


async def rows_of(database: Database, table: Table) -> list[Any]:
    """All rows of a projection, each with the id of its log."""
    statement = select(schema.logs.c.log_id, *table.columns).join(
        schema.logs, schema.logs.c.log_no == table.c.log_no
    )
    async with database.read() as connection:
        return list((await connection.execute(statement.order_by(table.c.sequence))).all())


@pytest.mark.parametrize("seed", range(5))
async def test_digest_depends_on_the_logs_alone(
    database: Database, tmp_path: Path, seed: int
) -> None:
    """Any interleaving, any batch sizes, a rebuild and the other database give one digest."""
    print(f"seed={seed}")
    random = Random(seed)
    makers = some_logs(random, entries=90)
    await deliver(LogStore(database), makers, random)
    projections = Projections(database)
    await catch_up(projections, random)
    incremental = await projections.digest()
    count = await projections.rebuild()
    rebuilt = await projections.digest()

    other = await Database.open(tmp_path / "other")
    await deliver(LogStore(other), makers[::-1], Random(seed + 1_000))
    elsewhere = Projections(other)
    await catch_up(elsewhere)
    there = await elsewhere.digest()
    await other.close()

    assert count == sum(len(maker.envelopes) for maker in makers)
    assert incremental == rebuilt == there


async def test_digest_tells_different_networks_apart(database: Database) -> None:
    """One more entry gives another digest."""
    projections = Projections(database)
    maker = LogMaker(1)
    write(maker, "experience", an_experience())
    await store(database, maker)
    await catch_up(projections)
    before = await projections.digest()
    write(maker, "withdraw", Withdraw(target=maker.envelopes[1].entry.id.hex(), reason="Fel"))
    await store(database, maker)
    await catch_up(projections)

    assert await projections.digest() != before


@pytest.mark.parametrize("seed", range(10, 16))
async def test_rows_equal_the_model(database: Database, seed: int) -> None:
    """What the tables say after any delivery is what the model in memory says."""
    print(f"seed={seed}")
    random = Random(seed)
    makers = some_logs(random, entries=120)
    model = Memory()
    for maker in makers:
        model.take(logged(maker))
    await deliver(LogStore(database), makers, random)
    await catch_up(Projections(database), random)

    await assert_records_equal(database, model)
    await assert_files_equal(database, model)
    await assert_responses_equal(database, model)
    await assert_statements_equal(database, model)
    await assert_ways_equal(database, model)


async def assert_ways_equal(database: Database, model: Memory) -> None:
    """Addresses, who has left, and who goes on for whom."""
    moved = {row.log_id: row.url for row in await rows_of(database, addresses)}
    left = {
        row.log_id: (row.entry_id, row.reason, row.successor)
        for row in await rows_of(database, departures)
    }
    continued = {
        (row.log_id, row.predecessor): row.entry_id
        for row in await rows_of(database, continuations)
    }

    assert moved == model.addresses
    assert left == {
        log: (one.entry_id, one.reason, one.successor) for log, one in model.departures.items()
    }
    assert continued == {key: one.entry_id for key, one in model.continuations.items()}
    assert moved


async def assert_records_equal(database: Database, model: Memory) -> None:
    """Records, their versions in order, and the content of every version."""
    versions: dict[bytes, list[bytes]] = {}
    for row in await rows_of(database, schema.record_versions):
        versions.setdefault(row.record_id, []).append(row.entry_id)
    queries = record_queries(database)
    found = {}
    for row in await rows_of(database, schema.records):
        contents = []
        for version in versions[row.record_id]:
            detail = await queries.record(row.record_id, version=version, visible=MEMBERS)
            assert detail is not None
            contents.append((version, detail.experience))
        assert row.version_id == versions[row.record_id][-1]
        assert row.version_count == len(contents)
        found[row.record_id] = (row.log_id, contents, row.withdrawn)

    assert found == {
        record_id: (
            record.log,
            [(version.entry_id, version.experience) for version in record.versions],
            record.withdrawn,
        )
        for record_id, record in model.records.items()
    }


async def assert_files_equal(database: Database, model: Memory) -> None:
    """The files of each standing record's newest version are named, in order, and wanted."""
    named: dict[bytes, list[tuple[int, str, int]]] = {}
    for row in await rows_of(database, attachments):
        found = (row.position, row.digest.hex(), row.size_bytes)
        named.setdefault(row.record_id, []).append(found)
    async with database.read() as connection:
        rows = (await connection.execute(select(blobs))).all()
    wanted = {(row.digest.hex(), row.size_bytes) for row in rows if row.held_ms is None}

    assert {record: sorted(files) for record, files in named.items()} == {
        record_id: [
            (position, item.sha256, item.size_bytes)
            for position, item in enumerate(record.versions[-1].experience.attachments)
        ]
        for record_id, record in model.records.items()
        if record.withdrawn is None and record.versions[-1].experience.attachments
    }
    assert {file[1:] for files in named.values() for file in files} <= wanted
    assert named


async def assert_responses_equal(database: Database, model: Memory) -> None:
    """Comments, uses, interests and what helped."""
    comments = {
        row.entry_id: (row.log_id, row.record_id, row.kind, row.text, row.accepts, row.withdrawn)
        for row in await rows_of(database, schema.comments)
    }
    uses = {
        (row.log_id, row.record_id): (row.entry_id, row.note)
        for row in await rows_of(database, schema.uses)
    }
    interests = {
        (row.log_id, row.record_id, row.interest): (row.entry_id, row.note)
        for row in await rows_of(database, schema.interests)
    }
    helped = {
        (row.log_id, row.record_id): (row.entry_id, row.reused)
        for row in await rows_of(database, schema.helped)
    }

    assert comments == {
        entry_id: (
            item.commented.log,
            item.commented.record,
            item.commented.comment.kind,
            item.commented.comment.text,
            bytes.fromhex(item.commented.comment.accepts or "") or None,
            item.withdrawn,
        )
        for entry_id, item in model.comments.items()
    }
    assert uses == {key: (item.entry_id, item.use.note) for key, item in model.uses.items()}
    assert helped == {
        key: (item.entry_id, item.helped.reused) for key, item in model.helped.items()
    }
    assert interests == {
        key: (item.entry_id, item.interest.note) for key, item in model.interests.items()
    }


async def assert_statements_equal(database: Database, model: Memory) -> None:
    """Profiles, introductions, and what cannot be read."""
    profiles = {row.log_id: row.name for row in await rows_of(database, schema.profiles)}
    introductions = {
        (row.log_id, row.introduced): (row.entry_id, row.name)
        for row in await rows_of(database, schema.introductions)
    }
    unreadable = await rows_of(database, schema.unreadable)

    assert profiles == {log: profile.name for log, profile in model.profiles.items()}
    assert introductions == {
        key: (item.entry_id, item.introduction.name) for key, item in model.introductions.items()
    }
    assert {row.entry_id: (row.log_id, row.kind, row.reason) for row in unreadable} == {
        entry_id: (item.log, item.kind, item.reason) for entry_id, item in model.unreadable.items()
    }
    assert {
        row.entry_id: row.withdrawn for row in unreadable if row.withdrawn is not None
    } == model.lost_withdrawn


async def test_the_lag_is_known(database: Database) -> None:
    """How many entries are not shown yet can be told, also before the first step."""
    maker = LogMaker(1)
    maker.extend(5)
    await store(database, maker)
    projections = Projections(database)
    lags = [await projections.lag()]
    while await projections.catch_up(4):
        lags.append(await projections.lag())

    assert lags == [6, 2, 0]


async def test_a_restart_goes_on_where_it_stopped(database_location: str) -> None:
    """The cursor is stored with the rows: nothing is applied twice or left out."""
    makers = some_logs(Random(4))
    first = await Database.open(database_location)
    await store(first, *makers)
    await Projections(first).catch_up(7)
    await first.close()
    second = await Database.open(database_location)
    projections = Projections(second)
    await catch_up(projections)
    continued = await projections.digest()
    await projections.rebuild()

    assert continued == await projections.digest()
    await second.close()


async def test_an_interrupted_rebuild_is_continued(database: Database) -> None:
    """A rebuild cut short anywhere ends in the same digest after catching up."""
    await store(database, *some_logs(Random(5)))
    projections = Projections(database)
    await projections.rebuild()
    whole = await projections.digest()
    async with database.write() as connection:
        for table in (*schema.PROJECTIONS, schema.projected_logs):
            await connection.execute(table.delete())
    await projections.catch_up(11)
    await catch_up(projections)

    assert await projections.digest() == whole


async def test_a_new_meaning_rebuilds_by_itself(database: Database) -> None:
    """Projections of an older version of the program are dropped and derived anew."""
    await store(database, *some_logs(Random(6)))
    projections = Projections(database)
    await catch_up(projections)
    whole = await projections.digest()
    async with database.write() as connection:
        await connection.execute(update(schema.projection_state).values(version=0))
        await connection.execute(update(schema.records).values(title="gammal tolkning"))
    assert await projections.lag() > 0
    await catch_up(projections)

    assert await projections.digest() == whole


async def test_a_damaged_entry_is_not_shown(database: Database) -> None:
    """What the disk has changed is never projected, and what holds it up is known by its number."""
    maker = LogMaker(1)
    write(maker, "experience", an_experience())
    await store(database, maker)
    await spoil_run(database, maker.log, 1)

    projections = Projections(database)
    assert await projections.catch_up() == 0
    assert await projections.reached(maker.log) == 0
    with pytest.raises(DamagedLogError, match="entry 1"):
        await projections.require_reach(maker.log, 1)


async def test_answers_may_come_before_what_they_answer(database: Database) -> None:
    """A use and a comment that arrive before their record count as soon as it is here."""
    author, reader = LogMaker(1, code="1498"), LogMaker(2, code="1497", name="Hjo kommun")
    record = write(author, "experience", an_experience()).entry.id
    write(reader, "use", Use(record=record.hex()))
    write(reader, "comment", Comment(record=record.hex(), text="Tack"))
    projections, queries = Projections(database), record_queries(database)
    await store(database, reader)
    await catch_up(projections)
    assert await queries.record(record) is None
    await store(database, author)
    await catch_up(projections)
    detail = await queries.record(record)

    assert detail is not None
    assert [use.municipality for use in detail.uses] == ["Hjo kommun"]
    texts = await queries.comment_texts([comment.entry_id for comment in detail.comments])
    assert list(texts.values()) == ["Tack"]


@pytest.mark.parametrize("step", [1, 100])
async def test_withdrawing_an_older_use_leaves_the_newer(database: Database, step: int) -> None:
    """Only the entry that wrote a use takes it back, whether in one batch with it or later."""
    maker = LogMaker(1)
    first = write(maker, "use", Use(record=maker.log.hex(), since_year=2020)).entry.id
    write(maker, "use", Use(record=maker.log.hex(), since_year=2024))
    write(maker, "withdraw", Withdraw(target=first.hex(), reason="Fel år"))
    await store(database, maker)
    while await Projections(database).catch_up(step):
        pass

    assert [row.since_year for row in await rows_of(database, schema.uses)] == [2024]


async def test_a_clock_that_is_ahead_does_not_pin_a_record(database: Database) -> None:
    """A signed time in the future is shown as the time of arrival."""
    ahead = LogMaker(1, start_ms=RECEIVED_MS + 10**12)
    record = write(ahead, "experience", an_experience()).entry.id
    await store(database, ahead)
    await catch_up(Projections(database))
    detail = await record_queries(database).record(record)

    assert detail is not None
    assert detail.row.published_ms == detail.row.changed_ms == detail.shown_ms == RECEIVED_MS


async def test_content_no_database_would_take_is_only_unreadable(database: Database) -> None:
    """Content made to break the tables is listed as unreadable, and everything goes on."""
    maker = LogMaker(1)
    for content in (b'{"\\u0000":1}', b"\x00", b'{"schema":1,"\\ud800":1}', b"[" * 500):
        write(maker, "experience", content)
    record = write(maker, "experience", an_experience()).entry.id
    await store(database, maker)
    await catch_up(Projections(database))

    assert len(await rows_of(database, schema.unreadable)) == 4
    assert await record_queries(database).record(record) is not None


async def test_standing_does_not_change_what_is_projected(database: Database) -> None:
    """Blocking hides at reading; the rows stay, so lifting a block needs no rebuild."""
    makers = some_logs(Random(7))
    log_store = await store(database, *makers)
    projections = Projections(database)
    await catch_up(projections)
    before = await projections.digest()
    await log_store.set_standing(makers[0].log, Standing.BLOCKED, "Fel", now_ms=1)

    assert await projections.digest() == before
