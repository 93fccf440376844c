"""Searching by product and supplier, by small words alone, and the notes about how it was done."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content.experience import Product
from storage.database import Database
from storage.record_queries import RecordQueries
from storage.record_views import MEMBERS, PUBLIC, Named, RecordFilter
from storage_factories import project, record_queries, store, write

ARMOR, TAB = "Ulefone Armor 25T", "Ulefone Tab"


async def found(queries: RecordQueries, **choices: Any) -> list[str]:
    """Titles of a list, in alphabetical order."""
    wanted = RecordFilter(page_size=200, **choices)
    page = await queries.list_records(wanted)
    assert page.total == len(page.rows)
    return sorted(row.title for row in page.rows)


async def with_products(database: Database) -> RecordQueries:
    """Records of several products, spelled in several ways; one of them not public."""
    maker = LogMaker(1, code="1401")
    for title, area, visibility, products in (
        ("a", "aldre", "public", [Product(name=ARMOR, supplier="Exempel AB")]),
        ("b", "it", "public", [Product(name=" ULEFONE  armor 25t", supplier="Exempel AB")]),
        ("c", "it", "public", [Product(name=TAB, supplier="Exempel AB"), Product(name="Å (x)")]),
        ("d", "it", "federation", [Product(name="Hemligt", supplier="Annan")] * 2),
        ("e", "it", "public", []),
    ):
        content = an_experience(
            title=title, area=area, visibility=visibility, products=tuple(products)
        )
        write(maker, "experience", content)
    await store(database, maker)
    await project(database)
    return record_queries(database)


@pytest.mark.parametrize("choices", [{}, {"text": "ulefone"}, {"year": "2026"}, {"area": "it"}])
async def test_products_are_counted_as_the_lists_they_open(
    database: Database, choices: dict[str, Any]
) -> None:
    """In lists as in searches: the commonest first, one name however it is spelled."""
    queries = await with_products(database)
    for visible in (PUBLIC, MEMBERS):
        wanted = RecordFilter(**choices)
        _, facets = await queries.page_and_facets(wanted, visible=visible)
        assert facets.products
        for field, names in (("product", facets.products), ("supplier", facets.suppliers)):
            assert [one.records for one in names] == sorted(
                (one.records for one in names), reverse=True
            )
            for one in names:
                opened = replace(wanted, **{field: one.name})
                page, beside = await queries.page_and_facets(opened, visible=visible)
                assert page.total == len(page.rows) == one.records, (wanted, one)
                assert getattr(beside, f"{field}s") == names
    assert Named("Hemligt", 1) not in (await queries.facets(RecordFilter())).products


async def test_the_beginning_of_a_name_finds_all_that_begin_so(database: Database) -> None:
    """Unless it is a whole name itself; signs stand for themselves, and what is nowhere finds
    nothing."""
    queries = await with_products(database)

    assert await found(queries, product="ulefone armor 25T") == ["a", "b"]
    assert await found(queries, product="ulefone") == ["a", "b", "c"]
    assert await found(queries, product="Å (") == ["c"]
    for nothing in ("hemligt", ".*", "x\0", "ulefone armor 25t "[::-1]):
        assert await found(queries, product=nothing) == []
    assert await found(queries, supplier="exempel", product=TAB) == ["c"]


async def test_any_sign_may_be_asked_for(database: Database) -> None:
    """Signs that mean something in an expression stand for themselves; none is an error."""
    maker = LogMaker(1, code="1401")
    signs = [*string.punctuation, "\\d", "[a-z]", "(?i)", "{2}", "å̈", "İ", "👩\u200d👧"]
    for sign in string.punctuation:
        products = (Product(name=f"x{sign}y"),)
        write(maker, "experience", an_experience(title=sign, products=products))
    await store(database, maker)
    await project(database)
    queries = record_queries(database)
    for sign in signs:
        expected = [sign] if sign in string.punctuation else []
        assert await found(queries, product=f"x{sign}") == expected, sign
        assert await found(queries, supplier=sign * 90) == []


async def test_a_changed_record_is_counted_by_its_new_products(database: Database) -> None:
    """What was counted before is told again only while nothing has changed."""
    queries = await with_products(database)
    await queries.facets(RecordFilter())
    maker = LogMaker(2, code="1402")
    write(maker, "experience", an_experience(title="f", products=(Product(name=TAB),)))
    await store(database, maker)
    await project(database)

    assert Named(TAB, 2) in (await queries.facets(RecordFilter())).products


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("att göra", ["Att göra", "Vad är att göra?"]),
        ("vad är det", []),
        ('"vad är"', ["Vad är att göra?"]),
        ("är -att", ["Hur är läget?"]),
        ("hur läget", ["Hur är läget?", "Läget"]),
    ],
)
async def test_small_words_alone_are_looked_for_in_titles(
    database: Database, text: str, expected: list[str]
) -> None:
    """All of them as they are written, which is said; beside a telling word they say nothing."""
    maker = LogMaker(1)
    for title in ("Att göra", "Vad är att göra?", "Hur är läget?", "Läget"):
        write(maker, "experience", an_experience(title=title, summary="Det är så att göra."))
    await store(database, maker)
    await project(database)
    queries = record_queries(database)
    page = await queries.list_records(RecordFilter(text=text))

    assert sorted(row.title for row in page.rows) == expected
    assert page.meant is not None
    assert page.meant.is_small == ("läget" not in text)


async def test_that_a_search_was_relaxed_is_said_when_that_shows_more(database: Database) -> None:
    """Not when every record has all of the words, nor when a filter leaves only such."""
    maker = LogMaker(1)
    for title, area in (("Lånecykel vid järnväg", "it"), ("Lånecykel", "aldre"), ("Snö", "it")):
        write(maker, "experience", an_experience(title=title, area=area, summary="Exempel."))
    await store(database, maker)
    await project(database)
    queries = record_queries(database)
    for text, area, is_said in (
        ("lånecykel järnväg", "", True),
        ("lånecykel järnväg", "it", False),
        ("snö exempel", "it", True),
        ("lånecykel exempel", "aldre", False),
    ):
        page = await queries.list_records(RecordFilter(text=text, area=area))
        assert page.meant is not None
        assert page.meant.relaxed == is_said, (text, area)


async def test_a_month_is_chosen_like_a_year(database: Database) -> None:
    """Months add up to years and list what they count, by the Swedish calendar."""
    new_year_ms = 1_767_222_000_000  # 2026-01-01 00:00 in Sweden, an hour before it is in London
    for number, start_ms in enumerate((new_year_ms - 2_000, new_year_ms + 40 * 86_400_000), 1):
        maker = LogMaker(number, code=f"140{number}", start_ms=start_ms)
        for _ in range(3):
            write(maker, "experience", an_experience(title="Exempel"))
        await store(database, maker)
    await project(database)
    queries = record_queries(database)
    counted = await queries.statistics()

    assert sum(counted.months.values()) == 6
    assert counted.years.keys() <= {"2025", "2026"}
    for when, count in {**counted.months, **counted.years}.items():
        page, facets = await queries.page_and_facets(RecordFilter(year=when))
        assert page.total == len(page.rows) == count == sum(facets.municipalities.values())
    assert await found(queries, year="2026-13") == []
