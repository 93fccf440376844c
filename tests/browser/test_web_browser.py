"""A real browser does what staff do: read, search, write and publish, with and without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from browsers import fill_form, follow, open_page
from content_factories import an_experience
from factories import LogMaker
from half_way import half_way
from node.municipal import taxonomy
from node_factories import TestNode
from web_site import FORM, Site, open_site, write

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "trut harv kaffe sjö"


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node with records of its own and of a neighbour."""
    async with open_site(tmp_path) as opened:
        for number, area in enumerate(area.id for area in taxonomy.areas()):
            await opened.publish(title=f"Exempel {number}: fiber och larm", area=area)
        hjo = LogMaker(2, code="1497", name="Hjo kommun")
        text = an_experience(
            title="Exempel: gästhamnens bokningssystem",
            situation="Långtordsomintekanbrytasochfortsätter" * 4,
            products=({"name": "Bokningssystemet Exempel", "supplier": "Exempelbolaget"},),
        )
        write(hjo, "experience", text)
        await opened.receive(hjo)
        yield opened


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_write_and_publish(browser: Browser, site: Site, scripts: bool) -> None:
    """From the empty form to the published record, through an error, on every browser."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await page.goto("/skriv")
    await follow(page, "button[value=granska]")
    assert (await page.title()).startswith("Fel: ")
    assert await page.evaluate("document.activeElement.id") == "fel" if scripts else True

    await fill_form(page)
    await page.click("summary:text-is('Berätta')")
    await page.fill("#results", "- Färre larm\n- Lugnare nätter")
    await follow(page, "button[value=granska]")
    await page.wait_for_selector("text=Granska innan ni publicerar")
    assert await page.locator(".preview li", has_text="Lugnare nätter").count() == 1

    for box in await page.locator("input[name=intygar]").all():
        await box.check()
    await follow(page, "button[value=publicera]")
    await page.wait_for_selector("h1:text-is('Erfarenheten är publicerad')")
    await follow(page, "text=Läs erfarenheten")
    assert await page.locator("h1").inner_text() == FORM["title"]
    assert "Undertecknad av Tidaholms kommun" in await page.locator(".seal").inner_text()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_search_and_filter(browser: Browser, site: Site, scripts: bool) -> None:
    """Search from the start page, narrow with a filter, take it away again, read a record."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await page.goto("/")
    await page.fill("#sok", "gästhamn bokning")
    await follow(page, "button:text-is('Sök')")
    assert "1\xa0erfarenhet" in (await page.locator(".total").inner_text()).lower()

    await follow(page.locator(".filters a", has_text="Hjo"))
    assert await page.locator(".chip").count() == 2
    await follow(page.locator(".chip", has_text="Hjo"))
    assert await page.locator(".chip").count() == 1
    await follow(page, "h2 a:has-text('gästhamnens')")
    assert await page.locator("h1").inner_text() == "Exempel: gästhamnens bokningssystem"


async def test_the_notice_about_fetching_follows_along(browser: Browser, tmp_path: Path) -> None:
    """The page goes from the bar to the end by itself, says so, and nothing jumps meanwhile."""
    async with half_way(tmp_path) as pair, aiohttp.ClientSession() as session:
        page = await open_page(browser, Site(pair.fetching, session))
        await page.goto("/")
        bar = page.get_by_label("Hämtar: ")
        before = await bar.evaluate("bar => [bar.tagName, bar.value > 0, bar.value < bar.max]")
        height = await page.locator("section.progress").evaluate("part => part.offsetHeight")

        pair.relay.let_go()
        await page.wait_for_selector("text=Visa det senaste")

        assert before == ["PROGRESS", True, True]
        assert (
            await page.locator("section.progress").evaluate("part => part.offsetHeight") == height
        )
        said = await page.locator("[data-progress-said]").text_content()
        assert said == "Allt från grannarna är hämtat"


async def choose_password(page: Page) -> None:
    """Fill in the two fields and go on."""
    await page.fill("#losenord", PASSWORD)
    await page.fill("#losenord_igen", PASSWORD)
    await follow(page, "main button.primary")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_from_the_first_link_to_a_colleague_who_is_out(
    browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    """Set-up link, first operator, invitation, a colleague who publishes, and is put out."""
    served = await TestNode(tmp_path, "1498", "Tidaholms kommun").start()
    try:
        async with aiohttp.ClientSession() as session:
            site = Site(served, session)
            await walk_through_accounts(browser, site, scripts)
    finally:
        await served.stop()


async def walk_through_accounts(browser: Browser, site: Site, scripts: bool) -> None:
    """The walk, with a browser for each of the two."""
    operator = await open_page(browser, site, java_script_enabled=scripts)
    colleague = await open_page(browser, site, java_script_enabled=scripts)
    link = await site.served.node.operations.setup_link()
    assert link is not None
    await operator.goto(link.url)
    await operator.fill("#visat_namn", "Olle Exempel")
    await operator.fill("#namn", "olle.exempel")
    await choose_password(operator)
    await operator.wait_for_selector("text=Välkommen")

    await follow(operator, "nav a:text-is('Användare')")
    await operator.fill("#visat_namn", "Anna Exempel")
    await operator.fill("#namn", "anna.exempel")
    await operator.check("#roll-author")
    await follow(operator, "button:text-is('Gör en inbjudan')")
    invitation = await operator.input_value("#lank")
    await colleague.goto(invitation)
    await choose_password(colleague)
    await follow(colleague, "button:text-is('Logga ut')")
    await colleague.goto("/skriv")
    await colleague.fill("#namn", "anna.exempel")
    await colleague.fill("#losenord", PASSWORD)
    await follow(colleague, "main button.primary")

    await fill_form(colleague)
    await follow(colleague, "button[value=granska]")
    for box in await colleague.locator("input[name=intygar]").all():
        await box.check()
    await follow(colleague, "button[value=publicera]")
    await colleague.wait_for_selector("h1:text-is('Erfarenheten är publicerad')")

    await operator.goto("/anvandare")
    await operator.locator("li.person", has_text="Anna Exempel").locator("summary").click()
    await follow(operator, "button:has-text('Stäng kontot för Anna Exempel')")
    await operator.wait_for_selector("h2:text-is('Stängda konton')")
    await colleague.goto("/skriv")
    await colleague.wait_for_selector("h1:text-is('Logga in')")
    await operator.goto("/anvandare/handelser")
    assert await operator.locator("li", has_text="Anna Exempel publicerade erfarenhet").count() == 1
