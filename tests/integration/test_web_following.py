"""Following on the pages, and what is new for whoever follows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import START_MS, LogMaker
from node.following.following import SEARCHES_MAX, UNREAD_ENOUGH
from protocol.content import Comment, Use
from protocol.content.experience import Product
from protocol.directory import Standing
from storage.account_views import Role
from storage.follow_store import FOLLOWS_OF_ONE_USER_MAX
from storage.search.documents import month_of, year_of
from web_site import Answer, Page, Site, assert_sound, open_site, write

HJO = "/kommuner/1497-hjo"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


@pytest.fixture
def hjo() -> LogMaker:
    """The log of Hjo, to write in and to receive."""
    return LogMaker(2, code="1497", name="Hjo kommun")


def form_of(answer: Answer, words: str) -> tuple[str, dict[str, str]]:
    """Where the form with this button goes, and what it sends."""
    for form in re.findall(r"<form method=\"post\".*?</form>", answer.text, re.DOTALL):
        if words in form:
            fields = re.findall(r'name="(\w+)" value="([^"]*)"', form)
            action = re.search(r'action="([^"]*)"', form)
            assert action is not None
            return action[1], {name: unescape(value) for name, value in fields}
    raise AssertionError(f"no button {words}")


async def press(site: Site, page: str, words: str) -> Answer:
    """Press a button on a page, and see where it leads."""
    action, fields = form_of(await site.get(page), words)
    fields.pop("nyckel")
    answer = await site.post(action, fields)
    assert answer.status == 303, answer.text
    return await site.get(answer.location.partition("#")[0])


async def unread(site: Site, path: str = "/om") -> int:
    """How many items the header says are new."""
    found = re.search(r'<a href="/nytt"[^>]*>Nytt(?: <span class="tag">(\d+)\+?</span>)?', (
        await site.get(path)
    ).text)  # fmt: skip
    assert found is not None
    return int(found[1] or 0)


def headings(answer: Answer) -> list[str]:
    """Titles in the list of news."""
    return [
        unescape(one) for one in re.findall(r'<h3><a href="[^"]+">([^<]+)</a></h3>', answer.text)
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (HJO, "Följ Hjo"),
        ("/erfarenheter?amne=aldre", "Följ Äldreomsorg"),
        ("/amnen/aldre", "Följ Äldreomsorg"),
        ("/erfarenheter?q=nyckel&typ=erfarenhet", "Följ den här sökningen"),
        ("/erfarenheter?kommun=1497&status=pilot", "Följ den här sökningen"),
        ("/erfarenheter?trakt=lan-14", "Följ den här sökningen"),
        ("/erfarenheter?trakt=grannar&grupp=liknar-oss", "Följ den här sökningen"),
        ("/erfarenheter?q=nyckel&trakt=skaraborg&typ=erfarenhet", "Följ den här sökningen"),
        ("/erfarenheter?q=nyckel&ordagrant=1", "Följ den här sökningen"),
        (f"/erfarenheter?ar={year_of(START_MS)}", "Följ den här sökningen"),
        ("/erfarenheter?oppen=1&amne=aldre", "Följ den här sökningen"),
        (f"/erfarenheter?ar={month_of(START_MS)}", "Följ den här sökningen"),
        ("/erfarenheter?produkt=exempelv%C3%A4xeln", "Följ den här sökningen"),
        (
            "/erfarenheter?produkt=Exempelv&leverantor=exempel+ab&typ=fraga",
            "Följ den här sökningen",
        ),
        ("/erfarenheter?svar=saknas", "Följ den här sökningen"),
        ("/erfarenheter?svar=vantar&amne=aldre&q=nyckel", "Följ den här sökningen"),
    ],
)
async def test_what_a_page_shows_can_be_followed_and_left(
    site: Site, hjo: LogMaker, path: str, words: str
) -> None:
    """One press follows it and one ends it; meanwhile a new record is news."""
    await site.receive(hjo)
    followed = await press(site, path, words)
    assert_sound(followed)
    assert "Du följer det här nu" in followed.text
    written = an_experience(
        title="Exempel: nyckel",
        collaboration_open=True,
        type="fraga" if "svar=" in path or "typ=fraga" in path else "erfarenhet",
        products=(Product(name="Exempelväxeln", supplier="Exempel AB"),),
    )
    write(hjo, "experience", written)
    await site.receive(hjo)

    assert await unread(site) == 1
    ended = await press(site, path, words.replace("Följ", "Sluta följa"))
    assert "Du följer inte det här längre" in ended.text
    assert await unread(site) == 0


async def test_a_place_is_followed_as_it_is_listed(site: Site, hjo: LogMaker) -> None:
    """News, list and feed of a place and a group hold the same records; the page of what one
    follows says in words what they are, and leads to the list.
    """
    stockholm = LogMaker(3, code="0180", name="Stockholms stad")
    path = "/erfarenheter?trakt=grannar&grupp=liknar-oss"
    await press(site, path, "Följ den här sökningen")
    for maker, title in ((hjo, "Exempel: nära"), (stockholm, "Exempel: långt borta")):
        write(maker, "experience", an_experience(title=title))
        await site.receive(maker)
    followed = await site.get("/foljer")

    assert_sound(followed)
    assert "Granne med Tidaholm, Liknar Tidaholm" in followed.text
    assert path in Page(followed.text).links
    assert headings(await site.get("/nytt")) == ["Exempel: nära"]
    for shown in (path, path.replace("?", "/flode.atom?")):
        text = (await site.get(shown)).text
        assert "Exempel: nära" in text
        assert "långt borta" not in text
    address = await site.post("/foljer/flode")
    feeds = [unescape(one) for one in re.findall(r'value="https?://[^/"]+([^"]+)"', address.text)]
    (personal,) = (one for one in feeds if "trakt=grannar" in one)
    assert "Exempel: nära" in (await site.signed_out().get(personal)).text


async def test_a_record_is_followed_from_its_page(site: Site, hjo: LogMaker) -> None:
    """What others say about it is news, and leads to where it stands."""
    record = write(hjo, "experience", an_experience(title="Exempel: lås"))
    await site.receive(hjo)
    await press(site, f"/erfarenheter/{record}/exempel-las", "Följ erfarenheten")
    said = write(hjo, "comment", Comment(record=record, text="Exempel: nytt pris."))
    await site.receive(hjo)
    news = await site.get("/nytt")

    assert_sound(news)
    assert headings(news) == ["Exempel: lås"]
    assert f"/erfarenheter/{record}/exempel-las#k-{said}" in Page(news.text).links
    assert "Hjo kommenterade" in news.text
    assert "I dag, " in news.text


async def test_looking_makes_it_seen(site: Site, hjo: LogMaker) -> None:
    """The count in the header is gone after one look, and comes back with what is new."""
    own = await site.publish(title="Exempel: egen")
    write(hjo, "comment", Comment(record=own, text="Exempel: hur gick det?"))
    await site.receive(hjo)
    assert [await unread(site, path) for path in ("/", "/grannar")] == [1, 1]
    first, second = await site.get("/nytt"), await site.get("/nytt")

    assert ">Nytt</span>" in first.text
    assert "1\N{NO-BREAK SPACE}nyhet sedan du var här senast" in first.text
    assert ">Nytt</span>" not in second.text
    assert "Inget nytt sedan du var här senast" in second.text
    assert headings(second) == headings(first) == ["Exempel: egen"]
    assert "Till Tidaholm" in first.text
    write(hjo, "use", Use(record=own))
    await site.receive(hjo)
    assert await unread(site) == 1


async def test_more_than_is_counted_says_so_until_it_is_seen(site: Site, hjo: LogMaker) -> None:
    """A hundred news and one more are both "99+", and looking takes all of them away."""
    await site.receive(hjo)
    await press(site, HJO, "Följ Hjo")
    for number in range(UNREAD_ENOUGH):
        write(hjo, "experience", an_experience(title=f"Exempel {number}"))
    await site.receive(hjo)
    assert await unread(site) == UNREAD_ENOUGH - 1
    write(hjo, "experience", an_experience(title="Exempel: den sista"))
    await site.receive(hjo)
    assert await unread(site) == UNREAD_ENOUGH - 1

    assert "Exempel: den sista" in headings(await site.get("/nytt"))
    assert await unread(site) == 0
    write(hjo, "experience", an_experience(title="Exempel: efteråt"))
    await site.receive(hjo)
    assert await unread(site) == 1


async def test_the_start_page_says_what_is_new_of_what_is_followed(
    site: Site, hjo: LogMaker
) -> None:
    """Who follows something sees there how much is new; who follows nothing sees nothing of it."""
    await site.receive(hjo)
    assert "Det du följer" not in (await site.get("/")).text
    action, fields = form_of(await site.get(HJO), "Följ")
    await site.post(action, fields)
    assert "Inget nytt" in (await site.get("/")).text
    write(hjo, "experience", an_experience(title="Exempel: nytt"))
    await site.receive(hjo)
    start = await site.get("/")

    assert_sound(start)
    assert '<a href="/nytt">1\xa0nyhet</a>' in start.text
    assert '<a href="/foljer">Du följer 1\xa0sak</a>' in start.text


async def test_users_follow_for_themselves(site: Site, hjo: LogMaker) -> None:
    """What one follows and has seen is nobody else's."""
    reader = await site.signed_in(Role.READER)
    await site.receive(hjo)
    await press(reader, HJO, "Följ Hjo")
    write(hjo, "experience", an_experience())
    await site.receive(hjo)

    assert (await unread(reader), await unread(site)) == (1, 0)
    assert "Hjo" not in (await site.get("/foljer")).text.partition("<main")[2]
    await reader.get("/nytt")
    assert await unread(reader) == 0


async def test_the_page_of_what_one_follows_ends_each(site: Site, hjo: LogMaker) -> None:
    """Everything followed stands there in words with a way to it, and can be ended there."""
    record = write(hjo, "experience", an_experience(title="Exempel: lås & <b>"))
    await site.receive(hjo)
    empty = await site.get("/foljer")
    assert_sound(empty)
    assert "Du följer inget än" in empty.text
    await press(site, HJO, "Följ Hjo")
    await press(site, "/erfarenheter?amne=digital", "Följ IT")
    await press(site, "/erfarenheter?q=fiber+%26+moln&amne=digital", "Följ den här sökningen")
    await press(site, f"/erfarenheter/{record}/exempel-las-b", "Följ erfarenheten")
    page = await site.get("/foljer")

    assert_sound(page)
    assert "/erfarenheter?q=fiber+%26+moln&amne=digital" in Page(page.text).links
    assert "”fiber &amp; moln”" in page.text
    assert "Exempel: lås &amp; &lt;b&gt;" in page.text
    for _ in range(4):
        page = await press(site, "/foljer", "Sluta följa")
    assert "Du följer inget än" in page.text


async def test_what_is_gone_can_still_be_ended(site: Site, hjo: LogMaker) -> None:
    """A record of a municipality that was blocked since is named without its title."""
    record = write(hjo, "experience", an_experience(title="Exempel: lås"))
    await site.receive(hjo)
    await press(site, f"/erfarenheter/{record}/exempel-las", "Följ erfarenheten")
    await site.served.node.standings.decide(hjo.log, Standing.BLOCKED, "Exempel")
    page = await site.get("/foljer")

    assert "En erfarenhet som inte längre visas" in page.text
    assert "Exempel: lås" not in page.text
    assert "Du följer inget än" in (await press(site, "/foljer", "Sluta följa")).text


async def test_nobody_follows_what_is_not_here(site: Site) -> None:
    """A record that is not here is not found, and what is nothing is the sender's mistake."""
    gone = await site.post("/foljer", {"slag": "record", "mal": "0" * 64})
    nothing = await site.post("/foljer", {"slag": "area", "mal": "nope"})

    assert (gone.status, nothing.status) == (404, 400)


async def test_there_is_an_end_to_what_one_can_follow(site: Site) -> None:
    """The one too many is refused in words, and changes nothing."""
    for number in range(FOLLOWS_OF_ONE_USER_MAX):
        sent = {"slag": "municipality", "mal": f"{number:04}"}
        assert (await site.post("/foljer", sent)).status == 303
    refused = await site.post("/foljer", {"slag": "area", "mal": "digital"})

    assert refused.status == 409
    assert "Du följer redan så mycket som det går" in refused.text
    another = await site.signed_in(Role.READER)
    searches = [
        await another.post("/foljer", {"slag": "search", "mal": f'{{"text":"ord{number}"}}'})
        for number in range(SEARCHES_MAX + 1)
    ]
    assert [answer.status for answer in searches] == [303] * SEARCHES_MAX + [409]
    again = await site.post("/foljer", {"slag": "municipality", "mal": "0000"})
    assert again.status == 303


@pytest.mark.parametrize("place", ["//exempel.se", "https://exempel.se", "/\\exempel.se"])
async def test_a_form_leads_nowhere_else(site: Site, place: str) -> None:
    """Whatever a form says about where to go, one stays on the site."""
    answer = await site.post("/foljer", {"slag": "area", "mal": "digital", "till": place})

    assert answer.location == "/?klart=foljer"


async def test_the_public_is_offered_nothing_to_follow(site: Site, hjo: LogMaker) -> None:
    """Who is not signed in sees no button and no count, and is sent to sign in."""
    await site.receive(hjo)
    public = site.signed_out()
    page = await public.get(HJO)

    assert "Följ" not in page.text
    assert 'href="/nytt"' not in page.text
    assert (await public.get("/nytt")).location.startswith("/logga-in")


async def test_a_window_that_looked_earlier_takes_nothing_back(site: Site) -> None:
    """Two windows: what the later one has seen stays seen."""
    store = site.served.node.follow_store
    for seen_ms in (2_000, 1_000):
        await store.mark_seen(1, seen_ms)

    assert await store.seen_ms(1) == 2_000
