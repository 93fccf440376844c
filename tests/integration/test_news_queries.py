"""What is new for a reader, compared with the plainest reading of the rules, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import select, update

from content_factories import an_experience
from factories import START_MS, LogMaker
from fold_memory import Memory, Record
from protocol.content import Comment, Helped, Interest, Use, Withdraw
from protocol.content.experience import Product
from protocol.directory import Standing
from record_network import a_network, some_filters
from search_model import finds
from storage import news_queries
from storage.database import Database
from storage.log_store import LogStore
from storage.news_queries import NewsQueries
from storage.news_views import Concerns, NewsItem, Since
from storage.record_views import MEMBERS, NO_ACCEPTED, NO_ANSWER, PUBLIC, RecordFilter
from storage.schema import comments, helped, interests, record_versions, uses
from storage.search.documents import month_of, year_of
from storage_factories import RECEIVED_MS, project, record_queries, search_of, store, write

EVER = Since(0)


async def stored(database: Database, *makers: LogMaker, received_ms: int = RECEIVED_MS) -> None:
    """Store and project whole logs."""
    await store(database, *makers, received_ms=received_ms)
    await project(database)


def a_record(maker: LogMaker, **changes: object) -> str:
    """Write a record; returns its id."""
    return write(maker, "experience", an_experience(**changes)).entry.id.hex()


def kinds(items: list[NewsItem]) -> list[str]:
    """What kinds of news there are, in order of the alphabet."""
    return sorted(item.kind for item in items)


async def of(database: Database, concerns: Concerns, since: Since = EVER) -> list[NewsItem]:
    """All that is new for a reader."""
    return await NewsQueries(database, search_of(database)).items(concerns, since, 10_000)


async def test_everything_that_answers_our_own_records_is_news(database: Database) -> None:
    """Comments, answers, uses and interests of others to our records; our own acts are not."""
    own, hjo = LogMaker(1), LogMaker(2, code="1497", name="Hjo kommun")
    record = a_record(own)
    a_record(hjo)
    question = write(hjo, "comment", Comment(record=record, text="Hur?", kind="question"))
    answer_to = question.entry.id.hex()
    write(own, "comment", Comment(record=record, text="Så.", kind="answer", answer_to=answer_to))
    write(hjo, "comment", Comment(record=record, text="Tack."))
    write(hjo, "use", Use(record=record))
    write(hjo, "interest", Interest(record=record, interest="samverka"))
    write(hjo, "interest", Interest(record=record, interest="planerar"))
    write(hjo, "helped", Helped(record=record))
    await stored(database, own, hjo)
    items = await of(database, Concerns(own.log))

    assert kinds(items) == ["comment", "helped", "planerar", "question", "samverka", "use"]
    assert {item.municipality for item in items} == {"Hjo kommun"}
    assert {item.record_id.hex() for item in items} == {record}
    assert all(item.is_to_us for item in items)


async def test_an_answer_to_our_question_elsewhere_is_news(database: Database) -> None:
    """Who asked at another's record hears of the answer, and that an own answer helped."""
    own, hjo = LogMaker(1), LogMaker(2, code="1497", name="Hjo kommun")
    record = a_record(hjo, type="fraga")
    ours = write(own, "comment", Comment(record=record, text="Hur?", kind="question"))
    ours_id = ours.entry.id.hex()
    write(hjo, "comment", Comment(record=record, text="Så.", kind="answer", answer_to=ours_id))
    write(hjo, "comment", Comment(record=record, accepts=ours_id))
    await stored(database, own, hjo)

    assert kinds(await of(database, Concerns(own.log))) == ["accepted", "answer"]


async def test_only_who_asked_says_that_an_answer_helped(database: Database) -> None:
    """A third municipality's mark is no news, as it is nothing on the record's page."""
    own, hjo, skara = LogMaker(1), LogMaker(2, code="1497"), LogMaker(3, code="1495")
    record = a_record(hjo, type="fraga")
    ours = write(own, "comment", Comment(record=record, text="Vi.", kind="answer"))
    write(skara, "comment", Comment(record=record, accepts=ours.entry.id.hex()))
    await stored(database, own, hjo, skara)

    assert await of(database, Concerns(own.log)) == []


async def test_a_followed_municipality_is_followed_wherever_it_writes(database: Database) -> None:
    """Its records, what others say about them, and what it says elsewhere; nothing else."""
    own, hjo, skara = LogMaker(1), LogMaker(2, code="1497"), LogMaker(3, code="1495")
    theirs, others = a_record(hjo), a_record(skara)
    write(skara, "use", Use(record=theirs))
    write(hjo, "comment", Comment(record=others, text="Hej."))
    write(skara, "comment", Comment(record=others, text="Eget."))
    await stored(database, own, hjo, skara)
    concerns = Concerns(own.log, filters={RecordFilter(municipality="1497"): 0})

    assert kinds(await of(database, concerns)) == ["comment", "record", "use"]


async def test_what_is_withdrawn_or_hidden_is_no_news(database: Database) -> None:
    """A withdrawn record, comment or use leaves no trace, nor does a blocked municipality."""
    own, hjo = LogMaker(1), LogMaker(2, code="1497")
    record = a_record(own)
    for kind, content in (
        ("comment", Comment(record=record, text="Fel.")),
        ("use", Use(record=record)),
        ("experience", an_experience()),
    ):
        target = write(hjo, kind, content).entry.id.hex()
        write(hjo, "withdraw", Withdraw(target=target, reason="Fel."))
    write(hjo, "comment", Comment(record=record, text="Rätt."))
    await stored(database, own, hjo)
    concerns = Concerns(own.log, filters={RecordFilter(municipality="1497"): 0})
    assert kinds(await of(database, concerns)) == ["comment"]
    await LogStore(database).set_standing(
        hjo.log, Standing.BLOCKED, reason="test", now_ms=RECEIVED_MS
    )

    assert await of(database, concerns) == []


async def test_late_arrival_is_news_when_it_comes(database: Database) -> None:
    """What was written long ago and arrives today is new today, and only then."""
    own, hjo = LogMaker(1), LogMaker(2, code="1497")
    record = a_record(hjo)
    await stored(database, own, hjo, received_ms=RECEIVED_MS)
    write(hjo, "experience", an_experience(title="Exempel: ny", replaces=record))
    await stored(database, hjo, received_ms=RECEIVED_MS + 5_000)
    concerns = Concerns(own.log, records={bytes.fromhex(record): 0})
    late = await of(database, concerns, Since(RECEIVED_MS))

    assert [(item.kind, item.received_ms) for item in late] == [("version", RECEIVED_MS + 5_000)]
    assert late[0].shown_ms < RECEIVED_MS
    assert kinds(await of(database, concerns, Since(0, RECEIVED_MS))) == ["record"]
    assert await of(database, concerns, Since(RECEIVED_MS + 5_000)) == []


async def test_what_came_before_one_followed_is_no_news(database: Database) -> None:
    """A record or a list is news from when it is followed; answers to us always are."""
    own, hjo = LogMaker(1), LogMaker(2, code="1497")
    ours, theirs = a_record(own), a_record(hjo)
    write(hjo, "comment", Comment(record=ours, text="Hej."))
    await stored(database, own, hjo)
    for after_ms, found in ((RECEIVED_MS - 1, ["comment", "record"]), (RECEIVED_MS, ["comment"])):
        by_id = Concerns(own.log, records={bytes.fromhex(theirs): after_ms})
        by_list = Concerns(own.log, filters={RecordFilter(area="aldre"): after_ms})
        assert kinds(await of(database, by_id)) == found
        assert kinds(await of(database, by_list)) == found


async def test_years_and_what_is_open_are_followed_as_they_are_listed(database: Database) -> None:
    """A list of a year, or of what is open for collaboration, holds the same news as records, also
    together with words.
    """
    own, hjo = LogMaker(1), LogMaker(2, code="1497")
    a_record(hjo, title="Exempel: nyckel", collaboration_open=True)
    a_record(hjo, title="Exempel: nyckel")
    await stored(database, own, hjo)
    queries = record_queries(database)
    everything = await queries.list_records(RecordFilter())
    year = year_of(everything.rows[0].published_ms)
    for count, wanted in (
        (1, RecordFilter(collaboration_open=True)),
        (2, RecordFilter(year=str(year))),
        (0, RecordFilter(year=str(year - 1))),
        (1, RecordFilter(text="nyckel", collaboration_open=True, year=str(year))),
        (0, RecordFilter(text="nyckel", year=str(year - 1))),
    ):
        listed = (await queries.list_records(wanted)).rows
        items = await of(database, Concerns(own.log, filters={wanted: 0}))
        assert {item.record_id for item in items} == {row.record_id for row in listed}
        assert len(items) == count


async def test_any_list_is_followed_as_it_is_listed(database: Database) -> None:
    """Of products, suppliers, months and questions that wait: what is listed is news, and what is
    not is none."""
    own, hjo, skara = LogMaker(1), LogMaker(2, code="1497"), LogMaker(3, code="1495")
    switch = Product(name="Exempelväxeln", supplier="Exempel AB")
    a_record(hjo, title="Exempel: växel", products=(switch,))
    a_record(skara, title="Exempel: annan", products=(Product(name="Exempelväxeln Pro"),))
    _, answered, solved = (a_record(hjo, type="fraga") for _ in range(3))
    for question in (answered, solved):
        write(skara, "comment", Comment(record=question, text="Så.", kind="answer"))
    helped_by = skara.envelopes[-1].entry.id.hex()
    write(hjo, "comment", Comment(record=solved, accepts=helped_by))
    await stored(database, own, hjo, skara)
    month = month_of(START_MS)
    expected = {
        RecordFilter(product="exempelväxeln"): 1,
        RecordFilter(product="exempelv"): 2,
        RecordFilter(supplier="EXEMPEL AB", municipality="1497"): 1,
        RecordFilter(supplier="Exempel AB", municipality="1495"): 0,
        RecordFilter(answers=NO_ANSWER): 1,
        RecordFilter(answers=NO_ACCEPTED): 2,
        RecordFilter(answers=NO_ACCEPTED, text="växel"): 0,
        RecordFilter(text="växel", product="exempelväxeln", year=month): 1,
        RecordFilter(year=month): 5,
        RecordFilter(year="1999-01"): 0,
    }
    for wanted, count in expected.items():
        items = await of(database, Concerns(own.log, filters={wanted: 0}))
        listed = await record_queries(database).list_records(wanted, visible=MEMBERS)

        assert {item.record_id for item in items} == {row.record_id for row in listed.rows}
        assert listed.total == count


async def test_the_public_hears_nothing_of_what_is_for_members(database: Database) -> None:
    """A record for member municipalities, and all about it, is news for members only."""
    own, hjo = LogMaker(1), LogMaker(2, code="1497")
    record = a_record(hjo, visibility="federation")
    write(hjo, "comment", Comment(record=record, text="Hej."))
    await stored(database, own, hjo)
    concerns = Concerns(own.log, filters={RecordFilter(municipality="1497"): 0})
    queries = NewsQueries(database, search_of(database))

    assert await queries.items(concerns, EVER, 100, visible=PUBLIC) == []
    assert kinds(await queries.items(concerns, EVER, 100, visible=MEMBERS)) == ["comment", "record"]
    assert await queries.count(concerns, EVER, visible=PUBLIC) == 0


async def test_no_more_than_the_window_is_looked_through(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the newest arrivals of a kind nothing is looked for, so a flood costs no more."""
    monkeypatch.setattr(news_queries, "WINDOW_ENTRIES", 10)
    own, hjo = LogMaker(1), LogMaker(2, code="1497")
    records = [a_record(hjo) for _ in range(30)]
    await stored(database, own, hjo)
    concerns = Concerns(own.log, records={bytes.fromhex(one): 0 for one in records})

    assert len(await of(database, concerns)) == 10
    assert await NewsQueries(database, search_of(database)).count(concerns, EVER) == 10


async def test_own_entries_take_no_room_in_the_window(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has written more than the window holds still hears of what others did before."""
    monkeypatch.setattr(news_queries, "WINDOW_ENTRIES", 10)
    monkeypatch.setattr(news_queries, "NEWEST_ENTRIES", 5)
    own, hjo = LogMaker(1), LogMaker(2, code="1497")
    record = a_record(own)
    write(hjo, "comment", Comment(record=record, text="Hej."))
    await stored(database, own, hjo)
    for _ in range(30):
        write(own, "comment", Comment(record=record, text="Eget."))
    await stored(database, own, received_ms=RECEIVED_MS + 1)
    queries = NewsQueries(database, search_of(database))
    items, unread = await queries.items_and_count(Concerns(own.log), EVER, 10, EVER)

    assert (kinds(items), unread) == (["comment"], 1)
    assert await queries.count(Concerns(own.log), EVER, enough=100) == 1


async def spread(database: Database, random: Random) -> None:
    """Let entries have come at different times, some of them together."""
    async with database.write() as connection:
        for table in (record_versions, comments, uses, interests, helped):
            for row in (await connection.execute(select(table.c.entry_id))).all():
                came_ms = RECEIVED_MS + random.randrange(60)
                statement = update(table).where(table.c.entry_id == row.entry_id)
                await connection.execute(statement.values(received_ms=came_ms))


@pytest.mark.parametrize("seed", range(3))
async def test_looking_at_the_newest_first_finds_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A page of news, and its count, are the same whether all is looked through at once or not."""
    network, random = await a_network(database, 100 + seed, entries=200), Random(seed)
    codes = [f"14{maker.number:02}" for maker in network.makers[1:]]
    filters = {RecordFilter(municipality=code): 0 for code in random.sample(codes, 2)}
    concerns = Concerns(network.makers[0].log, filters=filters)
    await spread(database, random)
    whole = await of(database, concerns)
    assert len({item.received_ms for item in whole}) > 10
    queries = NewsQueries(database, search_of(database))
    for _ in range(20):
        limit, seen_ms = random.randrange(1, 12), random.choice(whole[:30]).received_ms
        monkeypatch.setattr(news_queries, "NEWEST_ENTRIES", random.randrange(1, 60))
        items, unread = await queries.items_and_count(concerns, EVER, limit, Since(seen_ms))

        assert items == whole[:limit]
        assert unread == sum(item.received_ms > seen_ms for item in whole)


def follows(concerns: Concerns, record_id: bytes, record: Record, code: str) -> bool:
    """Whether a record is among what is followed, by itself or in a list."""
    experience = record.versions[-1].experience
    return record_id in concerns.records or any(
        f"{experience.area}.".startswith(f"{one.area}." if one.area else "")
        and one.type in ("", experience.type)
        and one.status in ("", experience.status)
        and one.municipality in ("", code)
        and (one.codes is None or code in one.codes)
        and one.year in ("", str(year_of(record.versions[0].time_ms)))
        and (experience.collaboration_open or not one.collaboration_open)
        and finds(one.text, experience)
        for one in concerns.filters
        if one != RecordFilter()
    )


def acts(model: Memory, record_id: bytes, record: Record) -> Iterator[tuple[bytes, bytes, bytes]]:
    """All that happened to a record: whose act, its entry, and whom it answers."""
    for version in record.versions:
        yield record.log, version.entry_id, record.log
    for held in model.comments.values():
        said = held.commented
        if held.withdrawn is None and said.record == record_id:
            target = said.comment.answer_to or said.comment.accepts or ""
            answered = model.comments.get(bytes.fromhex(target))
            if said.comment.text is not None or said.log == record.log:
                yield said.log, said.entry_id, answered.commented.log if answered else b""
    for change in (*model.uses.values(), *model.interests.values(), *model.helped.values()):
        if change.record == record_id:
            yield change.log, change.entry_id, b""


def expected(model: Memory, codes: dict[bytes, str], concerns: Concerns) -> set[bytes]:
    """Ids of all entries that are news, by the plainest reading of the rules."""
    own, found = concerns.own_log, set()
    followed = {
        one.municipality
        for one in concerns.filters
        if one.municipality and one == RecordFilter(municipality=one.municipality)
    }
    for record_id, record in model.records.items():
        if record.withdrawn is None:
            of_record = record.log == own or follows(concerns, record_id, record, codes[record.log])
            for log, entry_id, answered in acts(model, record_id, record):
                concerning = of_record or answered == own or codes[log] in followed
                if concerning and (log != own or codes[own] in followed):
                    found.add(entry_id)
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_news_are_what_the_rules_say(database: Database, seed: int) -> None:
    """Whatever one follows in a random network, the queries find exactly what a plain reading of
    the logs finds, in order of arrival, and count the same.
    """
    network, random = await a_network(database, seed, entries=200), Random(seed)
    codes = {maker.log: f"14{maker.number:02}" for maker in network.makers}
    records = sorted(network.model.records)
    this_year = str(year_of(network.model.records[records[0]].versions[0].time_ms))
    for _ in range(12):
        filters = tuple(
            replace(
                one,
                year=random.choice(["", "", this_year, "1999"]),
                collaboration_open=random.random() < 0.2,
            )
            for one in some_filters(random, random.randrange(3))
        )
        municipalities = random.sample(sorted(codes.values()), random.randrange(2))
        concerns = Concerns(
            network.makers[0].log,
            records=dict.fromkeys(random.sample(records, random.randrange(4)), 0),
            filters=dict.fromkeys(filters, 0)
            | {RecordFilter(municipality=code): 0 for code in municipalities},
        )
        items = await of(database, concerns)
        order = [(item.received_ms, item.entry_id) for item in items]

        assert {item.entry_id for item in items} == expected(network.model, codes, concerns)
        assert order == sorted(order, reverse=True)
        assert await NewsQueries(database, search_of(database)).count(concerns, EVER) == len(items)
