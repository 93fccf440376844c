"""With scripts off every task can be done to its end; each test is one, as a person does it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from browsers import follow, open_page
from page_steps import preview
from page_world import World, open_world
from storage.account_views import Role
from web_site import CONFIRMED

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "trut harv kaffe sjö"


@pytest_asyncio.fixture(loop_scope="session")
async def editor(browser: Browser, world: World) -> AsyncIterator[Page]:
    """A browser without scripts, signed in as an editor."""
    signed_in = await world.full.signed_in(Role.EDITOR)
    page = await open_page(browser, signed_in, java_script_enabled=False)
    yield page
    await page.context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def operator(browser: Browser, world: World) -> AsyncIterator[Page]:
    """A browser without scripts, signed in as an operator."""
    signed_in = await world.full.signed_in(Role.OPERATOR)
    page = await open_page(browser, signed_in, java_script_enabled=False)
    yield page
    await page.context.close()


async def publish(page: Page, title: str) -> None:
    """Write, look and publish; ends on the record."""
    await page.goto("/skriv")
    await preview(title=title)(page)
    await confirm(page)
    await follow(page, "text=Läs erfarenheten")


async def confirm(page: Page) -> None:
    """Go through the list and publish."""
    for _, value in CONFIRMED:
        await page.check(f"#intygar-{value}")
    await follow(page, "button[value=publicera]")


async def test_find_and_read(editor: Page) -> None:
    """Search, narrow, page on, read, and see who else uses it."""
    await editor.goto("/")
    await editor.fill("#sok", "gästhamn")
    await follow(editor, "button:text-is('Sök')")
    await follow(editor, "h2 a:has-text('gästhamnens')")
    assert "gästhamnens" in await editor.locator("h1").inner_text()
    assert await editor.locator("h3:has-text('Använder också')").count() == 1

    await editor.goto("/erfarenheter")
    await follow(editor, ".filters a:has-text('Hjo')")
    assert await editor.locator(".chip:has-text('Hjo')").count() == 1
    await follow(editor, ".chip")
    await follow(editor, "a[rel=next]")
    assert "sida 2 av 8" in await editor.title()


async def test_write_publish_edit_and_withdraw(editor: Page) -> None:
    """A record comes, is changed with its history kept, and is withdrawn with a reason."""
    await publish(editor, "Exempel: utan skript")
    await follow(editor, "a:text-is('Ändra')")
    await editor.fill("#summary", "Exempel: nu med siffror.")
    await follow(editor, "button[value=granska]")
    await confirm(editor)
    assert await editor.locator("[role=status]").first.inner_text() != ""
    assert await editor.locator(".lead").inner_text() == "Exempel: nu med siffror."
    assert await editor.locator("#historik + .river > li").count() == 2

    await follow(editor, "a:text-is('Återkalla')")
    await editor.fill("#reason", "Exempel: fel siffror.")
    await follow(editor, "main form button.primary")
    assert await editor.locator("h2:has-text('Återkallad av')").count() == 1


async def test_a_long_table_grows_by_a_button(editor: Page) -> None:
    """More rows can be had, and what was typed stays."""
    await editor.goto("/skriv")
    await editor.fill("#title", "Exempel: två produkter")
    await editor.click("summary:text-is('Produkter och avtal')")
    before = await editor.locator("fieldset.line-item").count()
    await follow(editor, "button[value=fler-product]")

    assert await editor.locator("fieldset.line-item").count() > before
    assert await editor.input_value("#title") == "Exempel: två produkter"


async def test_answer_a_record(editor: Page, world: World) -> None:
    """Use, interest and comments are said and taken back."""
    await editor.goto(f"/erfarenheter/{world.names['foreign']}")
    await editor.click("summary:text-is('Vi använder också')")
    await follow(editor, "button:has-text('använder också')")
    assert await editor.locator("h3:text-is('Använder också: 1')").count() == 1
    await follow(editor, "button:text-is('Vi använder det inte längre')")
    assert await editor.locator("h3:text-is('Använder också: 0')").count() == 1

    await follow(editor, "button:text-is('Vi vill samverka')")
    assert await editor.locator("h3:text-is('Vill samverka: 1')").count() == 1
    await follow(editor, "button:has-text('Ta tillbaka')")
    assert await editor.locator("h3:text-is('Vill samverka: 0')").count() == 1

    await editor.check("#slag-question")
    await editor.fill("#text", "Exempel: hur lång tid tog det?")
    await follow(editor, ".write-comment button")
    said = editor.locator(".thread > li", has_text="hur lång tid")
    assert await said.count() == 1
    await follow(said.locator("button:text-is('Ta tillbaka')"))
    assert await said.count() == 0


async def test_answer_a_question(editor: Page, world: World) -> None:
    """A question is answered beneath it."""
    await editor.goto(f"/erfarenheter/{world.names['own']}")
    question = editor.locator(".thread > li", has_text="Hur gick det?")
    await question.locator("summary:text-is('Svara på frågan')").click()
    await question.locator("textarea").fill("Exempel: efter en månad.")
    await follow(question.locator("button:text-is('Publicera svaret')"))

    assert await question.locator(".thread", has_text="efter en månad").count() == 1


async def test_decide_on_a_municipality(browser: Browser, tmp_path: Path) -> None:
    """One that waits is put off, blocked with a reason, and added after all."""
    async with open_world(tmp_path) as world:
        admin = await world.full.signed_in(Role.FEDERATION_ADMIN)
        page = await open_page(browser, admin, java_script_enabled=False)
        await page.goto("/grannar")
        await follow(page, "#beslut button[value='inte-nu']")
        assert await page.locator("[role=status]:has-text('inte till nu')").count() == 1
        await follow(page.locator("button[value='lagg-till']"))
        assert await page.locator("[role=status]:has-text('tillagd')").count() == 1
        await page.context.close()


async def test_pause_and_resume_a_neighbour(operator: Page) -> None:
    """Contact with a neighbour stops and goes on."""
    await operator.goto("/grannar")
    await follow(operator, ".neighbour a:has-text('Hjo')")
    await follow(operator, "button:has-text('Pausa')")
    assert await operator.locator("button:has-text('Pausa')").count() == 0
    await follow(operator, "button:has-text('Återuppta')")
    assert await operator.locator("button:has-text('Återuppta')").count() == 0


async def test_invite_a_colleague(operator: Page, browser: Browser, world: World) -> None:
    """A colleague comes by a link, gets another role, a new password, and is put out."""
    await operator.goto("/anvandare")
    await operator.fill("#visat_namn", "Doris Exempel")
    await operator.fill("#namn", "doris.exempel")
    await operator.check("#roll-author")
    await follow(operator, "button:text-is('Gör en inbjudan')")
    link = await operator.input_value("#lank")
    public = world.full.signed_out()
    colleague = await open_page(browser, public, java_script_enabled=False)
    await colleague.goto(link)
    await colleague.fill("#losenord", PASSWORD)
    await colleague.fill("#losenord_igen", PASSWORD)
    await follow(colleague, "main button.primary")
    assert await colleague.locator("nav a:text-is('Skriv')").count() == 1

    await operator.goto("/anvandare")
    doris = operator.locator("li.person", has_text="Doris Exempel")
    await doris.locator("summary").click()
    await doris.locator("select").select_option("reader")
    await follow(doris.locator("button:has-text('Byt roll')"))
    await colleague.goto("/logga-in")
    await colleague.fill("#namn", "doris.exempel")
    await colleague.fill("#losenord", PASSWORD)
    await follow(colleague, "main button.primary")
    assert await colleague.locator("nav a:text-is('Skriv')").count() == 0

    await colleague.goto("/konto")
    await colleague.fill("#nuvarande", PASSWORD)
    await colleague.fill("#losenord", PASSWORD[::-1])
    await colleague.fill("#losenord_igen", PASSWORD[::-1])
    await follow(colleague, "button:text-is('Byt lösenord')")
    assert await colleague.locator(".summary-of-errors").count() == 0
    await follow(colleague, "button:text-is('Logga ut överallt')")
    assert await colleague.locator("a:text-is('Logga in')").count() >= 1
    await colleague.context.close()
