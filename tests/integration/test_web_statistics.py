"""The page of statistics: every number opens a list of as many, for whoever reads it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Comment, Helped, Use
from protocol.content.experience import Product
from web_site import Page, Site, assert_sound, open_site, write

TABLES = ("amnen", "kommuner", "manader", "mest-anvanda")
HOSTILE = '=cmd|"</title><script>alert(1)</script>'


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A node of Tidaholm with what Hjo and Skövde have shared, asked, answered and used."""
    async with open_site(tmp_path) as opened:
        own = await opened.publish(title="Exempel: vårt eget", area="aldre")
        await opened.publish(title="Exempel: vår fråga", area="skola", type="fraga")
        hjo = LogMaker(2, code="1497", name="Hjo kommun")
        for number in range(3):
            content = an_experience(
                title=f"Exempel {number}: hur?", type="fraga", area="aldre.hemtjanst"
            )
            asked = write(hjo, "experience", content)
        write(hjo, "experience", an_experience(title="Exempel: dolt", visibility="federation"))
        hostile = write(hjo, "experience", an_experience(title=HOSTILE, area="bygg"))
        write(hjo, "use", Use(record=own))
        await opened.receive(hjo)
        skovde = LogMaker(3, code="1496", name="Skövde kommun")
        write(skovde, "comment", Comment(record=asked, text="Så.", kind="answer"))
        write(skovde, "helped", Helped(record=hostile))
        write(skovde, "use", Use(record=own))
        await opened.receive(skovde)
        yield opened


def numbers(text: str) -> list[tuple[str, int]]:
    """Each linked number of the page's tables with the list that it opens."""
    found = re.findall(r'<td class="number"><a href="([^"]+)"[^>]*>([\d\xa0]+)</a>', text)
    return [(unescape(url), int(count.replace("\xa0", ""))) for url, count in found]


async def listed(site: Site, url: str) -> int:
    """How many a list says that it holds."""
    found = re.search(r'class="quiet total"[^>]*>(\d+)', (await site.get(url)).text)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("signed_in", [True, False])
async def test_each_number_opens_a_list_of_as_many(site: Site, signed_in: bool) -> None:
    """For the public as for staff, who also see what is for member municipalities."""
    reader = site if signed_in else site.signed_out()
    page = await reader.get("/statistik")
    found = numbers(page.text)

    assert_sound(page)
    assert {"amne", "kommun", "ar", "svar"} <= set(re.findall(r"[?&](\w+)=", str(found)))
    for url, count in found:
        assert await listed(reader, url) == count, url
    assert f">{7 if signed_in else 6}\xa0erfarenheter från 2\xa0kommuner." in page.text


async def test_where_answers_are_missing(site: Site) -> None:
    """A question with an answer waits still, one without any is missing it; both by area, and the
    municipalities that had none are named."""
    page = await site.get("/statistik")
    links = Page(page.text).links

    assert "4\xa0frågor är ställda, 4\xa0väntar på svar som hjälper." in page.text
    assert ("/erfarenheter?amne=aldre&svar=vantar", 3) in numbers(page.text)
    assert ("/erfarenheter?amne=aldre&svar=saknas", 2) in numbers(page.text)
    assert ("/erfarenheter?kommun=1498&svar=saknas", 1) in numbers(page.text)
    assert "/erfarenheter?svar=saknas" in links
    assert "/amnen/miljo" in links


async def test_what_is_put_to_use(site: Site) -> None:
    """The most used first, whatever its title holds; nothing of a record that is not shown."""
    page = await site.get("/statistik")

    assert page.text.index("Exempel: vårt eget") < page.text.index("=cmd|")
    assert "<script>alert" not in page.text
    assert "2\xa0erfarenheter har kommit till nytta hos andra." in page.text


@pytest.mark.parametrize("signed_in", [True, False])
async def test_tables_and_document_say_what_the_page_says(site: Site, signed_in: bool) -> None:
    """CSV and JSON hold the same numbers; no cell is a formula; without a token what is public."""
    reader = site if signed_in else site.signed_out()
    tables = {}
    for name in TABLES:
        answer = await reader.get(f"/statistik/{name}.csv")
        assert answer.headers["Content-Type"].startswith("text/csv")
        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        tables[name] = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    document = json.loads((await site.signed_out().get("/api/v1/statistics")).text)
    shown = dict(numbers((await reader.get("/statistik")).text))

    whole = [row for row in tables["amnen"] if "." not in row["område"]]
    assert sum(int(row["delat"]) for row in whole) == (7 if signed_in else 6)
    for row in whole:
        assert shown.get(f"/erfarenheter?amne={row['område']}", 0) == int(row["delat"])
    assert sum(int(row["delat"]) for row in tables["manader"]) == (7 if signed_in else 6)
    assert [row["kommun"] for row in tables["kommuner"]] == (["Hjo", "Tidaholm", "Skövde"])
    assert tables["mest-anvanda"][1]["titel"] == f"'{HOSTILE}"
    assert document["records"] == sum(one["records"] for one in document["months"]) == 6
    assert (document["waiting"], document["unanswered"]) == (4, 3)
    assert document["reused"] == {"records": 2, "uses": 2, "helped": 1}


async def test_a_node_without_records_says_what_comes_here(tmp_path: Path) -> None:
    """Instead of tables of nothing."""
    async with open_site(tmp_path) as empty:
        page = await empty.get("/statistik")
        tables = [await empty.get(f"/statistik/{name}.csv") for name in TABLES]

    assert_sound(page)
    assert "<table" not in page.text
    assert all(table.status == 200 for table in tables)


async def test_products_are_a_choice_beside_the_list(site: Site) -> None:
    """The commonest first, ten at first; a name that is chosen stays and can be taken away."""
    skara = LogMaker(4, code="1495", name="Skara kommun")
    for number in range(12):
        products = tuple(Product(name=f"Exempel {one:02}") for one in range(number, 12))
        write(skara, "experience", an_experience(title="Exempel", products=products))
    await site.receive(skara)
    page = await site.get("/erfarenheter")
    section = re.search(r"<h2>Produkt</h2>(.*?)</section>", page.text, re.DOTALL)
    assert section is not None
    names = re.findall(r"<span><span>(Exempel \d\d)</span></span>", section[1])
    chosen = await site.get('/erfarenheter?q=produkt:"exempel+03"')

    assert names == [f"Exempel {number:02}" for number in reversed(range(12))]
    assert "Visa 2 till" in section[1]
    assert_sound(chosen)
    assert await listed(site, "/erfarenheter?produkt=EXEMPEL+03") == 4
    assert "Produkt: exempel 03" in chosen.text
    assert '<span>Exempel 03</span><span class="hidden-text">, vald, ta bort' in chosen.text
    assert "produkt=exempel+03" in chosen.text.split("export.csv")[1][:60]
