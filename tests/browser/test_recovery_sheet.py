"""The recovery sheet in a real browser: on paper it is one page, and nothing of it is loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Request

from node.process.recovery_sheet import RecoverySheet

pytestmark = pytest.mark.asyncio(loop_scope="session")
LONGEST_NAME = "Exempelkommunen " + "med det längsta namn som ryms " * 2 + "här ändå och lite till"


async def test_it_prints_on_one_page(browser: Browser, tmp_path: Path) -> None:
    """The PDF that a browser saves has one page, also for the longest name; nothing is loaded."""
    sheet = RecoverySheet(bytes(range(32)), "1497", LONGEST_NAME, bytes(range(32)), 999, 0)
    file = tmp_path / "blad.html"
    file.write_text(sheet.page(), encoding="utf-8")
    asked: list[str] = []
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    await page.goto(file.as_uri())
    pdf = await page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
    assert asked == [file.as_uri()]
    await page.set_viewport_size({"width": 320, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
