"""Windows to visit pages in: each as empty as a new browser's, and quick to open.

Windows of one context share the process that draws pages, which has read our scripts and axe
before. What a visit could leave to the next is taken away: cookies, what scripts kept, the cache.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from browsers import WAIT_MS_MAX, bring_session
from node.web.language import COOKIE
from web_site import Site

AT_ONCE = 2
"""While one window waits for the node, another works."""
WIDE: ViewportSize = {"width": 1280, "height": 800}


class Windows:
    """Gives out windows, a few at once."""

    def __init__(self, contexts: list[BrowserContext]) -> None:
        self._free: asyncio.Queue[BrowserContext] = asyncio.Queue()
        for context in contexts:
            self._free.put_nowait(context)

    @asynccontextmanager
    async def opened(self, viewer: Site, language: str) -> AsyncIterator[Page]:
        """A window of somebody who has never been at the node before, but is signed in."""
        context = await self._free.get()
        try:
            page = await open_window(context, viewer, language)
            try:
                yield page
            finally:
                await page.close()
        finally:
            self._free.put_nowait(context)


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
async def open_windows(browser: Browser, address: str) -> AsyncIterator[Windows]:
    """Make ready to visit nodes of one host, of which one is at this address."""
    contexts = [
        await browser.new_context(locale="sv-SE", viewport=WIDE, reduced_motion="reduce")
        for _ in range(AT_ONCE)
    ]
    for context in contexts:
        page = await context.new_page()  # stays, and with it the process that draws the others
        await page.goto(f"{address}/om")
    yield Windows(contexts)
    for context in contexts:
        await context.close()


async def forget(page: Page, origin: str) -> None:
    """Remove what earlier windows kept of a node, and keep nothing in the cache from now on."""
    tools = await page.context.new_cdp_session(page)
    await tools.send(
        "Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"}
    )
    await tools.send("Network.enable")
    await tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
