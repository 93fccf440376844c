"""Without a mouse: past the menu, through writing and publishing, and back to what was wrong."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from browsers import open_page
from page_world import World
from storage.account_views import Role
from web_site import FORM

pytestmark = pytest.mark.asyncio(loop_scope="session")
TABS_MAX = 150


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until focus is at what a person would look for."""
    for _ in range(TABS_MAX):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"Tab never comes to {selector}")


async def go(page: Page, key: str = "Enter") -> None:
    """Press a key that leads to another page, and wait for it."""
    async with page.expect_navigation():
        await page.keyboard.press(key)


async def choose(page: Page, name: str, value: str) -> None:
    """Walk into a group of choices and move with the arrows."""
    await tab_to(page, f"[name={name}]")
    await page.keyboard.press("Space")
    for _ in range(await page.locator(f"[name={name}]").count()):
        if await page.is_checked(f"#{name}-{value}"):
            return
        await page.keyboard.press("ArrowDown")
    pytest.fail(f"the arrows never come to {name}-{value}")


@pytest.mark.parametrize("address", ["/", "/erfarenheter", "/grannar", "/skriv", "/konto"])
async def test_the_skip_link_leads_past_the_menu(
    browser: Browser, world: World, address: str
) -> None:
    """Tab and Enter move focus into the content; the next Tab goes on from there."""
    page = await open_page(browser, await world.full.signed_in(Role.EDITOR))
    await page.goto(address)

    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.localName") == "main"
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('main') !== null")
    await page.context.close()


async def test_write_and_publish_by_keyboard(browser: Browser, world: World) -> None:
    """From the start page to a published record, through a mistake, with the keyboard alone."""
    page = await open_page(browser, await world.full.signed_in(Role.AUTHOR))
    await page.goto("/")
    await tab_to(page, "a[href='/skriv']")
    await go(page)
    await tab_to(page, "button[value=granska]")
    await go(page)

    assert await page.evaluate("document.activeElement.id") == "fel"
    await tab_to(page, ".summary-of-errors a[href='#title']")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "title"
    await page.goto("/skriv")
    await choose(page, "type", FORM["type"])
    for name in ("title", "summary", "area", "status", "contact_role"):
        if name == "status":
            await choose(page, name, FORM[name])
            continue
        await tab_to(page, f"#{name}")
        words = "Välfärdsteknik" if name == "area" else FORM[name]
        await page.keyboard.type(words)
    assert await page.input_value("#area") == FORM["area"]
    await tab_to(page, "button[value=granska]")
    await go(page)

    for box in range(await page.locator("[name=intygar]").count()):
        await tab_to(page, f"#intygar-{box + 1}")
        await page.keyboard.press("Space")
    await tab_to(page, "button[value=publicera]")
    await go(page)
    assert await page.locator("h1").inner_text() == "Erfarenheten är publicerad"
    await tab_to(page, "a.button.primary")
    await go(page)
    assert await page.locator("h1").inner_text() == FORM["title"]
    await page.context.close()


async def test_folded_parts_open_by_keyboard(browser: Browser, world: World) -> None:
    """What is folded opens with Space, and Tab goes on into it."""
    page = await open_page(browser, await world.full.signed_in(Role.AUTHOR))
    await page.goto("/skriv")
    await tab_to(page, "summary")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")

    assert await page.evaluate("document.activeElement.closest('details').open")
    assert not await page.evaluate("document.activeElement.matches('summary')")
    await page.context.close()
