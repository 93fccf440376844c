"""A branch that ends in a rotation takes the place of another: in one step, on both databases."""

from __future__ import annotations

import pytest

from content_factories import an_experience
from factories import START_MS, LogMaker, verified
from protocol.chain import verify_run
from protocol.content import Comment
from protocol.directory import Standing
from storage.appending import NewRun
from storage.database import Database
from storage.errors import AppendError
from storage.log_store import LogStore
from storage.projections import Projections
from storage.record_queries import RecordQueries
from storage.record_views import MEMBERS, NO_ANSWER, Facets, RecordFilter
from storage.settings_store import EPOCH, SettingsStore
from storage.settling import SetAside, SettlingStore
from storage_factories import project, record_queries, search_of, store, whole_log, write

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


async def test_what_was_counted_is_counted_anew(database: Database) -> None:
    """Lists and questions that wait count what stands, also when as many entries gave way as came:
    an answer that gave way leaves a question of another log waiting again."""
    asker, loser = LogMaker(2, code="1498", name="Tidaholms kommun"), LogMaker()
    asked = write(asker, "experience", an_experience(type="fraga", title="Exempel: hur?"))
    winner = loser.fork()
    write(loser, "experience", an_experience(title="Exempel: falsk"))
    answer = Comment(record=asked.entry.id.hex(), text="Exempel: falskt svar", kind="answer")
    write(loser, "comment", answer)
    write(winner, "experience", an_experience(title="Exempel: äkta", area="skola.grundskola"))
    winner.rotate()
    await store(database, asker, loser)
    projections = Projections(database)
    queries = record_queries(database, projections.recent)
    await project(database, projections)
    before = await counts(queries)
    await SettlingStore(database).settle(
        loser.head, settling(loser, winner, 0), 1, frozen=False, epoch=NEW_EPOCH, now_ms=NOW_MS
    )
    projections.recent.forget()
    await search_of(database).begin_anew(NEW_EPOCH)
    await project(database, projections)

    assert loser.head.sequence == winner.head.sequence
    assert await counts(queries) == await counts(record_queries(database)) != before


async def counts(queries: RecordQueries) -> tuple[Facets, Facets]:
    """How many records there are of each kind, and of the questions that nobody has answered."""
    everything = await queries.facets(RecordFilter(), visible=MEMBERS)
    _, waiting = await queries.page_and_facets(RecordFilter(answers=NO_ANSWER), visible=MEMBERS)
    return everything, waiting


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
