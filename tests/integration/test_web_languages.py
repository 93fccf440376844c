"""The pages in both languages: chosen by a link, kept by a cookie, honest about what is missing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from node.web.pages.help_pages import PAGES
from web_site import Page, Site, assert_sound, open_site

DONE = ["/om", "/tillganglighet", "/tillganglighet/synpunkter", "/konto", "/finns-inte", "/hjalp"]
DONE += [page.url for page in PAGES]
DONE += ["/", "/erfarenheter", "/amnen", "/amnen/skola", "/nytt", "/foljer"]
DONE += ["/skriv", "/utkast", "/grannar", "/anvandare", "/anvandare/handelser", "/utskick"]
ONLY_SWEDISH = "This page is in Swedish only so far."
# Words that stand in any Swedish sentence, and in no English one.
SWEDISH_WORDS = re.compile(r"\b(och|är|inte|från|på|att|som|till|kommunen|för)\b|[åäöÅÄÖ]")
# What stays Swedish on an English page: names, and the words of the link to Swedish.
NAMES = re.compile(r"På svenska|Operator\.Exempel|trygghetslarm|fiber landsbygd|Tidaholms kommun")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node, with its operator signed in."""
    async with open_site(tmp_path) as opened:
        yield opened


def visible(text: str) -> str:
    """What a page says, without marks and addresses."""
    body = re.sub(r"<svg.*?</svg>", " ", text, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", body)


@pytest.mark.parametrize("address", DONE)
async def test_translated_pages_are_english_throughout(site: Site, address: str) -> None:
    """No Swedish sentence is left on a page that says it is English."""
    answer = await site.get(address, Accept_Language="en")
    found = SWEDISH_WORDS.search(NAMES.sub("", visible(answer.text)))

    assert_sound(answer, language="en")
    assert answer.headers["Content-Language"] == "en"
    assert found is None, answer.text[max(0, found.start() - 80) :][:200]
    assert ONLY_SWEDISH not in answer.text


@pytest.mark.parametrize("address", DONE)
async def test_the_same_pages_are_swedish_for_others(site: Site, address: str) -> None:
    """Without a choice and without a list of languages a page is Swedish."""
    answer = await site.get(address)

    assert_sound(answer)
    assert "In English" in answer.text
    assert "Main menu" not in answer.text


async def test_a_choice_that_cannot_be_kept_keeps_no_page_away(site: Site) -> None:
    """A disk that takes nothing costs the account's choice; the page and its cookie are given."""
    async with site.served.node.account_store._database.write() as connection:
        fails = "BEGIN SELECT RAISE(FAIL, 'disk I/O error'); END"
        await connection.execute(text(f"CREATE TRIGGER failing BEFORE UPDATE ON users {fails}"))
    answer = await site.get("/?sprak=en")

    assert_sound(answer, language="en")


async def test_a_choice_is_kept_and_can_be_taken_back(site: Site) -> None:
    """The link in the footer needs no script; its cookie outlives the browser's own wish."""
    swedish = await site.get("/om?klart=utloggad", Accept_Language="sv")
    link = next(link for link in Page(swedish.text).links if "sprak=en" in link)
    assert link == "/om?sprak=en"

    english = await site.get(link, Accept_Language="sv")
    cookie = english.headers["Set-Cookie"]
    assert "<h1>About Tidan</h1>" in english.text
    assert re.match(r"tidan-sprak=en; HttpOnly; Max-Age=31536000; Path=/; SameSite=Lax", cookie)

    kept = site.with_cookie("tidan-sprak=en")
    assert "<h1>About Tidan</h1>" in (await kept.get("/om", Accept_Language="sv")).text
    back = await kept.get("/om?sprak=sv")
    assert "<h1>Om Tidan</h1>" in back.text
    assert "tidan-sprak=sv" in back.headers["Set-Cookie"]


@pytest.mark.parametrize("said", ["de", "../en", "", "en\u0000"])
async def test_a_language_there_is_not_changes_nothing(site: Site, said: str) -> None:
    """Neither an address nor a cookie can name anything but a language there is."""
    answer = await site.with_cookie("tidan-sprak=klingonska").get(f"/om?sprak={said}")

    assert_sound(answer)
    assert "Set-Cookie" not in answer.headers


async def test_pages_say_what_they_depend_on(site: Site) -> None:
    """No cache between mixes languages, and search engines find both addresses."""
    answer = await site.get("/om")
    missing = await site.get("/finns-inte")

    assert {"Cookie", "Accept-Language"} <= set(re.split(r",\s*", answer.headers["Vary"]))
    assert '<link rel="alternate" hreflang="en" href="/om?sprak=en">' in answer.text
    assert '<link rel="alternate" hreflang="sv" href="/om?sprak=sv">' in answer.text
    assert 'rel="alternate" hreflang' not in missing.text


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "/om?till=//evil.example"])
async def test_the_link_to_another_language_stays_here(site: Site, path: str) -> None:
    """An address made to look like another site does not become a link to it."""
    answer = await site.get(path)

    for link in Page(answer.text).links:
        assert not link.startswith(("//", "/\\")), link


async def test_errors_in_forms_are_in_the_reader_s_language(site: Site) -> None:
    """A text with a value in it, a fault at its field, and the summary above."""
    english = site.with_cookie("tidan-sprak=en")
    wrong = {"nuvarande": "fel", "losenord": "kort", "losenord_igen": "kort"}
    answer = await english.post("/konto/losenord", wrong)
    assert answer.status == 422
    assert_sound(answer, language="en")
    assert answer.title.startswith("Error: My account")
    assert "There is something to correct" in answer.text
    assert "/?sprak=sv" in Page(answer.text).links

    outside = site.signed_out().with_cookie("tidan-sprak=en")
    for _ in range(11):
        answer = await outside.post("/logga-in", {"namn": "nemo", "losenord": "fel fel fel fel"})
    assert answer.status == 429
    assert re.search(r"gone wrong too many times\. Try again in \d+\s(second|minute)", answer.text)


async def test_receipts_and_roles_are_translated(site: Site) -> None:
    """What an act leaves behind on the next page is said in the reader's language."""
    english = site.with_cookie("tidan-sprak=en")
    answer = await english.get("/konto?klart=losenord")

    assert "The password is changed." in answer.text
    assert "Operator in Tidaholm." in answer.text
    assert "Driftansvarig" not in answer.text
