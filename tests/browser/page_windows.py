"""Windows to visit pages in: each as empty as a new browser's, and quick to open.

Windows of one context share the process that draws pages, which has read our scripts and axe
before. What a visit could leave to the next is taken away: cookies, what scripts kept, the cache.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from browsers import WAIT_MS_MAX, Chromium, bring_session
from node.web.language import COOKIE
from web_site import Site

AT_ONCE = 2
"""While one window waits for the node, another works."""
WIDE: ViewportSize = {"width": 1280, "height": 800}


class Windows:
    """Gives out windows, a few at once, on nodes of one host, of which one is at this address."""

    def __init__(self, chromium: Chromium, address: str) -> None:
        self._chromium = chromium
        self._address = address
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._free: list[BrowserContext] = []

    @asynccontextmanager
    async def opened(self, viewer: Site, language: str) -> AsyncIterator[Page]:
        """A window of somebody who has never been at the node before, but is signed in."""
        async with self._at_once:
            context = await self._context()
            try:
                page = await open_window(context, viewer, language)
                try:
                    yield page
                finally:
                    await page.close()
            finally:
                self._free.append(context)

    async def browser(self) -> Browser:
        """The browser in which the next window is opened."""
        return await self._chromium.running()

    async def close(self) -> None:
        """Close what is kept open."""
        for context in self._free:
            await context.close()

    async def _context(self) -> BrowserContext:
        """One that is free, of the browser that runs now, or a new one."""
        browser = await self.browser()
        self._free = [context for context in self._free if context.browser is browser]
        if self._free:
            return self._free.pop()
        context = await browser.new_context(locale="sv-SE", viewport=WIDE, reduced_motion="reduce")
        page = await context.new_page()  # stays, and with it the process that draws the others
        await page.goto(f"{self._address}/om")
        return context


async def open_window(context: BrowserContext, viewer: Site, language: str) -> Page:
    """Open a window in which nothing is left of earlier ones."""
    address = viewer.served.url
    await context.clear_cookies()
    await bring_session(context, viewer)
    await context.add_cookies([{"name": COOKIE, "value": language, "url": address}])
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS_MAX)
    await forget(page, address)
    return page


@asynccontextmanager
async def open_windows(chromium: Chromium, address: str) -> AsyncIterator[Windows]:
    """Make ready to visit nodes of one host, of which one is at this address."""
    windows = Windows(chromium, address)
    yield windows
    await windows.close()


async def forget(page: Page, origin: str) -> None:
    """Remove what earlier windows kept of a node, and keep nothing in the cache from now on."""
    tools = await page.context.new_cdp_session(page)
    await tools.send(
        "Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"}
    )
    await tools.send("Network.enable")
    await tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
