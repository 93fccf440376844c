"""Files in a real browser: chosen, dropped, stopped, described, published and fetched again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route

from browsers import fill_form, follow, open_page
from picture_factories import png
from web_site import Site, open_site

pytestmark = pytest.mark.asyncio(loop_scope="session")
PDF = b"%PDF-1.7\nen plan"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
DROP = """([selector, name, type, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type }));
  const target = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const given = { dataTransfer: data, bubbles: true, cancelable: true };
    target.dispatchEvent(new DragEvent(kind, given));
  }
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A PDF on somebody's computer."""
    path = tmp_path / "Plan för larm.pdf"
    path.write_bytes(PDF)
    return path


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_attach_publish_and_fetch(
    browser: Browser, site: Site, plan: Path, tmp_path: Path, scripts: bool
) -> None:
    """From the file on the computer to the record's page, and back to another computer."""
    page = await open_page(browser, site, java_script_enabled=scripts, accept_downloads=True)
    await fill_form(page)
    await page.set_input_files("#fil", plan)
    if not scripts:
        await follow(page, "button[value=bifoga]")
    await page.wait_for_selector(".attachment")
    assert await page.locator(".attachment strong").inner_text() == plan.name
    await page.fill("#attachment_0_description", "Planen som nämnden beslutade om")
    await follow(page, "button[value=granska]")
    await page.wait_for_selector("text=Granska innan ni publicerar")
    for box in await page.locator("input[name=intygar]").all():
        await box.check()
    await follow(page, "button[value=publicera]")
    await follow(page, "text=Läs erfarenheten")
    async with page.expect_download() as download:
        await page.click(f"a:text-is('{plan.name}')")
    fetched = await download.value
    await fetched.save_as(tmp_path / "fetched")

    assert fetched.suggested_filename == plan.name
    assert (tmp_path / "fetched").read_bytes() == PDF


async def test_the_keyboard_is_enough(browser: Browser, site: Site, plan: Path) -> None:
    """After a file has come the focus is in its description; removing one leads back."""
    page = await open_page(browser, site)
    await page.goto("/skriv")
    await page.set_input_files("#fil", plan)
    await page.wait_for_selector("#attachment_0_description:focus")
    said = page.locator("[data-uploads-said]")
    assert "är bifogad" in await said.inner_text()
    await page.keyboard.type("Planen")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".attachment", state="detached")

    assert await page.evaluate("document.activeElement.id") == "fil"
    assert "är borttagen" in await said.inner_text()
    assert await page.evaluate("location.pathname") == "/skriv"


async def test_files_are_dropped(browser: Browser, site: Site) -> None:
    """A dropped file is sent; one that is not allowed says why and can be put away."""
    page = await open_page(browser, site)
    await page.goto("/skriv")
    await page.evaluate(DROP, ["[data-drop]", "anteckningar.txt", "text/plain", "Hej"])
    await page.wait_for_selector(".attachment")
    await page.evaluate(DROP, ["[data-drop]", "sida.html", "text/html", "<script>\x00"])
    await page.wait_for_selector(".upload.wrong")
    words = await page.locator(".upload .error").inner_text()
    await page.click(".upload button")

    assert "går inte att bifoga" in words
    assert await page.locator(".upload").count() == 0
    assert await page.locator(".attachment strong").all_inner_texts() == ["anteckningar.txt"]


async def test_a_large_file_is_not_sent_at_all(browser: Browser, site: Site) -> None:
    """What is too large is said at once, before a byte has left the computer."""
    page = await open_page(browser, site)
    await page.goto("/skriv")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.evaluate("""() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(25 * 1024 * 1024 + 1)], "film.pdf"));
      const input = document.querySelector("#fil");
      input.files = data.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }""")
    await page.wait_for_selector(".upload.wrong")

    assert "för stor" in await page.locator(".upload .error").inner_text()
    assert [url for url in asked if url.endswith("/bilagor")] == []


@pytest.mark.parametrize("width", [320, 1280])
async def test_nothing_scrolls_sideways(browser: Browser, site: Site, width: int) -> None:
    """The longest name and a message fit on the smallest screen."""
    page = await open_page(browser, site, viewport={"width": width, "height": 900})
    await page.goto("/skriv")
    await page.evaluate(DROP, ["[data-drop]", "å" * 110 + ".txt", "text/plain", "Hej"])
    await page.wait_for_selector(".attachment")
    await page.evaluate(DROP, ["[data-drop]", "ä" * 110 + ".exe", "", "MZ\x00"])
    await page.wait_for_selector(".upload.wrong")

    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_whoever_writes_is_not_interrupted(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    """A file that has come while one writes about another takes no letter of it."""
    files = [tmp_path / name for name in ("a.png", "b.png")]
    for file in files:
        file.write_bytes(png(9, 9))
    page = await open_page(browser, site)
    await fill_form(page)
    released = asyncio.Event()
    sent: list[Route] = []

    async def hold_back(route: Route) -> None:
        sent.append(route)
        if len(sent) == 2:
            await released.wait()
        await route.continue_()

    await page.route("**/bilagor", hold_back)
    await page.set_input_files("#fil", files)
    await page.click("#attachment_0_description")
    await page.keyboard.type("Exempel: ")
    released.set()
    await page.wait_for_selector("#attachment_1_description")
    await page.keyboard.type("skylten")

    assert await page.input_value("#attachment_0_description") == "Exempel: skylten"
