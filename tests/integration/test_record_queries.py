"""What pages read: lists whose counts are true, indexes in use, nothing hidden that shows."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Comment, Experience, Interest, Profile, Use, Withdraw
from protocol.directory import Standing
from record_network import a_network, some_filters
from storage.database import Database
from storage.projections import Projections
from storage.record_views import MEMBERS, PUBLIC, RecordFilter
from storage.search.texts import plain, searchable_texts
from storage_factories import AREAS, CONTACT, project, record_queries, store, write


@pytest.mark.parametrize("seed", range(3))
async def test_lists_hold_what_the_filter_says(database: Database, seed: int) -> None:
    """For any filter the pages together are exactly the records that match, newest first."""
    network = await a_network(database, seed)
    for chosen in some_filters(Random(seed), 16):
        for visible in (PUBLIC, MEMBERS):
            expected = network.expected(chosen, visible)
            listed: list[bytes] = []
            for number in range(1, max(1, -(-len(expected) // 7)) + 1):
                wanted = replace(chosen, page=number, page_size=7)
                page = await network.queries.list_records(wanted, visible=visible)
                assert (page.total, page.page) == (len(expected), number)
                listed.extend(row.record_id for row in page.rows)

            assert listed == expected, chosen


@pytest.mark.parametrize("seed", range(20, 22))
async def test_every_count_equals_the_list_it_opens(database: Database, seed: int) -> None:
    """A number beside a choice is the total of the list that the choice opens."""
    network = await a_network(database, seed)
    queries = network.queries
    for chosen in some_filters(Random(seed), 6):
        first, facets = await queries.page_and_facets(chosen)
        assert first.total == len(network.expected(chosen))
        for field, counts in (
            ("area", facets.areas),
            ("type", facets.types),
            ("municipality", facets.municipalities),
            ("status", facets.statuses),
        ):
            for choice, count in counts.items():
                kept = None if field == "municipality" else chosen.codes
                page = await queries.list_records(replace(chosen, codes=kept, **{field: choice}))
                assert page.total == count, (chosen, field, choice)


async def test_facets_are_complete(database: Database) -> None:
    """Every area in use is counted, and an area counts all of its subareas."""
    network = await a_network(database, 30)
    facets = await network.queries.facets(RecordFilter())
    expected = {
        area: len(network.expected(RecordFilter(area=area)))
        for area in {*AREAS, *(name.partition(".")[0] for name in AREAS)}
    }

    assert dict(facets.areas) == {area: count for area, count in expected.items() if count}


async def test_the_overview_is_what_its_parts_are(database: Database) -> None:
    """What the first page is given at once equals what each question alone is answered."""
    network = await a_network(database, 31)
    queries = network.queries
    found = await queries.overview(5, visible=MEMBERS)

    assert found.counts == await queries.counts(visible=MEMBERS)
    assert found.facets == await queries.facets(RecordFilter(), visible=MEMBERS)
    rows = await queries.municipalities(visible=MEMBERS)
    assert found.municipalities == {row.code: row.records for row in rows}
    assert found.newest == await queries.newest(5, visible=MEMBERS)


async def test_counts_follow_new_entries_and_decisions(database: Database) -> None:
    """Counts that were asked for before are not repeated when they are no longer true."""
    maker = LogMaker(1)
    write(maker, "experience", an_experience(area="aldre"))
    log_store = await store(database, maker)
    projections, queries = Projections(database), record_queries(database)
    await projections.catch_up()
    seen = [dict((await queries.facets(RecordFilter())).areas)]
    write(maker, "experience", an_experience(area="aldre"))
    await store(database, maker)
    await projections.catch_up()
    seen.append(dict((await queries.facets(RecordFilter())).areas))
    await log_store.set_standing(maker.log, Standing.IGNORED, now_ms=1)
    seen.append(dict((await queries.facets(RecordFilter())).areas))

    assert seen == [{"aldre": 1}, {"aldre": 2}, {}]


@pytest.mark.parametrize("standing", [Standing.BLOCKED, Standing.IGNORED, Standing.INTRODUCED])
async def test_hidden_logs_are_nowhere(database: Database, standing: Standing) -> None:
    """Nothing of a log that was blocked, ignored or not yet accepted shows on any page."""
    network = await a_network(database, 40)
    queries, hidden = network.queries, network.makers[0]
    await network.log_store.set_standing(hidden.log, standing, "Fel avsändare", now_ms=1)
    expected = network.expected(RecordFilter(), MEMBERS, hidden.log)
    page = await queries.list_records(RecordFilter(page_size=200), visible=MEMBERS)
    facets = await queries.facets(RecordFilter(), visible=MEMBERS)
    counts = await queries.counts(visible=MEMBERS)

    assert [row.record_id for row in page.rows] == expected
    assert "1401" not in facets.municipalities
    assert counts.records == page.total == len(expected)
    assert "1401" not in {row.code for row in await queries.municipalities()}
    assert await queries.municipality("1401") is None
    for record_id, record in network.model.records.items():
        detail = await queries.record(record_id, visible=MEMBERS)
        if record.log == hidden.log:
            assert detail is None
        else:
            assert detail is not None
            answers = (*detail.comments, *detail.uses, *detail.interests, *detail.helped)
            assert hidden.log not in {answer.log for answer in answers}
    for row in page.rows:
        detail = await queries.record(row.record_id, visible=MEMBERS)
        assert detail is not None
        shown = [item for item in detail.comments if item.has_text and item.withdrawn is None]
        assert (row.comments, row.uses) == (len(shown), len(detail.uses))
        assert row.helped == len(detail.helped)
        assert row.interests == len({interest.log for interest in detail.interests})


async def test_federation_records_are_for_members(database: Database) -> None:
    """A record, or an older version of it, that is not public is not shown to the public."""
    maker = LogMaker(1)
    first = write(maker, "experience", an_experience(title="Intern", visibility="federation"))
    record = first.entry.id
    queries, projections = record_queries(database), Projections(database)
    await store(database, maker)
    await projections.catch_up()
    assert await queries.record(record) is None
    assert await queries.record(record, visible=MEMBERS) is not None
    edited = write(maker, "experience", an_experience(title="Öppen", replaces=record.hex()))
    await store(database, maker)
    await projections.catch_up()
    public = await queries.record(record)
    member = await queries.record(record, visible=MEMBERS)

    assert public is not None
    assert member is not None
    assert [version.title for version in public.versions] == ["Öppen"]
    assert [version.title for version in member.versions] == ["Intern", "Öppen"]
    assert await queries.record(record, version=first.entry.id) is None
    assert public.entry_id == edited.entry.id


async def test_a_record_with_everything(database: Database) -> None:
    """A record's page has its content, history, answers, and who uses or wants to join."""
    owner, other = LogMaker(1, code="1498"), LogMaker(2, code="1497", name="Hjo kommun")
    record = write(owner, "experience", an_experience(type="fraga", title="Ett")).entry.id
    target = record.hex()
    answer = write(other, "comment", Comment(record=target, kind="answer", text="Så här"))
    regretted = write(other, "comment", Comment(record=target, text="Ångrat"))
    write(other, "withdraw", Withdraw(target=regretted.entry.id.hex(), reason="Fel tråd"))
    write(other, "use", Use(record=target, since_year=2023, contact=CONTACT, note="Nöjda"))
    write(other, "interest", Interest(record=target, interest="samverka", contact=CONTACT))
    write(owner, "comment", Comment(record=target, accepts=answer.entry.id.hex()))
    edit = write(owner, "experience", an_experience(type="fraga", title="Två", replaces=target))
    await store(database, owner, other)
    await Projections(database).catch_up()
    detail = await record_queries(database).record(record)
    before = await record_queries(database).record(record, version=record)

    assert detail is not None
    assert before is not None
    assert detail.experience == an_experience(type="fraga", title="Två", replaces=target)
    assert before.experience == an_experience(type="fraga", title="Ett")
    assert (detail.is_current, before.is_current) == (True, False)
    assert (detail.entry_id, detail.sequence) == (edit.entry.id, edit.entry.header.sequence)
    assert [version.title for version in detail.versions] == ["Ett", "Två"]
    assert detail.row.municipality == "Tidaholms kommun"
    by_id = {comment.entry_id: comment for comment in detail.comments}
    assert by_id[answer.entry.id].accepted
    assert by_id[regretted.entry.id].withdrawn == "Fel tråd"
    assert (detail.row.comments, detail.row.uses, detail.row.interests) == (1, 1, 1)
    (use,), (interest,) = detail.uses, detail.interests
    assert (use.since_year, use.contact, use.note) == (2023, CONTACT, "Nöjda")
    assert (interest.interest, interest.municipality) == ("samverka", "Hjo kommun")


async def test_a_list_says_in_which_language_a_title_is(database: Database) -> None:
    """Each row has the language its newest version states, also among what somebody uses."""
    owner, other = LogMaker(1, code="1498"), LogMaker(2, code="1497", name="Hjo kommun")
    record = write(owner, "experience", an_experience()).entry.id
    write(owner, "experience", an_experience(language="en", replaces=record.hex()))
    write(other, "experience", an_experience())
    write(other, "use", Use(record=record.hex()))
    await store(database, owner, other)
    await Projections(database).catch_up()
    queries = record_queries(database)
    hjo = await queries.municipality("1497")

    rows = (await queries.list_records(RecordFilter())).rows
    assert {row.code: row.language for row in rows} == {"1498": "en", "1497": "sv"}
    assert hjo is not None
    assert [used.language for used in hjo.uses] == ["en"]


async def test_a_withdrawn_record_says_why_and_is_in_no_list(database: Database) -> None:
    """Whoever has the address learns the reason; nobody else meets the record."""
    maker = LogMaker(1)
    record = write(maker, "experience", an_experience()).entry.id
    write(maker, "withdraw", Withdraw(target=record.hex(), reason="Dubblett"))
    await store(database, maker)
    await Projections(database).catch_up()
    queries = record_queries(database)
    detail = await queries.record(record)

    assert detail is not None
    assert detail.withdrawn == "Dubblett"
    assert (await queries.list_records(RecordFilter())).total == 0
    assert await queries.rows([record]) == ()


async def test_search_keeps_swedish_letters_and_takes_signs_literally(database: Database) -> None:
    """å is not a, capitals do not matter, % and _ are only signs, and all words must occur."""
    maker = LogMaker(1)
    titles = ["Får på grönbete", "Far till arbetet", "100 % förnybart", "ÄLDREOMSORG i Hjo"]
    for title in titles:
        write(maker, "experience", an_experience(title=title, summary="Exempel."))
    await store(database, maker)
    await project(database)
    queries = record_queries(database)

    async def found(text: str) -> list[str]:
        page = await queries.list_records(RecordFilter(text=text, literal=True))
        return sorted(row.title for row in page.rows)

    assert await found("far") == ["Far till arbetet"]
    assert await found("FA\u030aR") == ["Får på grönbete"]
    assert await found("omsorg äldre") == ["ÄLDREOMSORG i Hjo"]
    assert await found("omsorg grönbete") == []
    assert await found("100 %") == ["100 % förnybart"]
    assert await found("_") == sorted(titles)
    assert await found("tidaholm grönbete") == ["Får på grönbete"]


async def test_pages_beyond_the_end_give_the_last(database: Database) -> None:
    """Whatever page is asked for, the answer is a page that exists."""
    network = await a_network(database, 50)
    total = len(network.expected(RecordFilter()))
    for number in (0, -3, 10**6):
        page = await network.queries.list_records(RecordFilter(page=number, page_size=3))
        assert 1 <= page.page <= page.pages == -(-total // 3)
        assert page.rows
    empty = await network.queries.list_records(RecordFilter(text="finns inte"))
    assert (empty.page, empty.pages, empty.rows) == (1, 1, ())


async def test_municipalities_in_swedish_order(database: Database) -> None:
    """Å, Ä and Ö come last, in that order, with true counts and the time of the latest."""
    names = ["Örebro", "Älvdalen", "Åmål", "Hjo", "Österåker", "Arboga"]
    makers = [LogMaker(n, code=f"2{n:03}", name=name) for n, name in enumerate(names, start=1)]
    for count, maker in enumerate(makers):
        for _ in range(count):
            write(maker, "experience", an_experience())
    await store(database, *makers)
    await Projections(database).catch_up()
    rows = await record_queries(database).municipalities()

    assert [row.name for row in rows] == [
        "Arboga",
        "Hjo",
        "Åmål",
        "Älvdalen",
        "Örebro",
        "Österåker",
    ]
    assert [row.records for row in rows] == [5, 3, 2, 1, 0, 4]
    assert [row.latest_ms for row in rows] == [
        next(maker.time_ms for maker in makers if maker.log == row.log) if row.records else None
        for row in rows
    ]


async def test_one_municipality(database: Database) -> None:
    """A municipality's page has its profile, what it published and what it uses."""
    hjo, tidaholm = LogMaker(1, code="1497", name="Hjo kommun"), LogMaker(2)
    record = write(tidaholm, "experience", an_experience(title="Lås")).entry.id
    write(hjo, "experience", an_experience(area="aldre.hemtjanst"))
    write(hjo, "profile", Profile(name="Hjo", code="1497", domain="hjo.se", contact=CONTACT))
    write(hjo, "use", Use(record=record.hex(), since_year=2022))
    await store(database, hjo, tidaholm)
    await Projections(database).catch_up()
    detail = await record_queries(database).municipality("1497")

    assert detail is not None
    assert (detail.name, detail.logs, detail.records) == ("Hjo kommun", (hjo.log,), 1)
    assert detail.areas == {"aldre": 1, "aldre.hemtjanst": 1}
    assert detail.profile is not None
    assert (detail.profile.domain, detail.profile.contact) == ("hjo.se", CONTACT)
    assert [(use.record_id, use.title, use.since_year) for use in detail.uses] == [
        (record, "Lås", 2022)
    ]
    assert await record_queries(database).municipality("") is None


async def test_a_profile_cannot_take_anothers_place(database: Database) -> None:
    """A log that calls itself another municipality in its profile keeps its own code and name."""
    maker = LogMaker(1, code="1497", name="Hjo kommun")
    write(maker, "profile", Profile(name="Tidaholms kommun", code="1498"))
    write(maker, "experience", an_experience())
    await store(database, maker)
    await Projections(database).catch_up()
    queries = record_queries(database)
    (row,) = await queries.newest(5)

    assert (row.code, row.municipality) == ("1497", "Hjo kommun")
    assert await queries.municipality("1498") is None


async def test_two_logs_with_one_code_are_shown_together(database: Database) -> None:
    """A municipality with two logs is one row with both counted, and its page names both."""
    makers = [LogMaker(number, code="1497", name="Hjo kommun") for number in (1, 2)]
    for maker in makers:
        write(maker, "experience", an_experience())
    await store(database, *makers)
    await Projections(database).catch_up()
    queries = record_queries(database)
    detail = await queries.municipality("1497")

    assert [(row.code, row.records) for row in await queries.municipalities()] == [("1497", 2)]
    assert detail is not None
    assert detail.logs == tuple(maker.log for maker in makers)


def test_all_text_of_a_record_is_searched() -> None:
    """Every free text of an experience is looked through, and no technical field."""
    texts = {
        name: f"ord{number}"
        for number, name in enumerate(
            ("situation", "actions", "results", "lessons_well", "lessons_change", "advice")
        )
    }
    experience = an_experience(**texts, preconditions="krav", tags=("märke",))
    text = plain("\n".join(searchable_texts(experience)))

    assert all(word in text for word in (*texts.values(), "krav", "märke"))
    assert "CC0" not in text
    assert isinstance(an_experience(), Experience)
