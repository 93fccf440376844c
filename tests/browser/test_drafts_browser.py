"""Drafts in real browsers: saved while somebody writes, over lost networks, by two at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route

from browsers import WAIT_MS_MAX, bring_session, follow, open_page, until_saved
from storage.account_views import Role
from web_site import Site, open_site

pytestmark = pytest.mark.asyncio(loop_scope="session")
TITLE = "Exempel: halvskriven"


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, as an author sees it."""
    async with open_site(tmp_path) as opened:
        yield await opened.signed_in(Role.AUTHOR, "anna")


async def keep(page: Page, site: Site, scripts: bool) -> None:
    """Have the draft saved: by waiting, or with the button."""
    if scripts:
        await until_saved(page, site)
    else:
        await follow(page, "button:text-is('Spara utkast')")
        await page.wait_for_selector("text=Utkastet är sparat.")


async def open_context(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    """A browser, signed in, whose windows may meet what is no fault: lost networks, refusals."""
    context = await browser.new_context(base_url=site.served.url, locale="sv-SE", **options)
    context.set_default_timeout(WAIT_MS_MAX)
    context.on("weberror", lambda error: pytest.fail(f"script error: {error.error}"))
    await bring_session(context, site)
    return context


async def titles(site: Site) -> list[str]:
    """Titles of all drafts on the node, the last changed first."""
    return [row.title for row in await site.served.node.draft_store.newest(99)]


async def test_what_is_written_is_saved_without_a_button(browser: Browser, site: Site) -> None:
    """Saved while somebody writes, found again after the page was closed, and nothing signed."""
    page = await open_page(browser, site)
    before = await site.own_sequence()
    await page.goto("/skriv")
    await page.fill("#title", TITLE)
    await until_saved(page, site)
    await page.fill("#summary", "De sista orden")
    await page.goto("/utkast")
    await follow(page, f"a:text-is('{TITLE}')")

    assert await page.input_value("#title") == TITLE
    assert await page.input_value("#summary") == "De sista orden"
    assert await page.locator("section.notice").count() == 0
    assert await site.own_sequence() == before
    assert await titles(site) == [TITLE]


async def test_checking_right_after_the_last_letter_meets_nobody(
    browser: Browser, site: Site
) -> None:
    """A button pressed while a save is under way, and the way back, make no conflict."""
    page = await open_page(browser, site)
    await page.goto("/skriv")
    await page.fill("#title", TITLE)
    await until_saved(page, site)
    for word in ("Ett", "Två"):
        await page.fill("#summary", word)
        await follow(page, "button[value=granska]")
        await page.wait_for_selector(".summary-of-errors")
    await page.go_back()
    await page.fill("#summary", "Tre")
    await until_saved(page, site)

    assert await page.locator("[data-draft-trouble]").is_hidden()
    assert await titles(site) == [TITLE]


async def test_a_lost_network_loses_no_text(browser: Browser, site: Site) -> None:
    """Without the node the page says so and keeps the text here; with it again, it is sent."""
    page = await (await open_context(browser, site)).new_page()
    await page.goto("/skriv")
    await page.fill("#title", TITLE)
    await until_saved(page, site)
    await page.context.set_offline(True)
    await page.fill("#summary", "Skrivet utan kontakt")
    trouble = page.locator("[data-draft-trouble]")
    await trouble.filter(has_text="Ingen kontakt med servern. Texten finns kvar").wait_for()
    assert "Inte sparat" in await page.locator("form [data-draft-status]").inner_text()
    await page.context.set_offline(False)
    await until_saved(page, site)

    assert await trouble.is_hidden()
    (row,) = await site.served.node.draft_store.newest(9)
    draft = await site.served.node.draft_store.get(row.draft_id)
    assert draft is not None
    assert draft.typed["summary"] == "Skrivet utan kontakt"
    assert await page.evaluate("localStorage.length") == 0


async def test_what_never_reached_the_node_is_offered_again(browser: Browser, site: Site) -> None:
    """A page that was closed without the network leaves its text in the browser."""
    context = await open_context(browser, site)
    page = await context.new_page()
    await page.goto("/skriv")
    await page.context.set_offline(True)
    await page.fill("#title", TITLE)
    await page.click("summary:text-is('Länkar')")
    await page.fill("#link_1_title", "Exempel: rapport")
    await page.wait_for_selector("text=Texten finns kvar i den här webbläsaren")
    await page.close()
    page = await context.new_page()
    await context.set_offline(False)
    await page.goto("/skriv")
    await page.click("button:text-is('Fortsätt på den')")
    await until_saved(page, site)

    assert await page.input_value("#title") == TITLE
    assert await page.input_value("#link_1_title") == "Exempel: rapport"
    assert await titles(site) == [TITLE]


async def test_signed_out_meanwhile_keeps_the_text(browser: Browser, site: Site) -> None:
    """Whoever was signed out is told so, and the text is saved after signing in again."""
    page = await (await open_context(browser, site)).new_page()
    await page.goto("/skriv")
    await page.fill("#title", TITLE)
    await until_saved(page, site)
    cookies = await page.context.cookies()
    await page.context.clear_cookies()
    await page.fill("#summary", "Skrivet utloggad")
    await page.wait_for_selector("text=Du är inte inloggad längre")
    await page.context.add_cookies(cookies)
    await until_saved(page, site)

    assert await page.locator("[data-draft-trouble]").is_hidden()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_two_people_in_one_draft(browser: Browser, site: Site, scripts: bool) -> None:
    """The second is told who saved, sees both texts, chooses, and the other text is there still."""
    anna = await (await open_context(browser, site, java_script_enabled=scripts)).new_page()
    await anna.goto("/skriv")
    await anna.fill("#title", TITLE)
    await keep(anna, site, scripts)
    await anna.goto("/utkast")
    await follow(anna, f"a:text-is('{TITLE}')")
    eva = await open_page(
        browser, await site.signed_in(Role.EDITOR, "eva"), java_script_enabled=scripts
    )
    await eva.goto("/utkast")
    await follow(eva, f"a:text-is('{TITLE}')")
    await eva.fill("#title", "Exempel: Evas titel")
    await keep(eva, site, scripts)

    await anna.fill("#title", "Exempel: Annas titel")
    if scripts:
        await follow(anna, "text=Jämför och välj")
    else:
        await follow(anna, "button:text-is('Spara utkast')")
    await anna.wait_for_selector("h1:text-is('Två texter i samma utkast')")
    assert "Eva har sparat en annan text" in await anna.locator(".lead").inner_text()
    typed = await anna.locator(".typed").all_inner_texts()
    assert typed == ["Exempel: Annas titel", "Exempel: Evas titel"]
    await follow(anna, "button:text-is('Fortsätt med min text')")
    await anna.wait_for_selector("text=Utkastet fortsätter med din text")

    assert await anna.input_value("#title") == "Exempel: Annas titel"
    await eva.goto("/utkast")
    assert await eva.locator("a:text-is('Exempel: Evas titel')").count() == 1
    assert await eva.locator("text=Undanlagt när två texter krockade").count() == 1


async def as_a_copy(route: Route, name: str) -> None:
    """Answer with the page as a browser shows it in a copy of a window: fields as they were."""
    answer = await route.fetch()
    text = (await answer.text()).replace(
        'name="fonster" value=""', f'name="fonster" value="{name}"'
    )
    await route.fulfill(response=answer, body=text)


async def test_a_duplicated_window_is_another_window(browser: Browser, site: Site) -> None:
    """Two windows of one person are told apart, also when one is a copy of the other."""
    context = await open_context(browser, site)
    first, second = await context.new_page(), await context.new_page()
    await first.goto("/skriv")
    await first.fill("#title", TITLE)
    await until_saved(first, site)
    name = await first.input_value("[name=fonster]")
    address = f"/utkast/{await first.input_value('[name=utkast]')}"
    await second.route(f"**{address}", lambda route: as_a_copy(route, name))
    await second.goto(address)
    await second.fill("#title", "Exempel: ur kopian")
    await until_saved(second, site)
    await first.fill("#title", "Exempel: ur den första")
    await first.wait_for_selector("text=Du har sparat en annan text")

    assert await titles(site) == ["Exempel: ur kopian"]
