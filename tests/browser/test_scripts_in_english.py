"""Scripts in a real browser say what they say in the language of the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route

from browsers import open_page
from storage.account_views import Role
from web_site import open_site

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_form_s_scripts_speak_english(browser: Browser, tmp_path: Path) -> None:
    """Saving, tools, preview, counting and files, on a form that is read in English."""
    async with open_site(tmp_path) as opened:
        page = await open_page(browser, await opened.signed_in(Role.AUTHOR, "anna"))
        await page.goto("/skriv?sprak=en")
        status = page.locator("form [data-draft-status]")
        assert await status.inner_text() == "Saved on the municipality’s server while you write."
        await page.fill("#title", "x" * 118)
        await status.filter(has_text=re.compile(r"^Saved \d\d:\d\d\.$")).wait_for()
        assert re.fullmatch(
            r"Characters (left|too many): \d+", await page.locator(".count-left").first.inner_text()
        )

        await page.click("summary:text-is('Tell the story')")
        bar = page.get_by_role("toolbar", name="Format of the text: Results")
        assert await bar.locator("button").all_inner_texts() == [
            *("Bold", "List", "Heading", "Link"),
            "Show how it will look",
        ]
        await bar.locator("button", has_text="Show how it will look").click()
        shown = page.get_by_role("region", name="How it will look: Results")
        await shown.get_by_text("Nothing is written yet.").wait_for()
        assert await page.get_attribute("#results", "lang") == "sv"

        plan = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Text"}
        await page.set_input_files("#fil", plan)
        await page.get_by_label("What does the file contain?").wait_for()
        said = page.locator("[data-uploads-said]")
        assert await said.inner_text() == "plan.txt is attached. Describe what it contains."


async def test_a_lost_server_is_told_of_in_english(browser: Browser, tmp_path: Path) -> None:
    """What is said while the server cannot save, and what the browser offers afterwards."""

    async def refuse(route: Route) -> None:
        await route.fulfill(status=200, content_type="text/html", body="<p>not the node</p>")

    async with open_site(tmp_path) as opened:
        page = await open_page(browser, await opened.signed_in(Role.AUTHOR, "anna"))
        await page.goto("/skriv?sprak=en")
        await page.route("**/utkast/*", refuse)
        await page.fill("#title", "Example: written on the train")
        trouble = page.get_by_role("alert").filter(has_text="No contact with the server.")
        await trouble.wait_for()
        assert re.search(
            r"The text is still in this browser, saved there \d\d:\d\d\. It is sent when",
            await trouble.inner_text(),
        )
        await page.reload()
        offer = page.locator("section.notice", has_text="that has not reached the server")
        assert "“Example: written on the train”" in await offer.inner_text()
        assert await offer.locator("button").all_inner_texts() == ["Go on with it", "Throw it away"]
