"""A branch that ends in a rotation takes the place of another: in one step, on both databases."""

from __future__ import annotations

import pytest

from factories import START_MS, LogMaker, verified
from protocol.chain import verify_run
from protocol.directory import Standing
from storage.appending import NewRun
from storage.database import Database
from storage.errors import AppendError
from storage.log_store import LogStore
from storage.projections import Projections
from storage.settings_store import EPOCH, SettingsStore
from storage.settling import SetAside, SettlingStore
from storage_factories import store, whole_log

NOW_MS = START_MS + 9
NEW_EPOCH = bytes(range(16))


def branches(common: int, theirs: int, ours: int) -> tuple[LogMaker, LogMaker]:
    """Two branches of one log with `common` entries after the first; the second ends in a
    rotation."""
    loser = LogMaker()
    loser.extend(common)
    winner = loser.fork()
    for number in range(theirs):
        loser.append(content=b'{"schema":1,"theirs":%d}' % number)
    for number in range(ours):
        winner.append(content=b'{"schema":1,"ours":%d}' % number)
    winner.rotate()
    return loser, winner


def settling(loser: LogMaker, winner: LogMaker, common: int) -> NewRun:
    """What is to follow the last common entry."""
    base = verify_run(None, loser.log, loser.envelopes[: common + 1]).head
    return NewRun.of(verified(loser.log, winner.envelopes[common + 1 :], base))


@pytest.mark.parametrize("ours", [0, 3, 20])
@pytest.mark.parametrize("theirs", [0, 1, 8])
async def test_the_branch_takes_the_place(database: Database, theirs: int, ours: int) -> None:
    """Whatever the lengths: the log is the branch, what gave way is kept, pages are made anew."""
    loser, winner = branches(4, theirs, ours)
    log_store = await store(database, loser)  # all of it in one run, which has to be cut
    await log_store.freeze(loser.log, b"proof", 6)
    projections = Projections(database)
    while await projections.catch_up():
        pass
    settler, new = SettlingStore(database), settling(loser, winner, 4)
    given_way = await settler.settle(
        loser.head, new, 5, frozen=False, epoch=NEW_EPOCH, now_ms=NOW_MS
    )

    assert given_way == theirs
    assert await whole_log(log_store, loser.log, 3) == winner.envelopes
    row = await log_store.log(loser.log)
    assert row is not None
    assert (row.head, row.frozen) == (winner.head, False)
    assert await log_store.key_events(loser.log) == (winner.envelopes[0], winner.envelopes[-1])
    assert await settler.read(loser.log) == loser.envelopes[5:]
    expected = [SetAside(loser.log, theirs, NOW_MS)] if theirs else []
    assert await settler.set_aside() == expected
    epoch = await SettingsStore(database).get(EPOCH)
    assert (epoch == NEW_EPOCH.hex()) is bool(theirs)
    while await projections.catch_up():
        pass
    assert await projections.reached(loser.log) == winner.head.sequence


async def test_a_log_that_has_moved_is_left_alone(database: Database) -> None:
    """A branch that was checked against another head changes nothing at all."""
    loser, winner = branches(4, 3, 1)
    log_store = await store(database, loser)
    stale = loser.head._replace(sequence=loser.head.sequence - 1, id=bytes(32))
    with pytest.raises(AppendError):
        await SettlingStore(database).settle(
            stale, settling(loser, winner, 4), 5, frozen=False, epoch=NEW_EPOCH, now_ms=NOW_MS
        )

    assert await whole_log(log_store, loser.log, 3) == loser.envelopes
    assert await SettlingStore(database).read(loser.log) == []


async def test_small_runs_give_way_whole(database: Database) -> None:
    """Entries that lie one by one, as they came live, move as they are."""
    loser, winner = branches(4, 5, 0)
    log_store = LogStore(database)
    head = None
    for envelope in loser.envelopes:
        result = verified(loser.log, [envelope], head)
        await log_store.append_run(result, standing=Standing.MEMBER, received_ms=NOW_MS)
        head = result.head
    settler = SettlingStore(database)
    new = settling(loser, winner, 4)
    await settler.settle(loser.head, new, 5, frozen=True, epoch=NEW_EPOCH, now_ms=NOW_MS)

    assert await whole_log(log_store, loser.log, 3) == winner.envelopes
    assert await settler.read(loser.log) == loser.envelopes[5:]
    row = await log_store.log(loser.log)
    assert row is not None
    assert row.frozen
