"""The accessibility statement says what the municipality says, and lets readers answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from node.accessibility import Accessibility, Shortcoming
from storage.account_views import Role
from storage.feedback_file import MESSAGES_MAX, FeedbackFile
from web_site import Page, Site, assert_sound, open_site

PAGE = "/tillganglighet"
INBOX = "/tillganglighet/synpunkter"
FAULT = "Kartan kan inte förstoras."
FILLED_IN = Accessibility(
    actor="Tidaholms kommun",
    compliance="partial",
    assessed=date(2026, 11, 20),
    updated=date(2026, 11, 24),
    method="Egen genomgång med tangentbord.",
    contact="Webbredaktionen",
    email="webben@exempel.se",
    phone="0502-60 60 00",
    shortcomings=(
        Shortcoming(what=FAULT, reason="Rättas till våren."),
        Shortcoming(what="Äldre inspelningar saknar text.", ground="burden"),
        Shortcoming(what="Bilagor från före 2018.", ground="outside"),
    ),
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node whose operator has not filled in anything."""
    async with open_site(tmp_path) as opened:
        yield opened


async def test_a_statement_that_is_not_filled_in_claims_nothing(site: Site) -> None:
    """Nobody has assessed the pages, and the page says so; the form is there all the same."""
    answer = await site.signed_out().get(PAGE)

    assert answer.status == 200
    assert_sound(answer)
    assert "har inte bedömt webbplatsen än" in answer.text
    assert "förenlig</strong>" not in answer.text
    assert "tidan.toml" not in answer.text
    assert "https://www.digg.se/tdosanmalan" in Page(answer.text).links
    assert "tidan.toml" in (await site.get(PAGE)).text


async def test_a_filled_in_statement_says_all_of_it(tmp_path: Path) -> None:
    """Actor, degree, each shortcoming under its ground, days, method and ways to answer."""
    async with open_site(tmp_path, accessibility=FILLED_IN, read_access="signed-in") as site:
        answer = await site.signed_out().get(PAGE)

    assert_sound(answer)
    for said in ("delvis förenlig", FAULT, "12 §", "9 §", "20 november 2026", "24 november 2026"):
        assert said in answer.text, said
    assert "mailto:webben@exempel.se" in Page(answer.text).links
    assert answer.text.index(FAULT) < answer.text.index("12 §") < answer.text.index("9 §")


async def test_every_page_leads_to_the_statement(site: Site) -> None:
    """The footer links to it, also on an error page."""
    for address in ("/", "/om", "/finns-inte"):
        assert PAGE in Page((await site.get(address)).text).links, address


async def test_a_reader_s_words_reach_an_operator(site: Site) -> None:
    """Sent without an account, read by an operator, gone when dealt with; nobody else sees it."""
    sent = await site.signed_out().post(PAGE, {"text": "<b>Kartan</b> går inte", "svar": "a@b.se"})
    assert sent.location == f"{PAGE}?klart=synpunkt"
    assert "mottagen" in (await site.get(sent.location)).text

    inbox = await site.get(INBOX)
    assert_sound(inbox)
    assert "&lt;b&gt;Kartan&lt;/b&gt; går inte" in inbox.text
    assert "1\u00a0synpunkt" in (await site.get("/konto")).text
    assert (await (await site.signed_in(Role.EDITOR)).get(INBOX)).status == 403

    await site.post(f"{INBOX}/1/klar")
    assert "Inga synpunkter väntar" in (await site.get(INBOX)).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": " ", "svar": "a@b.se"}, "Skriv vad som inte fungerar"),
        ({"text": "x" * 4001}, "högst 4 000 tecken"),
        ({"text": "x", "svar": "y" * 201}, "högst 200 tecken"),
    ],
)
async def test_what_cannot_be_sent_is_kept_in_the_form(
    site: Site, typed: dict[str, str], said: str
) -> None:
    """A fault is named at its field, and what was typed is still there."""
    answer = await site.post(PAGE, typed)

    assert answer.status == 422
    assert_sound(answer)
    assert said in answer.text
    assert typed.get("svar", "") in answer.text


async def test_nobody_fills_the_mailbox_alone(site: Site) -> None:
    """From one address, five messages at once are taken; the sixth keeps its text."""
    statuses = [(await site.post(PAGE, {"text": f"Exempel {n}"})).status for n in range(6)]

    assert statuses == [303] * 5 + [429]


def test_the_mailbox_is_bounded_and_never_uses_a_number_again(tmp_path: Path) -> None:
    """At the bound a message is refused; a number taken away does not come back."""
    box = FeedbackFile(tmp_path / "synpunkter.json")
    kept = [box.add(n, f"Exempel {n}", "") for n in range(MESSAGES_MAX + 1)]
    box.remove(MESSAGES_MAX)
    box.remove(MESSAGES_MAX)
    box.add(0, "Exempel: ny", "")

    assert kept == [True] * MESSAGES_MAX + [False]
    assert FeedbackFile(tmp_path / "synpunkter.json").waiting()[-1].number == MESSAGES_MAX + 1
