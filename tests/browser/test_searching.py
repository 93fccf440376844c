"""Searching in a real browser, as a person does who misspells and then narrows down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from browsers import follow, open_page
from content_factories import an_experience
from factories import LogMaker
from web_site import Site, open_site, write

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm that holds records of two municipalities about alarms."""
    async with open_site(tmp_path) as opened:
        for number, (code, name) in enumerate(
            [("1497", "Hjo kommun"), ("1496", "Skövde kommun")], start=2
        ):
            maker = LogMaker(number, code=code, name=name)
            for is_open in (True, False):
                title = f"Exempel: trygghetslarmen i {name} {'prövas' if is_open else 'är bytta'}"
                write(
                    maker,
                    "experience",
                    an_experience(title=title, collaboration_open=is_open),
                )
            await opened.receive(maker)
        yield opened


@SCRIPTS
async def test_from_a_misspelling_to_the_one_record(
    browser: Browser, site: Site, scripts: bool
) -> None:
    """What was meant is told and can be refused; year, openness and a typed place narrow it."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await page.goto("/")
    await page.fill("#sok", "trygghettslarmen")
    await follow(page, "button:text-is('Sök')")
    meant = page.locator(".meant", has_text="Visar träffar")
    await meant.wait_for()
    assert "Visar träffar för trygghetslarmen" in await meant.inner_text()
    assert await page.locator("ol.rows > li").count() == 4
    assert await page.locator("h2 mark").first.inner_text() == "trygghetslarmen"

    await follow(meant.locator("a"))
    await page.wait_for_selector(".empty")
    assert await meant.count() == 0
    await page.fill("#sok", "trygghetslarm")
    await follow(page, "button:text-is('Sök')")
    await page.wait_for_selector("ol.rows")

    await follow(page.locator(".filters a", has_text="2026"))
    await page.wait_for_selector(".chip:has-text('2026')")
    await follow(page.locator(".filters a", has_text="Öppen för samverkan"))
    await page.wait_for_selector(".chip:has-text('Öppen för samverkan')")
    assert await page.locator("ol.rows > li").count() == 2

    await page.fill("#sok", "trygghetslarm kommun:skövde")
    await follow(page, "button:text-is('Sök')")
    await page.wait_for_selector(".chip:has-text('Skövde')")
    assert await page.locator("ol.rows > li").count() == 1
    assert await page.input_value("#sok") == "trygghetslarm"
    await follow(page.locator(".chip", has_text="Skövde"))
    await expect(page.locator("ol.rows > li")).to_have_count(2)
