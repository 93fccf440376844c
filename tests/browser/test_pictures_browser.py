"""Pictures in a real browser: drawn in their place without a jump, on paper, on a small screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from browsers import fill_form, follow, open_page, until_saved
from node_factories import until
from picture_factories import gif, jpeg_with_exif, png, webp
from web_site import CONFIRMED, Site, open_site

pytestmark = pytest.mark.asyncio(loop_scope="session")
FILES = {
    "skylt (1).png": png(900, 600),
    "liggande.jpg": jpeg_with_exif(orientation=6, position=True),
    "c.gif": gif(40, 30),
    "d.webp": webp(),
}
DRAWN = "image => image.complete && image.naturalWidth > 0"
ALL_DRAWN = f"[...document.querySelectorAll('main img')].every({DRAWN})"
BOXES = """() => [...document.querySelectorAll("main img")].map((image) => {
  const box = image.getBoundingClientRect();
  return [Math.round(box.width), Math.round(box.height)];
})"""
NATURAL = """() => [...document.querySelectorAll("main img")].map((image) =>
  [image.naturalWidth, image.naturalHeight, Number(image.getAttribute("width")),
   Number(image.getAttribute("height"))])"""


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


async def publish(page: Page, folder: Path, scripts: bool) -> None:
    """Attach all pictures, place the first, look, and publish; ends on the record's page."""
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    await fill_form(page)
    await page.locator("details.group summary").first.click()
    await page.fill("#situation", "Skylten:\n\n![](bilaga:skylt (1).png)")
    await page.set_input_files("#fil", [folder / name for name in FILES])
    if not scripts:
        await follow(page, "button[value=bifoga]")
    for number, name in enumerate(FILES):
        await page.fill(f"#attachment_{number}_description", f"Exempel: {name}")
    await follow(page, "button[value=granska]")
    await page.wait_for_selector("#intygar")
    await drawn(page)
    assert "Platsen där bilden togs" in await page.locator("main").inner_text()
    for value in (*(value for _, value in CONFIRMED), "uppgifter"):
        await page.check(f"#intygar-{value}")
    await follow(page, "button[value=publicera]")
    await follow(page, "text=Läs erfarenheten")


async def drawn(page: Page) -> None:
    """Wait until every picture is drawn."""
    for image in await page.locator("main img").all():
        await image.scroll_into_view_if_needed()
        await image.evaluate(
            f"async (image) => {{ await image.decode(); return ({DRAWN})(image) }}"
        )


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_pictures_are_drawn_where_they_belong(
    browser: Browser, site: Site, tmp_path: Path, scripts: bool
) -> None:
    """Each kind, in preview and record, with the size that the page promised; one in the text."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await publish(page, tmp_path, scripts)
    await drawn(page)
    sizes = await page.evaluate(NATURAL)

    assert [one[:2] for one in sizes] == [one[2:] for one in sizes]
    assert [tuple(one[:2]) for one in sizes] == [(900, 600), (16, 24), (40, 30), (24, 16)]
    assert await page.locator(".prose img").count() == 1
    assert await page.locator(".files img").count() == 3


async def test_nothing_jumps_when_pictures_come(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    """Their place is kept before a byte of them has come, also on a screen of 320 pixels."""
    page = await open_page(browser, site, viewport={"width": 320, "height": 600})
    await publish(page, tmp_path, scripts=True)
    released = asyncio.Event()

    async def hold_back(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await page.route("**/bilder/**", hold_back)
    await page.reload(wait_until="domcontentloaded")
    before = await page.evaluate(BOXES)
    released.set()
    await drawn(page)

    assert await page.evaluate(BOXES) == before
    assert min(before[0]) > 100
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_pictures_come_on_paper(browser: Browser, site: Site, tmp_path: Path) -> None:
    """What is printed before anybody has scrolled holds the pictures too."""
    page = await open_page(browser, site)
    await publish(page, tmp_path, scripts=True)
    await page.reload()

    async def all_drawn() -> bool:
        drawn: bool = await page.evaluate(ALL_DRAWN)
        return drawn

    await until(all_drawn, "the pictures were drawn")  # as a person's print waits for them
    paper = await page.pdf()

    assert paper.count(b"/Subtype /Image") >= 3


async def test_the_preview_of_a_field_shows_a_picture(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    """What is attached and saved is drawn while somebody writes."""
    (tmp_path / "skylt.png").write_bytes(png(90, 60))
    page = await open_page(browser, site)
    await fill_form(page)
    await page.set_input_files("#fil", tmp_path / "skylt.png")
    await page.fill("#attachment_0_description", "Exempel: skylten")
    await page.locator("details.group summary").first.click()
    await page.fill("#situation", "![](bilaga:skylt.png)")
    await until_saved(page, site)
    await page.locator("[aria-controls=situation-visning]").click()
    await page.wait_for_selector("#situation-visning img")
    await drawn(page)

    assert await page.locator("#situation-visning figcaption").count() == 1
