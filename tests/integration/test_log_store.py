"""The log as stored: everything comes back as it was verified, or with a clear error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

import pytest
from sqlalchemy import delete, func, select, update

from factories import LogMaker
from protocol.chain import verify_run
from protocol.directory import LogView, Standing
from protocol.entry import Envelope
from protocol.errors import LocalError
from protocol.run import decode_run, pack_runs
from storage.appending import NewRun
from storage.database import Database
from storage.errors import AppendError, DamagedLogError, StandingError
from storage.log_store import LogStore
from storage.prepared import Steps
from storage.run_rows import find_log, find_places, read_places
from storage.schema import logs, runs
from storage.stored_run import StoredRun, arrival_times_ms, encode_received, run_digest
from storage_factories import (
    RECEIVED_MS,
    deliver,
    run_of,
    some_logs,
    spoil_run,
    store,
    store_singly,
    whole_log,
)


@pytest.mark.parametrize("seed", range(3))
async def test_logs_come_back_byte_for_byte(database: Database, seed: int) -> None:
    """However runs were batched and mixed, each log reads back as it was written."""
    print(f"seed={seed}")
    random = Random(seed)
    makers = some_logs(random)
    log_store = LogStore(database)
    await deliver(log_store, makers, random)

    for maker in makers:
        assert await whole_log(log_store, maker.log, 7) == maker.envelopes


async def test_the_directory_survives_a_restart(database_location: str) -> None:
    """Standings, heads, key histories, frozen marks and neighbours load as they were."""
    first = await Database.open(database_location)
    makers = some_logs(Random(1))
    log_store = await store(first, *makers)
    stranger = bytes(32)
    await log_store.introduce(stranger, "1499", "Falköping", introduced_by=makers[0].log, now_ms=5)
    await log_store.freeze(makers[1].log, b"proof", 6)
    await first.close()
    second = await Database.open(database_location)
    directory = await LogStore(second).load_directory()
    await second.close()

    views = {view.log: view for view in directory.views()}
    assert views == {
        makers[0].log: LogView(makers[0].log, Standing.MEMBER, makers[0].head, False),
        makers[1].log: LogView(makers[1].log, Standing.MEMBER, makers[1].head, True),
        makers[2].log: LogView(makers[2].log, Standing.MEMBER, makers[2].head, False),
        stranger: LogView(stranger, Standing.INTRODUCED, None, False),
    }


async def test_a_batch_is_stored_wholly_or_not_at_all(database: Database) -> None:
    """One run that does not continue its log keeps the others of its transaction out, too."""
    good, bad = some_logs(Random(2), logs=2)
    log_store = LogStore(database)
    for maker in (good, bad):
        await log_store.set_standing(maker.log, Standing.MEMBER, now_ms=1)
    gap = verify_run(run_of(bad, None, 2).head, bad.log, bad.envelopes[2:5])

    with pytest.raises(AppendError):
        await log_store.append_batch([NewRun.of(run_of(good, None)), NewRun.of(gap)], RECEIVED_MS)

    async with database.read() as connection:
        assert (await connection.scalar(select(func.count()).select_from(runs))) == 0
    assert [row.head for row in await log_store.logs()] == [None, None]


async def test_a_spoiled_key_history_hides_no_log(database: Database) -> None:
    """Logs are listed without reading their keys; whoever needs those is told of the damage."""
    (maker,) = some_logs(Random(3), logs=1)
    log_store = await store(database, maker)
    async with database.write() as connection:
        await connection.execute(update(logs).values(keys=b"spoiled"))
    (row,) = await log_store.logs()

    assert (row.log, row.sequence) == (maker.log, len(maker.envelopes))
    with pytest.raises(DamagedLogError, match="key history"):
        _ = row.head


async def test_only_notes_of_blocks_are_for_everybody(database: Database) -> None:
    """A blocked log with a note is told of; one without, or one that is accepted again, is not."""
    log_store = LogStore(database)
    noted, silent, lifted = (bytes([number]) * 32 for number in (1, 2, 3))
    for log, note in ((noted, "Exempel"), (silent, ""), (lifted, "Exempel")):
        named = {"code": "1497", "name": "Hjo kommun", "now_ms": 1}
        await log_store.set_standing(log, Standing.BLOCKED, "x", public_note=note, **named)
    await log_store.set_standing(lifted, Standing.MEMBER, now_ms=2)

    assert await log_store.noted_blocks() == [("1497", "Hjo kommun", "Exempel")]


async def test_the_same_run_twice_is_refused(database: Database) -> None:
    """A run already stored does not continue the log: it is refused, not stored again."""
    (maker,) = some_logs(Random(3), logs=1)
    log_store = await store(database, maker)

    with pytest.raises(AppendError, match="does not continue"):
        await log_store.append_batch([NewRun.of(run_of(maker, None))], RECEIVED_MS)


async def test_two_histories_are_never_mixed(database: Database) -> None:
    """A run of a fork is refused next to the disk, even if everything before let it through."""
    maker = LogMaker(1)
    maker.extend(3)
    twin = maker.fork()
    maker.append(content=b'{"schema":1,"ours":1}')
    twin.extend(2)
    log_store = await store(database, maker)
    foreign = verify_run(run_of(twin, None, 5).head, twin.log, twin.envelopes[5:])

    with pytest.raises(AppendError, match="does not continue"):
        await log_store.append_batch([NewRun.of(foreign)], RECEIVED_MS)


async def test_an_unknown_log_is_refused(database: Database) -> None:
    """Entries of a log nobody decided about are not stored."""
    run = NewRun.of(run_of(LogMaker(1), None))
    with pytest.raises(AppendError, match="not known"):
        await LogStore(database).append_batch([run], RECEIVED_MS)


async def test_runs_are_bounded_in_bytes(database: Database) -> None:
    """A run ends before it exceeds the bytes asked for, but always makes progress."""
    maker = LogMaker(1)
    for number in range(250):
        maker.append(content=b"%d" % number + b" " * (40 * number))
    log_store = await store(database, maker)
    for bytes_max in (1, 5_000, 100_000, 10**7):
        run = await log_store.read_run(maker.log, 3, 10**6, bytes_max)
        size_bytes = sum(len(entry.raw) + len(body.content) for entry, body in run if body)

        assert run == maker.envelopes[3 : 3 + len(run)]
        assert len(run) == 1 or size_bytes <= bytes_max
    assert len(run) == len(maker.envelopes) - 3


async def test_a_run_ends_where_it_was_asked_to(database: Database) -> None:
    """Entries after one number through another are returned, and none beyond."""
    maker = LogMaker(1)
    maker.extend(9)
    log_store = await store(database, maker)

    assert await log_store.read_run(maker.log, 2, 5) == maker.envelopes[2:5]
    assert await log_store.read_run(maker.log, 10, 20) == []
    assert await log_store.read_run(bytes(32), 0, 20) == []


async def test_entries_are_found_by_number(database: Database) -> None:
    """One entry can be had by its place; a place without an entry gives None."""
    maker = LogMaker(1)
    maker.extend(5)
    log_store = await store(database, maker)
    wanted = maker.envelopes[3]

    assert await log_store.entry(maker.log, 4) == wanted
    assert await log_store.entry(maker.log, 7) is None


async def test_key_events_alone(database: Database) -> None:
    """The first entry and the rotations are returned, in order, without what lies between."""
    maker = LogMaker(1)
    maker.extend(2)
    maker.rotate()
    maker.extend(2)
    maker.rotate()
    log_store = await store(database, maker)
    found = await log_store.key_events(maker.log)

    assert list(found) == [item for item in maker.envelopes if item.entry.is_key_event]
    assert await log_store.key_events(bytes(32)) == ()


async def test_erased_content_stays_erased(database: Database) -> None:
    """An entry without its content is stored and read back without it."""
    maker = LogMaker(1)
    maker.extend(2)
    bare = [maker.envelopes[0], Envelope(maker.envelopes[1].entry, None), maker.envelopes[2]]
    result = verify_run(None, maker.log, bare, missing_content_allowed=True)
    log_store = LogStore(database)
    await log_store.append_run(result, standing=Standing.MEMBER, received_ms=RECEIVED_MS)

    assert await whole_log(log_store, maker.log, 7) == bare


DAMAGE = {
    "one bit of the payload": {},
    "the payload": {"payload": b"\x28\xb5\x2f\xfd"},
    "the digest": {"digest": bytes(32)},
    "the number of entries": {"entry_count": 2},
    "the unfolded size": {"size_bytes": 1},
    "when it arrived": {"received": b"\x81\x82\x01\x00"},
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_changed_bytes_are_named(database: Database, what: str) -> None:
    """Whatever the disk changes in a run, nothing of it is read, sent or packed, and the error
    says where."""
    maker = LogMaker(1)
    maker.extend(6)
    log_store = await store_singly(database, maker)
    await spoil_run(database, maker.log, 4, **DAMAGE[what])

    readings: list[Callable[[], Awaitable[object]]] = [
        lambda: log_store.read_run(maker.log, 1, 7),
        lambda: log_store.packed_run(maker.log, 3, 4),
        lambda: log_store.packed_run(maker.log, 1, 7),
        lambda: log_store.entry(maker.log, 4),
        lambda: whole_log(log_store, maker.log, 7),
        lambda: log_store.pack(maker.log),
    ]
    for reading in readings:
        with pytest.raises(DamagedLogError, match=rf"entry [456] of log {maker.log.hex()}"):
            await reading()
    assert issubclass(DamagedLogError, LocalError)
    assert await log_store.read_run(maker.log, 0, 3) == maker.envelopes[:3]


async def test_swapped_and_missing_runs_are_named(database: Database) -> None:
    """A whole run in another's place, and a hole, are damage, too."""
    maker = LogMaker(1)
    maker.extend(6)
    log_store = await store_singly(database, maker)
    async with database.write() as connection:
        other = select(runs).where(runs.c.first_sequence == 5)
        row = dict((await connection.execute(other)).mappings().one())
        del row["first_sequence"]
        await connection.execute(update(runs).where(runs.c.first_sequence == 4).values(**row))
    with pytest.raises(DamagedLogError, match="entry 4 of"):
        await whole_log(log_store, maker.log, 7)
    for hole in (4, 7, 1):
        async with database.write() as connection:
            await connection.execute(delete(runs).where(runs.c.first_sequence == hole))
        with pytest.raises(DamagedLogError, match=rf"entry {hole} .* missing"):
            await log_store.read_run(maker.log, hole - 1, 7)


async def test_an_entry_of_another_history_is_named(database: Database) -> None:
    """A signed entry of the same log and number, but of a fork, does not pass for ours, even in a
    row that is sound in itself."""
    maker = LogMaker(1)
    maker.extend(2)
    stranger = maker.fork().append(content=b'{"schema":1,"theirs":1}')
    maker.extend(3)
    log_store = await store_singly(database, maker)
    (run,) = pack_runs([stranger])
    received = encode_received(1, RECEIVED_MS)
    row = {"received": received, "digest": run_digest(maker.log, run, received)}
    row |= {"payload": run.payload, "size_bytes": run.size_bytes}
    await spoil_run(database, maker.log, 4, **row)

    for batch in (5, 100):
        with pytest.raises(DamagedLogError, match=r"entry 5 .* does not follow"):
            await whole_log(log_store, maker.log, batch)


async def test_packing_changes_nothing_but_the_size(database: Database) -> None:
    """Entries that came singly lie in few runs afterwards: the same entries, arrived when they
    did, also when it is done again and again while the log grows."""
    maker = LogMaker(1)
    log_store = LogStore(database)
    head = None
    rows: list[int] = []
    for number in range(150):
        if number:
            maker.append(content=b'{"schema":1,"text":"%s"}' % (b"%d ord " % number * 40))
        run = run_of(maker, head, 1)
        head = run.head
        await log_store.append_run(run, standing=Standing.MEMBER, received_ms=number)
        if number % 32 == 31:
            assert await log_store.pack(maker.log)
        async with database.read() as connection:
            rows.append(await connection.scalar(select(func.count()).select_from(runs)) or 0)
    stored = await database.ask(lambda: _whole_rows(maker.log))
    times = [time for row in stored for time in arrival_times_ms(row)]

    assert max(rows) <= 33
    assert await whole_log(log_store, maker.log, 7) == maker.envelopes
    assert times == list(range(150))
    assert await log_store.pack(maker.log)
    assert not await log_store.pack(maker.log)


def _whole_rows(log: bytes) -> Steps[list[StoredRun]]:
    found = yield from find_log(log)
    assert found is not None
    places = yield from find_places(found, 0, found.head_sequence)
    return (yield from read_places(found, places))


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_handed_on_is_what_was_asked_for(database: Database, seed: int) -> None:
    """However a log lies, the run sent for any stretch of it holds its entries and no others, is
    within the protocol's bounds, and goes out as it lies when it lies so."""
    print(f"seed={seed}")
    random = Random(seed)
    maker = LogMaker(1)
    for number in range(120):
        maker.append(
            content=b'{"schema":1,"text":"%s"}' % random.randbytes(2 * number).hex().encode()
        )
    log_store = LogStore(database)
    await log_store.set_standing(maker.log, Standing.MEMBER, now_ms=1)
    head = None
    while head != maker.head:
        run = NewRun.of(run_of(maker, head, random.randint(1, 30)))
        head = run.result.head
        await log_store.append_batch([run], RECEIVED_MS)
        sent = await log_store.packed_run(maker.log, run.packed[0].first - 1, run.packed[0].last)
        assert sent == run.packed[0]
    for _ in range(30):
        after, through = sorted(random.sample(range(len(maker.envelopes) + 5), 2))
        bytes_max = random.choice((1, 3_000, 10**6))
        sent = await log_store.packed_run(maker.log, after, through, bytes_max)
        if sent is None:
            assert after >= len(maker.envelopes)
            continue
        assert sent.first == after + 1
        assert sent.last <= through
        assert decode_run(sent.payload) == maker.envelopes[after : sent.last]


async def test_names_come_from_the_first_entry(database: Database) -> None:
    """A log is called what it calls itself, not what its introducer said."""
    maker = LogMaker(1, code="1497", name="Hjo kommun")
    log_store = LogStore(database)
    await log_store.introduce(maker.log, "1499", "Falsk", introduced_by=bytes(32), now_ms=1)
    await log_store.set_standing(maker.log, Standing.MEMBER, now_ms=2)
    await store(database, maker)
    row = await log_store.log(maker.log)

    assert row is not None
    assert (row.code, row.name, row.introduced_by) == ("1497", "Hjo kommun", bytes(32))


async def test_a_block_needs_a_reason_and_introductions_do_not_lift_it(database: Database) -> None:
    """Only a person's decision changes a standing, and a block always says why."""
    log_store = LogStore(database)
    log = bytes(range(32))
    with pytest.raises(StandingError, match="reason"):
        await log_store.set_standing(log, Standing.BLOCKED, " ", now_ms=1)
    await log_store.set_standing(log, Standing.BLOCKED, "Falsk avsändare", now_ms=2)
    known = await log_store.introduce(log, "1498", "Tidaholm", introduced_by=bytes(32), now_ms=3)
    row = await log_store.log(log)

    assert known is False
    assert row is not None
    assert (row.standing, row.reason, row.standing_ms) == (Standing.BLOCKED, "Falsk avsändare", 2)


async def test_the_own_log_stays_the_own_log(database: Database) -> None:
    """No decision can turn our log into somebody else's, or the other way round."""
    log_store = LogStore(database)
    own, other = LogMaker(1), LogMaker(2)
    for maker, standing in ((own, Standing.OWN), (other, Standing.MEMBER)):
        await log_store.append_run(run_of(maker, None), standing=standing, received_ms=1)

    with pytest.raises(StandingError):
        await log_store.set_standing(own.log, Standing.BLOCKED, "Fel", now_ms=1)
    with pytest.raises(StandingError):
        await log_store.set_standing(other.log, Standing.OWN, now_ms=1)


async def test_fork_proofs_are_kept_once(database: Database) -> None:
    """A proof that arrives from many neighbours is kept once, with the log frozen."""
    maker = LogMaker(1)
    log_store = await store(database, maker)
    outcomes = [await log_store.freeze(maker.log, b"proof", time) for time in (1, 2)]

    assert outcomes == [True, False]
    assert [(fork.log, fork.proof, fork.found_ms) for fork in await log_store.forks()] == [
        (maker.log, b"proof", 1)
    ]
    with pytest.raises(StandingError):
        await log_store.freeze(bytes(32), b"proof of a stranger", 3)
