"""Importing as an editor does it: a file is chosen, looked through, and becomes drafts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from browsers import follow, open_page
from storage.account_views import Role
from web_site import CONFIRMED, Site, open_site

pytestmark = pytest.mark.asyncio(loop_scope="session")
TABLE = """Rubrik;Beskrivning;Verksamhet;Fas
Exempel: larm i hemtjänsten;Vi bytte larm i två områden.;Hemtjänst;klar
Exempel: meröppet;Biblioteket öppnas med kort.;Bibliotek;i drift
Exempel: fel ämne;Text.;Finns inte;klar
"""
MARKDOWN = """# Exempel: e-arkivet flyttades

Vi flyttade arkivet till en ny plats, och det tog ett halvår i stället för en månad.

## Råd till andra

Räkna filerna först.
"""
PUBLICCODE = """publiccodeYmlVersion: "0.4"
name: Exempelkartan
url: https://exempel.se/kod/kartan
developmentStatus: stable
usedBy: [Hjo kommun]
description: {sv: {shortDescription: Visar kartor i webben}}
legal: {license: EUPL-1.2}
"""


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, as an editor sees it."""
    async with open_site(tmp_path) as opened:
        yield await opened.signed_in(Role.EDITOR, "eva")


async def choose(page: Page, name: str, data: bytes) -> None:
    """Come from the drafts, choose a file and go on to what it becomes."""
    await page.goto("/utkast")
    await follow(page, "a:text-is('Importera från en fil')")
    await page.set_input_files("#fil", [{"name": name, "mimeType": "text/plain", "buffer": data}])
    await follow(page, "main form button.primary")
    await page.wait_for_selector("h1:text-is('Granska importen')")


async def make(page: Page) -> None:
    """Make drafts of what is ticked."""
    await follow(page, "button:text-is('Gör utkast av de förkryssade')")
    await page.wait_for_selector("[role=status]:has-text('Utkasten är gjorda.')")


async def publish(page: Page, title: str, area: str = "", status: str = "") -> None:
    """Go on with a draft, choose what the import left open, and publish it."""
    await page.goto("/utkast")
    await follow(page, f"h2 a:text-is('{title}')")
    await page.check("#type-losning")
    if status:
        await page.check(f"#status-{status}")
    if area:
        await page.select_option("#area", area)
    await page.fill("#contact_role", "Kansliet")
    await follow(page, "button[value=granska]")
    for _, value in CONFIRMED:
        await page.check(f"#intygar-{value}")
    await follow(page, "button[value=publicera]")
    await page.wait_for_url("**/skriv/klart/*")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_table(browser: Browser, site: Site, scripts: bool) -> None:
    """A column is put right, the rows are looked at, drafts are made, and one is published."""
    page = await open_page(browser, site, java_script_enabled=scripts)
    await choose(page, "projekt.csv", TABLE.encode("cp1252"))
    assert await page.locator("label[for=ta-med-1]").inner_text() == "Exempel: larm i hemtjänsten"
    await page.locator("tr", has_text="Verksamhet").locator("select").select_option("area")
    await follow(page, "button:text-is('Visa igen')")
    await page.wait_for_selector("text=Rad 4: >> xpath=..")
    wrong = await page.locator("li", has_text="Rad 4:").inner_text()
    before = await site.own_sequence()
    await page.uncheck("#ta-med-2")
    await make(page)
    left = await page.locator("label[for^=ta-med-]").all_inner_texts()
    drafts = await site.served.node.draft_store.newest(9)
    signed = await site.own_sequence()
    await publish(page, "Exempel: larm i hemtjänsten")

    assert "Finns inte är inget ämne." in wrong
    assert [row.title for row in drafts] == ["Exempel: larm i hemtjänsten"]
    assert left == ["Exempel: meröppet"]
    assert signed == before
    assert await site.own_sequence() == before + 1


async def test_markdown(browser: Browser, site: Site) -> None:
    """A text becomes a draft with its parts, and what it does not say is left to choose."""
    page = await open_page(browser, site)
    await choose(page, "arkiv.md", MARKDOWN.encode())
    item = page.locator("li.row")
    said = await item.inner_text()
    await make(page)
    await follow(page, "main a:text-is('Exempel: e-arkivet flyttades')")
    advice = await page.input_value("#advice")
    chosen = await page.locator("[name=type]:checked").count()
    await publish(page, "Exempel: e-arkivet flyttades", "ledning.arkiv-dokument", "avslutat")

    assert "Väljs i utkastet: Slag, Ämne, Hur långt, Kontakt" in said
    assert "Sammanfattning saknas, så första stycket användes." in said
    assert advice == "Räkna filerna först."
    assert chosen == 0


async def test_publiccode(browser: Browser, site: Site) -> None:
    """A program's description becomes a solution in use; who uses it is not spoken for."""
    page = await open_page(browser, site)
    await choose(page, "publiccode.yml", PUBLICCODE.encode())
    said = await page.locator("li.row").inner_text()
    await make(page)
    await publish(page, "Exempelkartan", "plan.kartor-gis")
    await follow(page, "text=Läs erfarenheten")
    shown = await page.locator("main").inner_text()

    assert "Enligt filen används den av Hjo kommun. Inget sägs i deras namn" in said
    assert "Visar kartor i webben" in shown
    assert "publiccode.yml, Exempelkartan" in shown
    assert "EUPL-1.2" in shown
    assert "Använder också: 0" in shown or "Ingen annan kommun har sagt" in shown
