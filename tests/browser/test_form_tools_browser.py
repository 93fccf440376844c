"""The form's tools in a real browser: similar records, the bar for Markdown, the way to publish."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from browsers import follow, open_page
from storage.account_views import Role
from web_site import CONFIRMED, FORM, Site, open_site

pytestmark = pytest.mark.asyncio(loop_scope="session")
INTERACTIONS_MAX = 12


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm with one record, as an author sees it."""
    async with open_site(tmp_path) as opened:
        await opened.publish(title="Exempel: trygghetslarm i ordinärt boende")
        yield await opened.signed_in(Role.AUTHOR, "anna")


async def test_similar_records_show_while_the_title_is_typed(browser: Browser, site: Site) -> None:
    """They come as the title grows, are told of, and go when it is about something else."""
    page = await open_page(browser, site)
    await page.goto("/skriv")
    similar = page.locator("[data-similar]")
    assert await similar.is_hidden()
    await page.locator("#title").press_sequentially("Nya trygghetslarm")
    await similar.locator("a", has_text="trygghetslarm i ordinärt boende").wait_for()
    assert "1 liknande" in await page.locator("[data-similar-said]").inner_text()
    await page.fill("#title", "Fiber till skolorna")
    await similar.wait_for(state="hidden")


async def test_a_text_is_given_form_with_the_keyboard_alone(browser: Browser, site: Site) -> None:
    """The bar is one stop for Tab with arrow keys inside; what it writes can be undone."""
    page = await open_page(browser, site)
    await page.goto("/skriv")
    await page.click("summary:text-is('Berätta')")
    area = page.locator("#results")
    await area.fill("Färre larm\nLugnare nätter")
    await area.press("Control+a")
    await area.press("Shift+Tab")
    assert await focused(page) == ("Fet", "results")
    await page.keyboard.press("ArrowRight")
    assert await focused(page) == ("Lista", "results")
    await page.keyboard.press("Enter")
    assert await area.input_value() == "- Färre larm\n- Lugnare nätter"
    await area.press("Control+z")
    assert await area.input_value() == "Färre larm\nLugnare nätter"

    await area.press("Control+Home")
    await area.press("Shift+End")
    for words, expected in (
        ("Fet", "**Färre larm**"),
        ("Fet", "Färre larm"),
        ("Länk", "[Färre larm](https://)"),
    ):
        await (
            page.locator("[role=toolbar]", has=page.locator("[aria-controls=results]"))
            .locator(f"button:text-is('{words}')")
            .press("Enter")
        )
        assert (await area.input_value()).split("\n")[0] == expected
    await page.keyboard.type("https://exempel.se/")
    await area.press("Shift+Tab")
    await page.keyboard.press("End")
    assert await focused(page) == ("Visa hur det blir", "results-visning")
    await page.keyboard.press("Enter")
    shown = page.locator("#results-visning")
    assert await shown.locator("a").get_attribute("href") == "https://exempel.se/"
    await area.press("Control+End")
    await page.keyboard.type("\n\n## Sedan")
    await shown.locator("text=Sedan").wait_for()
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.getAttribute('role')") != "toolbar"


async def focused(page: Page) -> tuple[str, str]:
    """The words of the button that has the focus, and what it controls."""
    found = await page.evaluate(
        "[document.activeElement.textContent, document.activeElement.getAttribute('aria-controls')]"
    )
    return found[0], found[1]


async def test_from_the_start_page_to_a_published_record(browser: Browser, site: Site) -> None:
    """A useful record takes at most twelve presses and choices beside typing, each press that
    leads into a field to type in counted."""
    page = await open_page(browser, site)
    await page.goto("/")
    count = 0

    async def press(selector: str) -> None:
        nonlocal count
        await page.click(selector)
        count += 1

    async def type_into(name: str, text: str) -> None:
        await press(f"#{name}")
        await page.keyboard.insert_text(text)

    await press("nav a:text-is('Skriv')")
    await type_into("title", FORM["title"])
    await type_into("summary", FORM["summary"])
    await page.select_option("#area", FORM["area"])
    count += 1
    await press(f"label[for=status-{FORM['status']}]")
    await type_into("advice", "Mät täckningen först.")
    await type_into("contact_role", FORM["contact_role"])
    await press("button[value=granska]")
    await page.wait_for_selector("text=Granska innan ni publicerar")
    for _, number in CONFIRMED:
        await press(f"#intygar-{number}")
    await press("button[value=publicera]")
    await page.wait_for_selector("h1:text-is('Erfarenheten är publicerad')")

    assert count <= INTERACTIONS_MAX
    await follow(page, "text=Läs erfarenheten")
    assert "Mät täckningen först." in await page.locator("main").inner_text()
    assert await site.served.node.draft_store.newest(9) == []
