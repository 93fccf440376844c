"""Reading and finding in a real browser: from a question to what was reused, and on to paper."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from browsers import follow, open_page
from content_factories import an_experience
from factories import LogMaker
from protocol.content import Comment
from web_site import Site, open_site, write

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm with a record that Hjo has changed, and much said about it."""
    async with open_site(tmp_path) as opened:
        hjo = LogMaker(2, code="1497", name="Hjo kommun")
        text = {"title": "Exempel: gästhamnens bokning", "area": "arbete.turism"}
        record = write(hjo, "experience", an_experience(**text, results="Vi prövade 40 platser."))
        write(
            hjo,
            "experience",
            an_experience(**text, results="Vi prövade 60 platser.", replaces=record),
        )
        for number in range(25):
            write(hjo, "comment", Comment(record=record, text=f"Exempel {number}."))
        await opened.receive(hjo)
        yield opened


@SCRIPTS
async def test_from_an_area_to_what_was_reused(browser: Browser, site: Site, scripts: bool) -> None:
    """Find by area, read, see what changed, say what was reused, take it back."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await page.goto("/")
    await follow(page, "nav a:text-is('Ämnen')")
    await follow(page, ".contents a:has-text('Turism')")
    await follow(page, "h3 a:has-text('gästhamnens')")
    await follow(page, "a:has-text('Vad ändrades')")
    assert "40" in await page.locator(".difference del").inner_text()
    assert "60" in await page.locator(".difference ins").inner_text()
    await follow(page, ".crumbs a:has-text('gästhamnens')")

    await page.click("summary:text-is('Det här hjälpte oss')")
    await page.fill("#reused", "Mallen för avtal")
    await follow(page, "button:has-text('det var till hjälp')")
    await page.wait_for_selector("h3:text-is('Till hjälp för: 1')")
    assert await page.locator(".reused").inner_text() == "Mallen för avtal"
    await follow(page, "button:text-is('Ta tillbaka: till hjälp')")
    await page.wait_for_selector("h3:text-is('Till hjälp för: 0')")


@SCRIPTS
async def test_comments_by_page(browser: Browser, site: Site, scripts: bool) -> None:
    """A new comment lands on the last page, in sight; numbers lead back to the first."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await page.goto("/erfarenheter?q=gästhamn")
    await follow(page, "h2 a")
    await page.fill("#text", "Tack, det var till nytta.")
    await follow(page, "button:text-is('Publicera')")
    said = page.locator(".thread li", has_text="Tack, det var till nytta.")
    await said.wait_for()
    assert await said.evaluate("one => one.getBoundingClientRect().top < innerHeight")

    await follow(page, "nav[aria-label='Sidor med kommentarer'] a:has-text('1')")
    await page.wait_for_selector("text=Exempel 0.")
    assert await page.locator(".thread > li").count() == 20


@SCRIPTS
async def test_the_address_and_the_evidence(browser: Browser, site: Site, scripts: bool) -> None:
    """The address is there to copy, by hand or with a press; the evidence is downloaded."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto("/erfarenheter?q=gästhamn")
    await follow(page, "h2 a")
    await page.wait_for_selector("#adress")
    assert await page.input_value("#adress") == page.url
    assert await page.locator("#adress").evaluate("field => field.readOnly")
    if scripts:
        await page.click("button:text-is('Kopiera')")
        await page.wait_for_selector("text=Adressen är kopierad.")
        assert await page.evaluate("navigator.clipboard.readText()") == page.url
    else:
        assert not await page.locator("[data-copy], [data-print]").first.is_visible()
    async with page.expect_download() as download:
        await page.click("text=Hämta som fil")
    assert re.fullmatch(r"tidan-1497-[0-9a-f]{16}\.cbor", (await download.value).suggested_filename)


async def test_a_record_on_paper(browser: Browser, site: Site) -> None:
    """Text, facts and the address are printed; menus, forms and buttons are not."""
    page = await open_page(browser, site)
    await page.goto("/erfarenheter?q=gästhamn")
    await follow(page, "h2 a")
    await page.wait_for_selector("#adress")
    await page.emulate_media(media="print")
    for shown in ("h1", ".facts", ".seal", ".print-only"):
        assert await page.locator(shown).first.is_visible(), shown
    for hidden in (".top nav", ".account", "#adress", "main form", ".hints", ".crumbs"):
        for part in await page.locator(hidden).all():
            assert not await part.is_visible(), hidden

    assert (await page.pdf(format="A4")).startswith(b"%PDF")


@SCRIPTS
async def test_narrow_to_municipalities_like_ours(
    browser: Browser, site: Site, scripts: bool
) -> None:
    """The facets of place and likeness narrow a list, and chips take them away."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await page.goto("/erfarenheter")
    await follow(page.locator(".filters a", has_text="Liknar Tidaholm"))
    await page.wait_for_selector(".chip:has-text('Liknar Tidaholm')")
    assert "1\xa0erfarenhet" in (await page.locator(".total").inner_text()).lower()
    await follow(page.locator(".filters a", has_text="Skaraborg"))
    await page.wait_for_selector(".chip:has-text('Skaraborg')")
    await follow(page.locator(".chip", has_text="Liknar Tidaholm"))
    await expect(page.locator(".chip")).to_have_count(1)


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
async def test_pages_for_reading_do_not_scroll_sideways(
    browser: Browser, site: Site, width: int
) -> None:
    """From 320 px to wide, text reflows and nothing is cut off."""
    page = await open_page(browser, site, viewport={"width": width, "height": 800})
    await page.goto("/erfarenheter?q=gästhamn")
    record = await page.locator("h2 a").first.get_attribute("href")
    assert record is not None
    difference = f"{record.rpartition('/')[0]}/skillnad"
    for path in ("/", record, difference, "/amnen", "/amnen/arbete", "/kommuner/1498-tidaholm"):
        await page.goto(path)
        for group in await page.locator("main details > summary").all():
            if await group.is_visible():
                await group.click()
        overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, path
