"""Reading in English: every page that is read, with much on it, and no Swedish word of our own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from content_factories import an_experience
from factories import LogMaker
from node.municipal import municipalities
from node.operations.drafts import Written
from node.web.language import catalog
from protocol.content import Attachment, Comment, Contact, Helped, Interest, Use, Withdraw
from protocol.content.experience import Cost, Legal, Link, Product, Timeline
from spoken import said_in
from storage.account_views import Role
from web_site import FORM, Site, assert_sound, open_site, user_with, write

pytestmark = pytest.mark.asyncio(loop_scope="module")
ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# Words that stand in any Swedish sentence, and in no English one.
SWEDISH_WORDS = re.compile(r"\b(och|är|inte|från|på|att|som|till|kommunen|för)\b|[åäöÅÄÖ]")
STORY = "**Så** var det. Vi gjorde om allt för kommunen, och det gick bra."
OTHER_STORY = f"{STORY}\n\nSedan mätte vi en gång till."
NAMES = sorted(
    {
        name
        for one in municipalities.all_municipalities()
        for name in (one.official_name, one.name, one.county, one.subregion)
        if name
    },
    key=len,
    reverse=True,
)
PAGES = (
    "/", "/amnen", "/amnen/aldre", "/amnen/aldre.hemtjanst", "/amnen/kultur.bibliotek",
    "/erfarenheter", "/erfarenheter?sida=2", "/erfarenheter?q=larm",
    "/erfarenheter?q=xyzxyz&typ=fraga",
    "/erfarenheter?amne=aldre.hemtjanst&typ=erfarenhet&kommun=1497&status=drift",
    "/erfarenheter?trakt=grannar&grupp=liknar-oss", "/erfarenheter?trakt=lan-14",
    "/erfarenheter?grupp=landsbygdskommun", "/kommuner", "/kommuner/1497-hjo",
    "/kommuner/1498-tidaholm", "/kommuner/1499-falkoping", "/kommuner/0180-stockholm",
    "/erfarenheter/{whole}/exempel-nycklar", "/erfarenheter/{own}/exempel-egen",
    "/erfarenheter/{own}/exempel-egen?version={own}", "/erfarenheter/{withdrawn}/exempel-larm",
    "/erfarenheter/{question}/exempel-vem-vet", "/erfarenheter/{english}/example-keys",
    "/erfarenheter/{own}/skillnad", "/erfarenheter/{own}/skillnad?till={own}",
    "/erfarenheter/{question}/skillnad", "/nytt", "/foljer",
)  # fmt: skip


class Filled(NamedTuple):
    """A node with something on every page, and the ids of some records."""

    site: Site
    names: dict[str, str]


def a_whole_experience(**changes: object) -> dict[str, object]:
    """Every part of a record that a page can show, told in Swedish."""
    told = "situation actions results lessons_well lessons_change advice preconditions".split()
    return dict.fromkeys(told, STORY) | {
        "title": "Exempel: nycklar",
        "cost": Cost(one_off_sek=120_000, one_off_max_sek=200_000, yearly_sek=1, own_hours=80,
                     note="Allt är inte med."),
        "timeline": Timeline(started="2023-01", live="2024", ended="2025-02-03"),
        "products": (
            Product(name="Låset", supplier="Bolaget på orten", call_off="ja",
                    call_off_until="2027-01-01"),
        ),
        "legal": Legal(personal_data=True, dpia_done=False, procurement="Avrop på ramavtal",
                       note="Det är klart."),
        "attachments": (
            Attachment(sha256="ab" * 32, name="plan.csv", media_type="text/csv", size_bytes=5,
                       description="Planen för kommunen"),
        ),
        "links": (Link(url="https://exempel.se/rapport", title="Rapporten som låg till grund"),),
        "tags": ("lås", "nyckel"),
        "klassa": "1.2",
        "valid_until": "2020-01-01",
        "review_date": "2020-01-01",
        "collaboration_open": True,
        "visibility": "federation",
    } | changes  # fmt: skip


async def follow(site: Site, kind: str, target: str) -> None:
    """Press the button Follow."""
    answer = await site.post("/foljer", {"slag": kind, "mal": target, "till": "/foljer"})
    assert answer.status == 303, answer.text


async def fill(site: Site) -> dict[str, str]:
    """Records, answers, versions, a draft, and things to follow."""
    node = site.served.node
    for number in range(21):
        await site.publish(title=f"Exempel {number}: larm", status="avbrutet")
    own = await site.publish(title="Exempel: egen")
    changed = {"title": "Exempel: egen", "replaces": own, "advice": STORY, "example": True}
    second = await site.publish(**changed)
    last = {"title": "Exempel: egen", "replaces": own, "visibility": "public"}
    await site.publish(**a_whole_experience(**last))
    withdrawn = await site.publish(title="Exempel: larm")
    await node.publisher.publish("withdraw", Withdraw(target=withdrawn, reason="Det är fel."))
    await follow(site, "area", "aldre.hemtjanst")
    await follow(site, "municipality", "1497")
    await follow(site, "search", '{"text": "larm", "status": "drift"}')
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    whole = write(hjo, "experience", an_experience(**a_whole_experience(related=(own, "cd" * 32))))
    question = write(hjo, "experience", an_experience(title="Exempel: vem vet", type="fraga"))
    english = write(
        hjo, "experience", an_experience(title="Example: keys", summary="Short.", language="en")
    )
    asker = Contact(role="Enheten för lås", email="las@exempel.se")
    write(hjo, "use", Use(record=own, since_year=2024, contact=asker, note="Det är bra."))
    write(hjo, "interest", Interest(record=own, interest="samverka", contact=asker))
    write(hjo, "interest", Interest(record=own, interest="planerar"))
    write(hjo, "helped", Helped(record=own, reused="Mallen för mätning."))
    asked = write(hjo, "comment", Comment(record=own, kind="question", text="Hur är det?"))
    write(hjo, "comment", Comment(record=own, kind="answer", text="Väl.", answer_to=asked))
    regretted = write(hjo, "comment", Comment(record=own, text="Så är det."))
    write(hjo, "withdraw", Withdraw(target=regretted, reason="Det är fel."))
    await site.receive(hjo)
    operator = await user_with(node, Role.OPERATOR, "operator.exempel")
    draft = Written(node.drafts.new_id(), FORM)
    await node.drafts.save(operator, draft)
    await follow(site, "record", whole)
    return {
        "own": own,
        "second": second,
        "whole": whole,
        "question": question,
        "english": english,
        "withdrawn": withdrawn,
    }


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Filled]:
    """One served node for all of these tests, seen by its operator who reads English."""
    folder: Path = tmp_path_factory.mktemp("english")
    async with open_site(folder) as site:
        names = await fill(site)
        yield Filled(site.with_cookie("tidan-sprak=en"), names)


def swedish_in(texts: list[str]) -> list[str]:
    """Those of an English page's texts that are Swedish, but for names."""
    known = catalog("en")
    titles = re.compile(r"Exempel( \d+)?: (larm|nycklar|egen|vem vet)")
    found = []
    for text in texts:
        left = titles.sub("", text)
        for name in NAMES if SWEDISH_WORDS.search(left) else ():
            left = left.replace(name, "")
        if SWEDISH_WORDS.search(left) or known.gettext(text) != text:
            found.append(text)
    return found


@pytest.mark.parametrize("signed_in", [True, False], ids=["operator", "public"])
@pytest.mark.parametrize("address", PAGES)
async def test_what_is_read_is_english_throughout(
    filled: Filled, address: str, signed_in: bool
) -> None:
    """All that a page says outside what is marked as Swedish is English, names aside."""
    site = filled.site if signed_in else filled.site.signed_out().with_cookie("tidan-sprak=en")
    answer = await site.get(address.format(**filled.names))
    if not signed_in and answer.status in (303, 404):
        return  # for those who are signed in
    texts = said_in(answer.text, "en")

    assert_sound(answer, language="en")
    assert answer.headers["Content-Language"] == "en"
    assert len(texts) > 20
    assert swedish_in(texts) == []


async def test_what_municipalities_wrote_stays_as_they_wrote_it(filled: Filled) -> None:
    """Stories, notes and comments are Swedish on an English page, and marked as Swedish."""
    whole = await filled.site.get("/erfarenheter/{whole}/exempel-nycklar".format(**filled.names))
    own = await filled.site.get("/erfarenheter/{own}/exempel-egen".format(**filled.names))
    address = "/erfarenheter/{english}/example-keys".format(**filled.names)
    english, swedish = (
        await filled.site.get(address),
        await filled.site.signed_out().get(f"{address}?sprak=sv"),
    )
    told = " ".join(said_in(whole.text, "sv"))
    answered = " ".join(said_in(own.text, "sv"))

    for words in ("Exempel: nycklar", "Vi gjorde om allt", "Allt är inte med", "Planen för"):
        assert words in told
    for words in ("Det är bra.", "Mallen för mätning.", "Hur är det?", "Enheten för lås"):
        assert words in answered
    assert "<h1>Example: keys</h1>" in english.text
    assert '<h1 lang="en">Example: keys</h1>' in swedish.text


async def test_lists_mark_each_title_with_its_language(filled: Filled) -> None:
    """In one list a Swedish title and an English one are each read out as what they are."""
    english = await filled.site.get("/kommuner/1497-hjo")
    swedish = await filled.site.signed_out().get("/kommuner/1497-hjo?sprak=sv")

    assert "Example: keys" in said_in(english.text, "en")
    assert "Exempel: vem vet" in said_in(english.text, "sv")
    assert "Example: keys" in said_in(swedish.text, "en")
    assert "Exempel: vem vet" in said_in(swedish.text, "sv")


async def test_errors_in_a_comment_are_english(filled: Filled) -> None:
    """Why a comment was not published is said in the language of the page."""
    answer = await filled.site.post(f"/erfarenheter/{filled.names['whole']}/kommentarer", {})

    assert answer.status == 422
    assert answer.title.startswith("Error: Exempel: nycklar")
    assert "Write something before you publish" in said_in(answer.text, "en")


async def test_a_feed_is_english_when_its_address_says_so(filled: Filled) -> None:
    """English pages lead to English feeds; a feed's language never depends on who asks."""
    page = await filled.site.get("/erfarenheter?amne=aldre")
    assert "/erfarenheter/flode.atom?amne=aldre&amp;sprak=en" in page.text
    english = await filled.site.get("/erfarenheter/flode.atom?amne=aldre&sprak=en")
    swedish = await filled.site.get("/erfarenheter/flode.atom?amne=aldre")
    of_record = await filled.site.get(f"/erfarenheter/{filled.names['own']}/flode.atom?sprak=en")

    feed, other = ET.fromstring(english.text), ET.fromstring(swedish.text)
    assert (feed.get(XML_LANGUAGE), other.get(XML_LANGUAGE)) == ("en", "sv")
    assert feed.findtext(f"{ATOM}title") == "Elder care – Tidan, Tidaholm"
    assert other.findtext(f"{ATOM}title") == "Äldreomsorg – Tidan, Tidaholm"
    assert feed.findtext(f"{ATOM}id") != other.findtext(f"{ATOM}id")
    assert [one.text for one in feed.iter(f"{ATOM}id")][1:] == [
        one.text for one in other.iter(f"{ATOM}id")
    ][1:]
    languages = {one.get(XML_LANGUAGE) for one in feed.iterfind(f"{ATOM}entry/{ATOM}title")}
    assert languages == {"sv", None}
    assert "Answer from Hjo" in of_record.text
