"""What a search answers: all that fits and nothing else, true counts, and nothing out of sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import pytest

from content_factories import an_experience
from factories import START_MS, LogMaker
from protocol import strict_json
from protocol.content import Experience
from protocol.directory import Standing
from search_model import finds
from storage.database import Database
from storage.record_queries import RecordQueries
from storage.record_views import MEMBERS, PUBLIC, RecordFilter, RecordPage
from storage.search import documents, query_building
from storage.visible_logs import read_visible_logs
from storage_factories import AREAS, project, record_queries, search_of, store, write

YEAR_MS = 365 * 86_400_000
WORDS = ("nyckel", "nycklar", "larm", "larmet", "omsorg", "äldreomsorgens", "får", "far", "moln")
SUMMARY = "Exempel."


async def titles(queries: RecordQueries, text: str, **choices: Any) -> list[str]:
    """Titles of what a text finds, in alphabetical order."""
    wanted = RecordFilter(text=text, page_size=200, **choices)
    page = await queries.list_records(wanted)
    assert page.total == len(page.rows)
    return sorted(row.title for row in page.rows)


async def with_titles(database: Database, *texts: str, **changes: object) -> RecordQueries:
    """A database with public records of these titles."""
    maker = LogMaker(1)
    for text in texts:
        write(maker, "experience", an_experience(title=text, summary=SUMMARY, **changes))
    await store(database, maker)
    await project(database)
    return record_queries(database)


async def many_records(database: Database, seed: int) -> list[tuple[str, int, Experience]]:
    """Random records of several municipalities and years; returns code, year and text of each."""
    print(f"seed={seed}")
    random, held = Random(seed), []
    for number in range(1, 5):
        code, years = f"14{number:02}", random.choice([0, 1, 3])
        start_ms = START_MS + 86_400_000 - years * YEAR_MS
        maker = LogMaker(number, code=code, name=f"Exempel {number}", start_ms=start_ms)
        for _ in range(40):
            one = an_experience(
                title=" ".join(random.sample(WORDS, 3)),
                summary=SUMMARY,
                area=random.choice(AREAS),
                type=random.choice(["erfarenhet", "fraga"]),
                status=random.choice(["pilot", "drift"]),
                visibility=random.choice(["public", "public", "federation"]),
                collaboration_open=random.random() < 0.4,
            )
            write(maker, "experience", one)
            held.append((code, 2026 - years, one))
        await store(database, maker)
    await project(database)
    return held


def some_filter(random: Random) -> RecordFilter:
    """Any combination of choices, with a text or a year or both."""
    return RecordFilter(
        text=" ".join(random.sample(WORDS, random.randint(0, 2))),
        area=random.choice(["", "", *AREAS, "it"]),
        type=random.choice(["", "", "fraga"]),
        municipality=random.choice(["", "", "1401", "9999"]),
        status=random.choice(["", "", "drift"]),
        codes=random.choice([None, None, frozenset({"1401", "1402"}), frozenset[str]()]),
        year=random.choice(["", "2026", "2025", "1999"]),
        collaboration_open=random.random() < 0.3,
        literal=True,
        page_size=200,
    )


def fits(held: tuple[str, int, Experience], wanted: RecordFilter, visible: tuple[str, ...]) -> bool:
    """Whether a filter lists a record, by the plainest reading of the rules."""
    code, year, one = held
    return (
        one.visibility in visible
        and (not wanted.area or f"{one.area}.".startswith(f"{wanted.area}."))
        and wanted.type in ("", one.type)
        and wanted.status in ("", one.status)
        and wanted.municipality in ("", code)
        and (wanted.codes is None or code in wanted.codes)
        and wanted.year in ("", str(year))
        and one.collaboration_open >= wanted.collaboration_open
        and finds(wanted.text, one)
    )


@pytest.mark.parametrize("seed", range(60, 63))
async def test_every_count_is_that_of_the_list_it_opens(database: Database, seed: int) -> None:
    """For any text and choices: the total, and each number beside a choice of any kind."""
    held = await many_records(database, seed)
    random, queries = Random(seed), record_queries(database)
    for _ in range(8):
        wanted, visible = some_filter(random), random.choice([PUBLIC, MEMBERS])
        page, facets = await queries.page_and_facets(wanted, visible=visible)
        assert page.total == sum(fits(one, wanted, visible) for one in held), wanted
        assert page.total == len({row.record_id for row in page.rows})
        choices: list[tuple[str, Mapping[Any, int]]] = [
            ("area", facets.areas),
            ("type", facets.types),
            ("status", facets.statuses),
            ("municipality", facets.municipalities),
            ("year", facets.years),
            ("collaboration_open", {True: facets.collaboration_open}),
        ]
        for field, counts in choices if wanted.is_searched else choices[:-2]:
            codes = None if field == "municipality" else wanted.codes
            for choice, count in counts.items():
                chosen = replace(wanted, codes=codes, **{field: choice})
                opened = await queries.list_records(chosen, visible=visible)
                expected = sum(fits(one, chosen, visible) for one in held)
                assert opened.total == count == expected, (wanted, field, choice)


async def test_all_pages_together_are_all_records_once(database: Database) -> None:
    """Whatever the size of a page, also past those that are ranked by more than their text."""
    records = [f"Exempel nyckel {number % 7} {number}" for number in range(130)]
    queries = await with_titles(database, *records, collaboration_open=True)
    for text, size in product(("nyckel", "-larm", " "), (7, 30, 100)):
        wanted = RecordFilter(text=text, page_size=size, collaboration_open=True)
        first = await queries.list_records(wanted)
        seen = [row.record_id for row in first.rows]
        for number in range(2, first.pages + 1):
            page = await queries.list_records(replace(wanted, page=number))
            assert (page.page, page.total) == (number, len(records))
            seen += [row.record_id for row in page.rows]

        assert first.total == len(seen) == len(set(seen)) == len(records), (text, size)
        beyond = await queries.list_records(replace(wanted, page=10**9))
        assert beyond.page == beyond.pages == first.pages
        assert [row.record_id for row in beyond.rows] == seen[(first.pages - 1) * size :]


async def test_without_words_the_newest_come_first(database: Database) -> None:
    """A year, or what must not occur, says nothing of what fits best."""
    queries = await with_titles(database, "Ett larm", "En nyckel", "En till")

    for wanted in (RecordFilter(year="2026"), RecordFilter(text="-larm"), RecordFilter(text="_ ?")):
        page = await queries.list_records(wanted)
        times = [row.published_ms for row in page.rows]
        assert times
        assert times == sorted(times, reverse=True)


async def test_a_correction_is_told_and_can_be_refused(database: Database) -> None:
    """A word that is nowhere is taken for a near one; taken as it stands it finds nothing."""
    queries = await with_titles(database, "Exempel: trygghetslarmen", "Exempel: gräsklippare")

    async def meant(text: str, *, literal: bool = False) -> RecordPage:
        return await queries.list_records(RecordFilter(text=text, literal=literal))

    found = await meant("trygghettslarmen")
    assert found.meant is not None
    assert found.meant.corrections == (("trygghettslarmen", "trygghetslarmen"),)
    assert [row.title for row in found.rows] == ["Exempel: trygghetslarmen"]
    literal = await meant("trygghettslarmen", literal=True)
    assert literal.meant is not None
    assert (literal.total, literal.meant.corrections) == (0, ())
    known = await meant("trygghetslarmet")
    assert known.meant is not None
    assert (known.total, known.meant.corrections) == (1, ())
    far = await meant("xyzzyqwerty")
    assert (far.total, far.meant.corrections if far.meant else None) == (0, ())


async def test_when_hardly_any_has_all_words_those_with_some_are_listed(
    database: Database,
) -> None:
    """And that is told; the records with all of them come first; literally there are no others."""
    texts = ("Exempel: lånecykel vid järnväg", "Exempel: lånecykel", "Exempel: snöslunga")
    queries = await with_titles(database, *texts)
    wanted = RecordFilter(text="lånecykel järnväg")
    page = await queries.list_records(wanted)

    assert page.meant is not None
    assert page.meant.relaxed
    assert [row.title for row in page.rows] == list(texts[:2])
    assert await titles(queries, "lånecykel järnväg", literal=True) == [texts[0]]


async def test_of_words_that_very_many_have_none_lists_a_record_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When few have all words, the rarer ones decide, and common ones tell what comes first."""
    monkeypatch.setattr(query_building, "COMMON_RECORDS", 2)
    with_it, without = "Exempel: snöslunga lånecykel", "Exempel: snöslunga nycklar"
    by_rare = (with_it, without, "Exempel: järnväg")
    queries = await with_titles(database, *by_rare, "Exempel: lånecykel", "En lånecykel, exempel")
    page = await queries.list_records(RecordFilter(text="lånecykel snöslunga järnväg"))

    assert page.meant is not None
    assert page.meant.relaxed
    found = [row.title for row in page.rows]
    assert sorted(found) == sorted(by_rare)
    assert found.index(with_it) < found.index(without)
    assert page.total == len(by_rare)


@pytest.mark.parametrize("sampled", [1, 2**64])
@pytest.mark.parametrize("both", [9, 10])
async def test_the_sample_changes_nothing_that_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch, sampled: int, both: int
) -> None:
    """Whether all records are in it or none: ten that have every word are enough, nine are not."""
    monkeypatch.setattr(documents, "SAMPLED", sampled)
    texts = ["Exempel: lånecykel vid järnväg"] * both + ["Exempel: lånecykel"]
    queries = await with_titles(database, *texts)
    page = await queries.list_records(RecordFilter(text="lånecykel järnväg"))

    assert page.meant is not None
    assert (page.total, page.meant.relaxed) == ((10, False) if both == 10 else (10, True))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"digital nyckel"', ["En digital nyckel", "Två digitala nycklar"]),
        ('"nyckel digital"', []),
        ("nyckel -digital", ["En nyckel som är digitaliserad"]),
        ('nyckel -"digital nyckel"', ["En nyckel som är digitaliserad"]),
        ('"digital nyckel" -två', ["En digital nyckel"]),
        ("-digital", ["En nyckel som är digitaliserad"]),
    ],
)
async def test_phrases_and_what_must_not_occur(
    database: Database, text: str, found: list[str]
) -> None:
    """Words in that order, in any form; and nothing that has what was ruled out."""
    queries = await with_titles(
        database, "En digital nyckel", "Två digitala nycklar", "En nyckel som är digitaliserad"
    )

    assert await titles(queries, text, literal=True) == found


SECRET = "hemlighetsmakarspetsen"


async def suggested(database: Database, beginning: str, visible: tuple[str, ...]) -> list[str]:
    """What is suggested to a reader."""
    async with database.read() as connection:
        logs = await read_visible_logs(connection)
    return await search_of(database).suggest(beginning, logs, visible, 10)


async def assert_out_of_sight(database: Database, visible: tuple[str, ...]) -> None:
    """A reader learns neither of the secret record nor of any word of it."""
    queries = record_queries(database)
    for text in (SECRET, SECRET[:-1] + "m", f"{SECRET} exempel", f'"{SECRET}"', f"-{SECRET}"):
        wanted = RecordFilter(text=text, page_size=200)
        page, facets = await queries.page_and_facets(wanted, visible=visible)
        assert all(SECRET not in row.title for row in page.rows)
        assert page.meant is not None
        assert all(SECRET not in word for _, word in page.meant.corrections)
        assert "9001" not in facets.municipalities
        assert sum(facets.municipalities.values()) == page.total == len(page.rows)
        assert "omvarld" not in facets.types
    assert await suggested(database, "hemlighets", visible) == []
    for row in await queries.similar(f"Exempel: {SECRET}", 5, visible=visible):
        assert SECRET not in row.title
    known = await queries.list_records(RecordFilter(text=SECRET[1:]), visible=visible)
    assert known.meant is not None
    assert known.meant.corrections == ()


async def with_secret(database: Database, **changes: object) -> LogMaker:
    """One record with a word that no other has, beside a public one."""
    await with_titles(database, "Exempel: nycklar")
    maker = LogMaker(9, code="9001", name="Exempelby")
    text = {"title": f"Exempel: {SECRET}", "type": "omvarld", "tags": (SECRET,)}
    write(maker, "experience", an_experience(**text, **changes))
    await store(database, maker)
    await project(database)
    return maker


async def test_what_is_for_members_is_nowhere_for_the_public(database: Database) -> None:
    """Neither in hits and counts nor among suggestions and corrections; members have it all."""
    await with_secret(database, visibility="federation")

    await assert_out_of_sight(database, PUBLIC)
    assert await suggested(database, "Hemlighets", MEMBERS) == [SECRET]
    wanted = RecordFilter(text=SECRET[:-1] + "m")
    page = await record_queries(database).list_records(wanted, visible=MEMBERS)
    assert page.meant is not None
    assert (page.total, page.meant.corrections) == (1, ((SECRET[:-1] + "m", SECRET),))


@pytest.mark.parametrize("standing", [Standing.BLOCKED, Standing.IGNORED, Standing.INTRODUCED])
async def test_hidden_logs_are_nowhere(database: Database, standing: Standing) -> None:
    """What was blocked, ignored or not accepted is out of sight at once, and comes back."""
    maker = await with_secret(database)
    assert await suggested(database, "hemlighets", PUBLIC) == [SECRET]
    log_store = await store(database)
    await log_store.set_standing(maker.log, standing, "Exempel", now_ms=1)
    for visible in (PUBLIC, MEMBERS):
        await assert_out_of_sight(database, visible)
    await log_store.set_standing(maker.log, Standing.MEMBER, now_ms=2)

    assert await titles(record_queries(database), SECRET) == [f"Exempel: {SECRET}"]


HOSTILE = [
    "a" * 150,
    "å" * 150,
    "-".join("abc" * 12),
    "a\u0301\u0300\u0302\u0303" * 20,
    "שלום עולם مرحبا بالعالم",
    "İstanbul ﬃ ẞ ǆ ŉ",
    "👩\u200d👩\u200d👧\u200d👦 familj",
    "\u200f\u200eordning",
    "<script>alert(1)</script> AND OR NOT title:x ^2 ~ * ? [a TO b] {x}",
    "\\\"'`;--%_",
]


async def test_hostile_texts_are_indexed_and_found(database: Database) -> None:
    """Huge words, all scripts, signs that mean something elsewhere: only text, and found by it."""
    written = [f"Exempel {number} {text}"[:150] for number, text in enumerate(HOSTILE)]
    queries = await with_titles(database, *written)
    for title in written:
        assert title in await titles(queries, title, literal=True)
    for text in HOSTILE:
        for asked in (text, text[::-1], f'"{text}', f"-{text}", f"kommun:{text}", text * 20):
            await queries.page_and_facets(RecordFilter(text=asked))


async def test_a_full_entry_and_unreadable_ones_stop_nothing(database: Database) -> None:
    """64 KiB of words without an end, and content that holds what no text may, beside others."""
    maker = LogMaker(1)
    sections = ("situation", "actions", "results", "lessons_well", "lessons_change", "advice")
    full = an_experience(title="Exempel: full", **dict.fromkeys(sections, "nyckelx" * 1_428))
    for text in ("\0", "\u202e", "\ud7ff\uffff"):
        body = strict_json.dumps(an_experience(title="Exempel")).replace(b"Exempel", text.encode())
        maker.append("experience", body)
    for body in (b"", b"{", b"[]", b"\xff" * 1_000):
        maker.append("experience", body or b" ")
    write(maker, "experience", full)
    write(maker, "experience", an_experience(title="Exempel: efter"))
    await store(database, maker)
    await project(database)
    queries = record_queries(database)

    assert await titles(queries, "exempel") == ["Exempel: efter", "Exempel: full"]
    assert await titles(queries, "nyckelx" * 1_428, literal=True) == ["Exempel: full"]
    assert await search_of(database).lag() == 0


async def test_whatever_is_typed_is_answered(database: Database) -> None:
    """Signs, halves of characters, words that say nothing: an answer, never an error."""
    queries = await with_titles(database, "Exempel")
    for text in ("\0", "\ud800", '"' * 500, "-" * 500, "a:" * 500, "och", "'", ":"):
        for literal in (False, True):
            page = await queries.list_records(RecordFilter(text=text, literal=literal))
            assert page.total == len(page.rows)
        assert await suggested(database, text, PUBLIC) == []
