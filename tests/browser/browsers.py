"""The machine's Chromium, and pages in it that fail a test when anything goes wrong in them."""

from __future__ import annotations

import asyncio
import re
import shutil
import warnings
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Playwright,
    async_playwright,
)

from leaving_out import leave_out
from node_factories import WAIT_SECONDS_MAX, until
from web_site import FORM, Site

T = TypeVar("T")
MISSING = "Chromium is not installed; install the package chromium to run the browser tests"
WAIT_MS_MAX = WAIT_SECONDS_MAX * 1_000
"""How long a browser waits for anything; only what never comes takes so long."""
SAVED = re.compile(r"Sparat kl\.\xa0\d\d\.\d\d\.")
SAVED_FIELDS = ("title", "summary", "situation")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    "--process-per-site",  # windows of one context draw in one process
]


class Chromium:
    """The machine's Chromium without a window; when it has ended by itself, the next one asks anew.

    The test it ends under fails. The others do not fail for it.
    """

    def __init__(self, playwright: Playwright, path: str) -> None:
        self._playwright = playwright
        self._path = path
        self._launched: Browser | None = None
        self._launching = asyncio.Lock()

    async def running(self) -> Browser:
        """The browser that runs now."""
        async with self._launching:
            if self._launched is None or not self._launched.is_connected():
                if self._launched is not None:
                    warnings.warn("Chromium ended by itself and was started anew", stacklevel=1)
                self._launched = await self._playwright.chromium.launch(
                    executable_path=self._path, args=ARGUMENTS
                )
            return self._launched

    async def close(self) -> None:
        """End it."""
        if self._launched is not None:
            await self._launched.close()


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Chromium]:
    """Chromium of the machine; without one the test is left out."""
    path = shutil.which("chromium")
    if path is None:
        leave_out(MISSING)
    async with async_playwright() as playwright:
        chromium = Chromium(playwright, path)
        yield chromium
        await chromium.close()


class BrowserEndedError(Exception):
    """A browser ended by itself under what was done in it."""


async def while_running(browser: Browser, doing: Coroutine[Any, Any, T]) -> T:
    """What comes of what is done in a browser; BrowserEndedError when it ends by itself meanwhile.

    Not all that a browser was asked for fails when it ends: some of it is waited for without end.
    """
    ended = asyncio.Event()
    browser.once("disconnected", lambda _: ended.set())
    tasks = asyncio.ensure_future(doing), asyncio.ensure_future(ended.wait())
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    done, waiting = tasks
    if done.done() and (done.exception() is None or browser.is_connected()):
        waiting.cancel()
        return done.result()
    done.cancel()
    await asyncio.gather(done, return_exceptions=True)
    raise BrowserEndedError


async def bring_session(context: BrowserContext, site: Site) -> None:
    """Sign a browser in as a client is."""
    if site.cookie:
        name, _, token = site.cookie.partition("=")
        await context.add_cookies([{"name": name, "value": token, "url": site.served.url}])


async def open_page(browser: Browser, site: Site, **options: Any) -> Page:
    """Give a page, signed in as the client is, whose console errors and failed requests fail."""
    context: BrowserContext = await browser.new_context(
        base_url=site.served.url,
        locale="sv-SE",
        **options,
    )
    await bring_session(context, site)
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS_MAX)
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.on("console", lambda line: note_console(line.type, line.text))
    return page


async def follow(place: Page | Locator, selector: str = "") -> None:
    """Press what leads to another page (the first thing there of a selector), until that has come.

    A press alone may return before the browser has begun to leave the page it is on.
    """
    target = place if isinstance(place, Locator) else place.locator(selector).first
    async with target.page.expect_navigation():
        await target.click()


def note_console(kind: str, text: str) -> None:
    """Fail on anything that the browser calls an error, but for forms that hold mistakes."""
    if kind == "error" and "422" not in text:
        pytest.fail(f"console: {text}")


async def fill_form(page: Page) -> None:
    """Write the required fields as a person would."""
    await page.goto("/skriv")
    await page.check(f"#type-{FORM['type']}")
    await page.check(f"#status-{FORM['status']}")
    await page.select_option("#area", FORM["area"])
    for name in ("title", "summary", "contact_role"):
        await page.fill(f"#{name}", FORM[name])


async def until_saved(page: Page, site: Site) -> None:
    """Wait until the node has what the form of a draft holds, and the page says so.

    What the page says may be of an earlier time, when something else was saved.
    """
    draft_id = bytes.fromhex(await page.input_value("[name=utkast]"))
    typed = {name: await page.input_value(f"#{name}") for name in SAVED_FIELDS}

    async def stored() -> bool:
        draft = await site.served.node.draft_store.get(draft_id)
        return draft is not None and all(
            draft.typed.get(name, "") == text for name, text in typed.items()
        )

    await until(stored, "the draft was saved")
    await page.locator("form [data-draft-status]", has_text=SAVED).wait_for()
