"""The machine's Chromium, and pages in it that fail a test when anything goes wrong in them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from leaving_out import leave_out
from web_site import FORM, Site

MISSING = "Chromium is not installed; install the package chromium to run the browser tests"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    "--process-per-site",  # windows of one context draw in one process
]


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Chromium of the machine, without a window; without one the test is left out."""
    path = shutil.which("chromium")
    if path is None:
        leave_out(MISSING)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        await launched.close()


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
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.on("console", lambda line: note_console(line.type, line.text))
    return page


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
