"""A browser that ends by itself fails the test it ends under and no other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error

from browsers import open_chromium
from node_factories import until
from page_table import PLACES
from page_visits import Visits
from page_windows import open_windows
from page_world import open_world

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def end(browser: Browser) -> None:
    """Make a browser fall over, as one does that has a fault."""
    tools = await browser.new_browser_cdp_session()
    with pytest.raises(Error, match="has been closed"):
        await tools.send("Browser.crash")


async def test_the_next_test_has_a_new_browser() -> None:
    """The one that ended opens nothing; the one given next does, and it is said that it is new."""
    async with open_chromium() as chromium:
        ended = await chromium.running()
        await end(ended)
        with pytest.raises(Error):
            await ended.new_page()
        with pytest.warns(UserWarning, match="ended by itself"):
            page = await (await chromium.running()).new_page()
        assert await page.evaluate("1 + 1") == 2


@pytest.mark.filterwarnings("ignore:Chromium ended by itself")
async def test_a_visit_under_which_the_browser_ended_is_made_again(tmp_path: Path) -> None:
    """It is as any other, as is the visit that was under way beside it."""
    async with (
        open_world(tmp_path) as world,
        open_chromium() as chromium,
        open_windows(chromium, world.full.served.url) as windows,
    ):
        visits = Visits(world, windows)
        visiting = asyncio.ensure_future(visits.of(PLACES[0]))
        browser = await chromium.running()
        await until(lambda: has_windows(browser), "a visit had begun")
        await end(browser)
        assert (await visiting).status == 200
        assert (await visits.of(PLACES[1])).status == 200
        await visits.close()


async def has_windows(browser: Browser) -> bool:
    """Whether a window is open beside those that stay."""
    return any(len(context.pages) > 1 for context in browser.contexts)
