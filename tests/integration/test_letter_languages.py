"""Letters come in the language that their reader has chosen, through a real mail server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from letters_asked import ADDRESS, ask, subscribe, tomorrow
from mail_server import MailServer, html_of, text_of
from storage.account_views import Role
from web_site import SAME_ORIGIN, Page, Site, assert_sound, open_site, with_hjo, write

# Words that stand in any Swedish sentence, and in no English one.
SWEDISH_WORDS = re.compile(r"\b(och|är|inte|från|på|att|som|till|den|nyhet|brev)\b|[åäöÅÄÖ]")
TITLE = "Exempel: lås och nycklar på skolan"
NAMES = re.compile(rf"Tidaholms kommun|{TITLE}|exempel-las-och-nycklar-pa-skolan")
SITE = "https://tidan.exempel.se"


@pytest.fixture
async def site(tmp_path: Path, mail: MailServer) -> AsyncIterator[Site]:
    """A served node of Tidaholm that can send mail."""
    async with open_site(tmp_path, **mail.flags()) as opened:
        yield opened


def assert_english(letter: EmailMessage) -> None:
    """Both forms and the subject are English throughout, and say that they are."""
    assert letter["Content-Language"] == "en"
    assert '<html lang="en">' in html_of(letter)
    for text in (letter["Subject"], text_of(letter), html_of(letter)):
        found = SWEDISH_WORDS.search(NAMES.sub("", text))
        assert found is None, text[max(0, found.start() - 60) :][:140]


async def tell(site: Site, mail: MailServer) -> EmailMessage:
    """Let Hjo share something, and send the letter about it."""
    await site.post("/foljer", {"slag": "municipality", "mal": "1497"})
    await with_hjo(site, title=TITLE)
    assert await site.served.node.digests.send_due(tomorrow()) == 1
    return mail.letters[-1]


async def test_letters_are_english_for_who_chose_english(site: Site, mail: MailServer) -> None:
    """Both letters, and each page behind their links whoever opens it; titles stay as they are."""
    await site.get("/konto?sprak=en")
    await ask(site)
    (confirmation,) = mail.letters
    assert_english(confirmation)
    assert confirmation["Subject"] == "Confirm letters from Tidan, Tidaholms kommun"
    public, path = site.signed_out(), mail.link("/utskick/bekrafta/") + "?sprak=en"
    assert f"{SITE}{path}" in text_of(confirmation)
    assert_sound(await public.get(path), language="en")
    assert_sound(await public.post(path), language="en")
    letter = await tell(site, mail)

    assert_english(letter)
    assert letter["Subject"] == "1 thing is new in Tidan"
    assert f'lang="sv">{TITLE}</a>' in html_of(letter)
    assert re.search(r"\d{1,2} [A-Z][a-z]+ 20\d\d", text_of(letter))
    stop = letter["List-Unsubscribe"].strip("<>")
    assert stop.endswith("?sprak=en")
    assert stop in text_of(letter)
    assert stop in Page(html_of(letter)).links
    address = stop.removeprefix(SITE)
    asked = await public.get(address)
    assert_sound(asked, language="en")
    assert "Do you want to stop" in asked.text
    done = await public.post(address, {"List-Unsubscribe": "One-Click"}, {})
    assert_sound(done, language="en")
    assert await site.served.node.digests.all() == []


async def test_who_never_chose_gets_swedish_letters(site: Site, mail: MailServer) -> None:
    """The pages behind their links are Swedish as well, also in an English browser."""
    await subscribe(site, mail)
    letter = await tell(site, mail)
    stop = letter["List-Unsubscribe"].strip("<>").removeprefix(SITE)

    assert letter["Content-Language"] == "sv"
    assert letter["Subject"] == "1 nyhet i Tidan"
    assert '<html lang="sv">' in html_of(letter)
    assert "Sluta få breven" in text_of(letter)
    assert_sound(await site.signed_out().get(stop, Accept_Language="en"), language="sv")


@pytest.mark.parametrize("chosen", [("en", "sv"), ("sv", "en")])
async def test_a_letter_is_in_the_language_chosen_last(
    site: Site, mail: MailServer, chosen: tuple[str, str]
) -> None:
    """A choice counts from the next letter on, and on every browser, wherever it was made."""
    await subscribe(site, mail)
    elsewhere = await site.signed_in(Role.OPERATOR)
    for code in chosen:
        assert_sound(await elsewhere.get(f"/om?sprak={code}"), language=code)
    letter = await tell(site, mail)

    assert letter["Content-Language"] == chosen[-1]
    assert_sound(await site.get("/nytt"), language=chosen[-1])


async def test_letters_are_in_the_language_in_which_they_were_asked_for(
    site: Site, mail: MailServer
) -> None:
    """Who reads English because of the browser, and asks for letters, gets them in English."""
    sent = {"adress": ADDRESS, "hur_ofta": "daily"}
    await site.post("/foljer/utskick", sent, {**SAME_ORIGIN, "Accept-Language": "en"})

    assert_english(mail.letters[0])
    assert_sound(await site.get("/foljer"), language="en")


async def test_a_choice_is_its_users_own(site: Site) -> None:
    """Nobody else's pages change, nor does a public page's address change an account's."""
    reader = await site.signed_in(Role.READER)
    await site.get("/om?sprak=en")
    await site.signed_out().get("/om?sprak=en")
    await site.get("/om?sprak=xx")

    assert_sound(await reader.get("/om"))
    assert_sound(await site.get("/om"), language="en")
    assert_sound(await site.with_cookie("tidan-sprak=sv").get("/om"), language="en")
    users = {user.name: user.language for user in await site.served.node.accounts.users()}
    assert users == {"operator.exempel": "en", "reader.exempel": None}


async def test_a_long_list_says_its_numbers_in_english(site: Site, mail: MailServer) -> None:
    """What is left out is counted, and what is for members only is named as such, in English."""
    await site.get("/?sprak=en")
    await subscribe(site, mail)
    await site.post("/foljer", {"slag": "municipality", "mal": "1497"})
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    for number in range(60):
        visibility = "federation" if number == 59 else "public"
        write(hjo, "experience", an_experience(title=f"Exempel {number}", visibility=visibility))
    await site.receive(hjo)
    await site.served.node.digests.send_due(tomorrow())
    (letter,) = mail.letters

    assert_english(letter)
    assert "And 20 more" in text_of(letter)
    assert "An experience for member municipalities" in text_of(letter)
    assert "Hjo shared an experience:" in text_of(letter)
