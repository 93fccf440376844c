"""What somebody does on a page to bring it into the state that is to be judged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import FilePayload, Page

from browsers import follow
from web_site import FORM

Step = Callable[[Page], Awaitable[object]]


def press(selector: str) -> Step:
    """Press one thing that leads to a page."""

    async def step(page: Page) -> None:
        await follow(page, selector)

    return step


def send(button: str, **typed: str) -> Step:
    """Type into fields, by id, and press a button."""

    async def step(page: Page) -> None:
        for name, text in typed.items():
            await page.fill(f"#{name}", text)
        await press(button)(page)

    return step


def preview(**changes: str) -> Step:
    """Fill in the form and look at what it will publish."""

    async def step(page: Page) -> None:
        for name, text in ({**FORM, **changes}).items():
            if name in ("type", "status"):
                await page.check(f"#{name}-{text}")
            elif name == "area":
                await page.select_option("#area", text)
            else:
                await page.fill(f"#{name}", text)
        await press("button[value=granska]")(page)

    return step


def publish_unchecked(**changes: str) -> Step:
    """Look at the preview and publish without having gone through the list."""

    async def step(page: Page) -> None:
        await preview(**changes)(page)
        await press("button[value=publicera]")(page)

    return step


def with_a_wrong_key(button: str) -> Step:
    """Send a form as a page would that is too old."""

    async def step(page: Page) -> None:
        await page.evaluate("document.querySelectorAll('[name=nyckel]').forEach(k => k.value = '')")
        await press(button)(page)

    return step


async def sign_out_elsewhere(page: Page) -> None:
    """Send a form after the session has ended."""
    await page.context.clear_cookies()
    await press("main button.primary")(page)


async def more_rows(page: Page) -> None:
    """Ask for more lines in the table of products."""
    await page.click("summary:text-is('Produkter och avtal')")
    await press("button[value=fler-product]")(page)


async def invite(page: Page) -> None:
    """Invite a colleague, so that the link shows."""
    await page.check("#roll-author")
    await send("main button.primary", visat_namn="Cilla Exempel", namn="cilla.exempel")(page)


async def bring_decisions(page: Page) -> None:
    """Look at what a file of decisions would change, one of its rows being broken."""
    row = f"{'ab' * 32},blockerad,Exempel,Not,Vara"
    text = f"id,beslut,skäl,anteckning,kommun\n{row}\nx,medlem,,,\n"
    file: FilePayload = {"name": "beslut.csv", "mimeType": "text/csv", "buffer": text.encode()}
    await page.set_input_files("#fil", file)
    await press("main button.primary")(page)


async def block(page: Page) -> None:
    """Never take in a municipality, without saying why."""
    await page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    await press("button[value=aldrig]")(page)


async def block_a_knock(page: Page) -> None:
    """Block who asks to become a neighbour, without saying why."""
    await page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    await press("button[value=blockera]")(page)


async def compare(page: Page) -> None:
    """Join by address and id, as far as the fingerprints."""
    await page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    await page.fill("#id", "ab" * 32)
    await press("form:has(#id) button")(page)


async def import_nothing(page: Page) -> None:
    """Untick all that an import offers, and ask for drafts."""
    for box in await page.locator("[name=ta-med]").all():
        await box.uncheck()
    await press("button[value=utkast]")(page)
