"""Finding one's way: areas, places and groups as filters, municipalities, the start page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Comment
from web_site import Page, Site, assert_sound, open_site, write

# Hjo, Falköping (Skaraborg), Vänersborg (same county), Jönköping, Kiruna; and an unknown code.
SENDERS = {
    "1497": ("Hjo kommun", 3),
    "1499": ("Falköpings kommun", 2),
    "1487": ("Vänersborgs kommun", 2),
    "0680": ("Jönköpings kommun", 1),
    "2584": ("Kiruna kommun", 1),
    "9999": ("<b>Exempelby</b> kommun", 1),
}
AREAS = ("aldre.hemtjanst", "skola", "aldre")
HOSTILE = "</h1><script>alert(1)</script> \u00adhuvudsakligen" + "a" * 80


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm that holds what others have shared."""
    async with open_site(tmp_path) as opened:
        await opened.publish(title="Exempel: vårt eget", area="aldre")
        for number, (code, (name, count)) in enumerate(SENDERS.items(), start=2):
            maker = LogMaker(number, code=code, name=name)
            for place in range(count):
                title = f"Exempel: {name} nummer {place}"
                write(maker, "experience", an_experience(title=title, area=AREAS[place]))
            await opened.receive(maker)
        yield opened


def filters(text: str) -> list[tuple[str, int]]:
    """Addresses and counts of all choices beside a list."""
    found = re.findall(
        r'<li><a href="(/erfarenheter[^"]*)"[^>]*><span>.*?<span class="count">([\d\s]+)</span>',
        text,
        re.DOTALL,
    )
    return [(unescape(address), int(re.sub(r"\s", "", count))) for address, count in found]


def total(text: str) -> int:
    """How many records a list says it holds."""
    found = re.search(r'class="quiet total"[^>]*>(\S+?)\s', text)
    assert found is not None
    return int(found[1]) if found[1].isdigit() else 0


@pytest.mark.parametrize(
    "start",
    [
        "",
        "?trakt=lan-14",
        "?grupp=liknar-oss",
        "?trakt=skaraborg&grupp=pendlingskommun-nara-mindre-tatort",
        "?kommun=1497&trakt=grannar",
        "?kommun=2584&trakt=grannar",
        "?amne=aldre&trakt=skaraborg",
        "?q=nummer&trakt=lan-14",
    ],
)
async def test_each_count_is_that_of_the_list_it_opens(site: Site, start: str) -> None:
    """Whatever is chosen already, every choice says how many records its link lists."""
    page = await site.get(f"/erfarenheter{start}")
    assert_sound(page)
    offered = [pair for pair in filters(page.text) if 'aria-current="true"' not in pair[0]]
    chosen = set(re.findall(r'href="([^"]*)" aria-current="true"', page.text))

    assert offered
    for address, count in offered:
        if address.replace("&", "&amp;") not in chosen:
            assert total((await site.get(address)).text) == count, address


async def test_a_place_that_does_not_exist_lists_nothing(site: Site) -> None:
    """And can be taken away again."""
    page = await site.get("/erfarenheter?trakt=lan-99&grupp=%3Cb%3E")

    assert_sound(page)
    assert total(page.text) == 0
    assert page.text.count('class="chip"') == 2
    assert "&lt;b&gt;" in page.text


async def test_an_area_shows_what_is_new_who_shares_and_what_is_asked(site: Site) -> None:
    """Numbers are those of the lists; a question leaves once an answer helped."""
    hjo = LogMaker(20, code="1496", name="Skövde kommun")
    question = write(
        hjo,
        "experience",
        an_experience(type="fraga", title="Exempel: hur?", area="aldre.hemtjanst"),
    )
    await site.receive(hjo)
    page = await site.get("/amnen/aldre")
    listed = total((await site.get("/erfarenheter?amne=aldre")).text)

    assert_sound(page)
    assert f">{listed}\xa0erfarenheter från" in page.text
    assert "Väntar på svar som hjälper" in page.text
    assert f"/erfarenheter/{question}/exempel-hur" in Page(page.text).links
    assert "<title>Hjo: 2\xa0erfarenheter</title>" in page.text
    answer = await site.post(
        f"/erfarenheter/{question}/kommentarer", {"text": "Så.", "kind": "answer"}
    )
    entry = answer.location.rpartition("#k-")[2]
    write(hjo, "comment", Comment(record=question, accepts=entry))
    await site.receive(hjo)
    assert "Väntar på svar som hjälper" not in (await site.get("/amnen/aldre")).text


async def test_areas_that_nobody_has_written_about(site: Site) -> None:
    """They give the next step; an area that does not exist is not found."""
    empty = await site.get("/amnen/miljo")

    assert_sound(empty)
    assert "Ställ en fråga" in empty.text
    for path in ("/amnen/finns-inte", "/amnen/aldre.finns", "/amnen/%3Cb%3E"):
        assert (await site.get(path)).status == 404


async def test_all_areas_with_their_counts(site: Site) -> None:
    """The page of areas leads to each, with how much there is."""
    page = await site.get("/amnen")

    assert_sound(page)
    for link in Page(page.text).links:
        if link.startswith("/amnen/"):
            assert (await site.get(link)).status == 200


async def test_a_municipality_with_its_neighbours_and_those_like_it(site: Site) -> None:
    """Every municipality of the map stands in the table beside it, and those alike are listed."""
    page = await site.get("/kommuner/1498-tidaholm")
    picture = re.search(r'<svg class="region".*?</svg>', page.text, re.DOTALL)
    assert picture is not None
    table = page.text.split('id="omkring"')[1].split("</section>")[0].split("</svg>", 1)[1]
    names = re.findall(r"<title>([^:]+): ", picture[0])

    assert_sound(page)
    assert len(names) > 4
    for name in names:
        assert name == "Tidaholm" or f">{name}<" in table, name
    assert 'id="liknar"' in page.text
    assert "/erfarenheter?grupp=liknar-oss" in Page(page.text).links


@pytest.mark.parametrize(
    "path", ["/kommuner/9999", "/kommuner/2584-kiruna", "/kommuner/0980-gotland"]
)
async def test_municipalities_far_away_unknown_or_alone(site: Site, path: str) -> None:
    """A page for a code nobody knows, one that shares little, and an island that shares nothing."""
    page = await site.get(path)

    assert_sound(page)
    assert "<b>Exempelby" not in page.text


async def test_the_start_page_is_a_table_of_contents(site: Site) -> None:
    """The newest opens it, the others stand under their month, areas and municipalities beside."""
    page = await site.get("/")

    assert_sound(page)
    assert page.text.count('<li class="row') == 1
    assert re.search(r'class="month">[A-ZÅÄÖ]\w+ 20\d\d<', page.text)
    assert "/amnen/aldre" in Page(page.text).links


@pytest.mark.parametrize(
    "path", ["/", "/amnen/aldre.hemtjanst", "/kommuner/1496-skovde", "/erfarenheter"]
)
async def test_hostile_titles_are_harmless_where_they_are_found(site: Site, path: str) -> None:
    """Markup and endless words in titles, summaries and tags break no page that lists them."""
    skovde = LogMaker(20, code="1496", name="Skövde kommun")
    for kind in ("erfarenhet", "fraga"):
        hostile = an_experience(
            type=kind, title=HOSTILE[:150], summary=HOSTILE, tags=tuple(f"t{n}" for n in range(10))
        )
        write(skovde, "experience", hostile)
    await site.receive(skovde)
    page = await site.get(path)

    assert_sound(page)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
