"""Two people, two browsers, one text: asked for, sent back, mended, approved, published."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from browsers import fill_form, follow, open_page
from storage.account_views import Role
from web_site import CONFIRMED, FORM, Site, open_site

pytestmark = pytest.mark.asyncio(loop_scope="session")
REMARK = "Skriv vad utbildningen kostade, och ta bort leverantörens pris."
MENDED = "Vi bytte 240 larm. Utbildningen kostade 30 timmar."


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm that asks for a second person."""
    async with open_site(tmp_path, review_required=True) as opened:
        yield opened


async def look_through(page: Page) -> None:
    """From the form to the preview, with the list gone through."""
    await follow(page, "button[value=granska]")
    await page.wait_for_selector("#intygar")
    for _, value in CONFIRMED:
        await page.check(f"#intygar-{value}")


async def hand_in(page: Page) -> None:
    """Hand the text in from the form, by way of the preview."""
    await look_through(page)
    assert await page.locator("button[value=publicera]").count() == 0
    await follow(page, "button[value=lamna]")
    await page.wait_for_selector("main [role=status]")


async def open_from_start(page: Page, section: str) -> str:
    """Open what the start page has under a heading; returns what is said of it there."""
    await page.goto("/")
    line = page.locator(f"section[aria-labelledby={section}] li")
    said = await line.inner_text()
    await follow(line.locator("a"))
    await page.wait_for_selector("#title")
    return said


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_text_goes_to_and_fro(browser: Browser, site: Site, scripts: bool) -> None:
    """Found, returned with a remark, mended, approved: then, and only then, published."""
    anna = await site.signed_in(Role.AUTHOR, "anna")
    author = await open_page(browser, anna, java_script_enabled=scripts)
    eva = await site.signed_in(Role.EDITOR, "eva")
    reviewer = await open_page(browser, eva, java_script_enabled=scripts)
    before = await site.own_sequence()

    await fill_form(author)
    await hand_in(author)
    assert "lämnat av Anna" in await open_from_start(reviewer, "att-granska")
    assert "Anna har lämnat texten" in await reviewer.locator("main").inner_text()
    await look_through(reviewer)
    await follow(reviewer, "text=Skicka tillbaka till Anna")
    await reviewer.fill("#ord", REMARK)
    await follow(reviewer, "main button.primary")
    await reviewer.wait_for_selector("main [role=status]")
    assert await reviewer.locator("#granska").count() == 0

    assert "tillbakaskickat" in await open_from_start(author, "mina-utkast")
    assert REMARK in await author.locator("main").inner_text()
    await author.fill("#summary", MENDED)
    await hand_in(author)
    assert await site.own_sequence() == before

    await open_from_start(reviewer, "att-granska")
    assert await reviewer.input_value("#summary") == MENDED
    await look_through(reviewer)
    await follow(reviewer, "button[value=publicera]")
    await follow(reviewer, "text=Läs erfarenheten")

    await author.goto("/erfarenheter")
    await follow(author, f"main a:text-is('{FORM['title']}')")
    assert MENDED in await author.locator("main").inner_text()
    assert await site.own_sequence() == before + 1
    await author.goto("/utkast")
    assert "Du har inga utkast" in await author.locator("main").inner_text()
