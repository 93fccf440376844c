"""Feeds of the pages: what is in them, who may read them, and that nothing is sent twice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import feedparser
import pytest

from atom_check import assert_valid
from content_factories import an_experience
from factories import LogMaker
from node_factories import TestNode
from protocol.content import Comment, Withdraw
from storage.account_views import Role
from web_site import Answer, Site, assert_sound, open_site, user_with, with_hjo, write

LIST = "/erfarenheter/flode.atom"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


async def read(site: Site, path: str) -> Any:
    """A valid feed, as a reader sees it."""
    answer = await site.get(path)
    assert answer.status == 200, path
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert_valid(answer.text.encode())
    return feedparser.parse(answer.text)


async def titles(site: Site, path: str) -> list[str]:
    """The titles in a feed."""
    return [entry.title for entry in (await read(site, path)).entries]


async def personal(site: Site) -> str:
    """Where a new personal address of the user begins, as the page shows it."""
    page = await site.post("/foljer/flode")
    assert_sound(page)
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="http://127\.0\.0\.1:\d+(/flode/[\w-]{43})/nytt\.atom"', page.text)
    assert found is not None
    return found[1]


async def test_every_list_has_a_feed(site: Site) -> None:
    """All records, those a filter lists, a municipality's, and what is said about one."""
    await site.publish(title="Exempel: egen", area="digital.moln")
    record = await with_hjo(site, title="Exempel: lås")
    sent = {"kind": "question", "text": "Vad kostar *det*?"}
    assert (await site.post(f"/erfarenheter/{record}/kommentarer", sent)).status == 303
    feed = await read(site, LIST)
    (said,) = (await read(site, f"/erfarenheter/{record}/flode.atom")).entries

    assert {entry.title for entry in feed.entries} == {"Exempel: egen", "Exempel: lås"}
    assert await titles(site, f"{LIST}?amne=aldre") == ["Exempel: lås"]
    assert await titles(site, f"{LIST}?q=egen") == ["Exempel: egen"]
    assert await titles(site, "/kommuner/1497/flode.atom") == ["Exempel: lås"]
    assert (said.title, said.author, said.summary) == (
        "Fråga från Tidaholm",
        "Tidaholms kommun",
        "Vad kostar *det*?",
    )
    entry = next(one for one in feed.entries if one.title == "Exempel: lås")
    assert entry.author == "Hjo kommun"
    assert entry.link == f"{site.served.url}/erfarenheter/{record}/exempel-las"
    assert feed.feed.links[0].href == f"{site.served.url}{LIST}"
    assert entry.tags[0].label == "Hemtjänst"


async def test_ids_stay_and_changes_show(site: Site) -> None:
    """An edit keeps the entry's id and moves its time; another node gives it the same id."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    record = write(hjo, "experience", an_experience(title="Exempel: före"))
    await site.receive(hjo)
    (before,) = (await read(site, LIST)).entries
    write(hjo, "experience", an_experience(title="Exempel: efter", replaces=record))
    await site.receive(hjo)
    (after,) = (await read(site, LIST)).entries
    (through_municipality,) = (await read(site, "/kommuner/1497/flode.atom")).entries

    assert (before.title, after.title) == ("Exempel: före", "Exempel: efter")
    assert before.id == after.id == through_municipality.id
    assert before.updated < after.updated
    assert before.published == after.published


async def test_what_a_reader_has_is_not_sent_again(site: Site) -> None:
    """With the tag or the time of what it has, a reader gets 304 until something changes."""
    await site.publish(title="Exempel: egen")
    first = await site.get(LIST)
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]

    async def again(**headers: str) -> Answer:
        return await site.get(LIST, **headers)

    for headers in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", {tag}'},
        {"If_Modified_Since": changed},
    ):
        answer = await again(**headers)
        assert (answer.status, answer.text, answer.headers["ETag"]) == (304, "", tag)
    assert (await again(If_None_Match='"other"', If_Modified_Since=changed)).status == 200
    assert (await again(If_Modified_Since="Thu, 01 Jan 1970 00:00:00 GMT")).status == 200
    assert (await again(If_Modified_Since="nonsense")).status == 200
    await site.publish(title="Exempel: ny")
    assert (await again(If_None_Match=tag)).status == 200


async def test_a_feed_holds_what_the_public_may_see(site: Site) -> None:
    """What is for members, withdrawn or blocked is in no open feed, whoever asks."""
    secret = await site.publish(title="Exempel: sluten", visibility="federation")
    gone = await site.publish(title="Exempel: borta")
    shown = await site.publish(title="Exempel: öppen")
    await site.served.node.publisher.publish("withdraw", Withdraw(target=gone, reason="Fel."))
    await site.served.node.publisher.publish("comment", Comment(record=shown, text="Exempel."))
    for reader in (site, site.signed_out()):
        assert await titles(reader, LIST) == ["Exempel: öppen"]
        assert await titles(reader, "/kommuner/1498/flode.atom") == ["Exempel: öppen"]
        assert (await reader.get(f"/erfarenheter/{secret}/flode.atom")).status == 404


async def test_a_personal_address_shows_what_its_owner_sees(site: Site) -> None:
    """It works without signing in, until it is replaced, ended, or its owner is put out."""
    await site.publish(title="Exempel: sluten", visibility="federation")
    await with_hjo(site, title="Exempel: lås")
    reader, public = await site.signed_in(Role.READER), site.signed_out()
    first = await personal(reader)
    assert "Exempel: sluten" in await titles(public, first + LIST)
    second = await personal(reader)

    assert (await public.get(first + LIST)).status == 404
    assert await titles(public, f"{second}/nytt.atom") == []
    assert len(await titles(public, f"{second}{LIST}")) == 2
    assert await titles(public, f"{second}/kommuner/1497/flode.atom") == ["Exempel: lås"]
    await site.served.node.operations.deactivate_user("reader.exempel")
    assert (await public.get(second + LIST)).status == 404
    await site.served.node.operations.activate_user("reader.exempel")
    again = await site.signed_in(Role.READER)
    assert (await again.post("/foljer/flode/avsluta")).status == 303
    assert (await public.get(second + LIST)).status == 404
    assert second.rpartition("/")[2] not in (await again.get("/foljer")).text


async def test_the_personal_feed_tells_what_is_new(site: Site) -> None:
    """What the page of news shows, with a link to where it stands."""
    own = await site.publish(title="Exempel: egen")
    address = await personal(site)
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    said = write(hjo, "comment", Comment(record=own, text="Exempel: hur gick det?"))
    await site.receive(hjo)
    (entry,) = (await read(site.signed_out(), f"{address}/nytt.atom")).entries

    assert entry.title == "Hjo kommenterade: Exempel: egen"
    assert entry.link.endswith(f"/exempel-egen#k-{said}")


async def test_a_closed_node_feeds_personal_addresses_only(tmp_path: Path) -> None:
    """Where reading needs signing in, pages name no feed, and a feed without its token is not
    served.
    """
    async with open_site(tmp_path, read_access="signed-in") as site:
        await site.publish(title="Exempel: öppen")
        address = await personal(site)
        public = site.signed_out()

        assert (await public.get(LIST)).location.startswith("/logga-in")
        assert await titles(public, address + LIST) == ["Exempel: öppen"]
        assert "application/atom+xml" not in (await site.get("/erfarenheter")).text


async def test_pages_say_where_their_feed_is(site: Site) -> None:
    """A feed reader finds the feed of what a page shows, and it is served."""
    record = await with_hjo(site, title="Exempel: lås")
    for page, path in (
        ("/", LIST),
        ("/erfarenheter?amne=aldre&status=pilot", f"{LIST}?amne=aldre&amp;status=pilot"),
        ("/kommuner/1497-hjo", "/kommuner/1497/flode.atom"),
        (f"/erfarenheter/{record}/exempel-las", f"/erfarenheter/{record}/flode.atom"),
    ):
        text = (await site.signed_out().get(page)).text
        (link,) = re.findall(r'<link rel="alternate" type="[^>]*>', text)
        assert link.endswith(f'href="{path}">'), page
        assert 'type="application/atom+xml"' in link
        await read(site, path.replace("&amp;", "&"))


async def test_links_lead_to_the_stated_address(tmp_path: Path) -> None:
    """Behind a proxy, a feed names the address that the operator stated."""
    async with open_site(tmp_path, public_url="https://tidan.exempel.se") as site:
        await site.publish(title="Exempel: egen")
        feed = await read(site, LIST)

        assert feed.entries[0].link.startswith("https://tidan.exempel.se/erfarenheter/")


async def test_no_token_is_kept(site: Site, tmp_path: Path) -> None:
    """Whoever reads the database or the log lines finds no address that works."""
    served: TestNode = site.served
    token = (await personal(site)).rpartition("/")[2]
    user = await user_with(served.node, Role.OPERATOR, "operator.exempel")
    await site.signed_out().get(f"/flode/{token}{LIST}")
    files = b"".join(path.read_bytes() for path in served.folder.iterdir() if path.is_file())

    assert token.encode() not in files
    assert token not in served.log_lines.getvalue()
    assert await served.node.following.feed_key_made_ms(user) is not None
