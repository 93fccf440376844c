"""A new name as a federation admin signs it: what is wrong is said at the field, and nothing typed
is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from browsers import follow, open_page
from factories import LogMaker
from storage.account_views import Role
from web_site import Site, open_site

pytestmark = pytest.mark.asyncio(loop_scope="session")
FORM = "form[action='/flytta/namn']"
REASON = "Exempel: beslut i fullmäktige"


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm that knows Hjo, as a federation admin sees it."""
    async with open_site(tmp_path) as opened:
        yield await opened.signed_in(Role.FEDERATION_ADMIN, "fredrik")


async def ask(page: Page, name: str, reason: str) -> None:
    """Type a name and the reason, and sign."""
    await page.fill("#namn", name)
    await page.fill("#namn-skal", reason)
    await follow(page, f"{FORM} button")


async def refusal(page: Page, field: str) -> str:
    """Return what is said at a field, after looking that the page leads there."""
    assert (await page.title()).startswith("Fel: ")
    assert await page.get_attribute(f"#{field}", "aria-invalid") == "true"
    summary = page.locator(".summary-of-errors")
    await summary.locator(f"a[href='#{field}']").click()
    await page.wait_for_selector(f"#{field}:focus")
    return await page.inner_text(f"#{field}-fel")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_new_name(browser: Browser, site: Site, scripts: bool) -> None:
    """From the neighbours' page to the name that all pages show, with the first one kept."""
    await site.receive(LogMaker(2, code="1497", name="Hjo kommun"))
    page = await open_page(browser, site, java_script_enabled=scripts)
    await page.goto("/grannar")
    await follow(page, "a:text-is('Flytta, gå ihop eller lämna')")

    await ask(page, "", REASON)
    assert "Skriv det nya namnet" in await refusal(page, "namn")
    assert await page.input_value("#namn-skal") == REASON
    await ask(page, "Tidaholms stad", "")
    assert "Skriv varför namnet byts" in await refusal(page, "namn-skal")
    assert await page.input_value("#namn") == "Tidaholms stad"
    await ask(page, "Hj0 stad", REASON)
    assert "förväxlas med en annan kommuns" in await refusal(page, "namn")
    assert await page.input_value("#namn") == "Hj0 stad"

    await ask(page, "Tidaholms stad", REASON)
    await page.wait_for_selector("[role=status]")
    facts = await page.inner_text("section[aria-labelledby=namn-rubrik] dl")
    assert "Tidaholms stad" in facts
    assert "Tidaholms kommun, byttes" in facts
    await follow(page, "header a:text-is('Kommuner'), nav a:text-is('Kommuner')")
    await follow(page, "main table a:has-text('Tidaholm')")
    place = await page.inner_text("main")
    assert "Tidaholms stad" in place
    assert "Tidaholms kommun, byttes" in place
    await page.goto("/anvandare/handelser")
    assert REASON in await page.inner_text("main")
