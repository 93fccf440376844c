"""From nothing to the first shared record, in two browsers on two fresh nodes, as two people do it.

Counted are presses on buttons and links. Typing, pasting and the choices inside the form of a
record (its type, area, status, and the four things one confirms) are not: they are the text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from browsers import WAIT_MS_MAX, fill_form, follow, note_console
from node.operations.user_operations import LinkView
from node_factories import TestNode, until
from web_site import CONFIRMED

pytestmark = pytest.mark.asyncio(loop_scope="session")
PRESSES_MAX = 10
PRESSES_OF_A_THIRD_MAX = 2
PASSWORD = "trut harv kaffe sjö"
TITLE = "Exempel: bytte trygghetslarm på åtta månader"


class Person:
    """Somebody at a browser of a municipality, whose presses are counted."""

    def __init__(self, page: Page, served: TestNode) -> None:
        self.page = page
        self.served = served
        self.presses = 0

    async def press(self, selector: str) -> None:
        """Press one button or link."""
        await follow(self.page.locator(selector).first)
        await self.page.wait_for_load_state("load")
        self.presses += 1

    async def begin(self, link: LinkView) -> None:
        """Become the first user, by the link that the server has printed."""
        await self.page.goto(link.url)
        await self.page.fill("#visat_namn", "Anna Exempel")
        await self.page.fill("#namn", "anna")
        await self.page.fill("#losenord", PASSWORD)
        await self.page.fill("#losenord_igen", PASSWORD)
        await self.press("main button.primary")

    async def invite(self, whom: str) -> str:
        """Make an invite; returns its link."""
        await self.press("nav a:text-is('Grannar')")
        await self.press("a:text-is('Bjud in en kommun')")
        await self.page.fill("#till", whom)
        await self.press("button:text-is('Gör inbjudan')")
        return await self.page.input_value("#inbjudan")

    async def join(self, link: str) -> str:
        """Use an invite; returns their fingerprint and one's own, as they stand on the page."""
        await self.press("nav a:text-is('Grannar')")
        await self.press("a:text-is('Anslut till en kommun')")
        await self.page.fill("#inbjudan", link)
        await self.press("button:text-is('Fortsätt')")
        compared = await self.page.locator(".fingerprints").inner_text()
        await self.press("button:text-is('Fingeravtrycken stämmer, lägg till')")
        return compared

    async def approve(self) -> str:
        """Approve whoever asks; returns the fingerprints on the page."""
        await self.press("nav a:text-is('Grannar')")
        compared = await self.page.locator(".fingerprints").inner_text()
        await self.press("button[value=godkann]")
        return compared

    async def share(self) -> None:
        """Write a record and publish it."""
        await self.press("nav a:text-is('Skriv')")
        await fill_form(self.page)
        await self.press("button[value=granska]")
        for _, value in CONFIRMED:
            await self.page.check(f"#intygar-{value}")
        await self.press("button[value=publicera]")

    async def until_shown(self, address: str, words: str) -> None:
        """Look at a page anew until it says something."""

        async def shown() -> bool:
            await self.page.goto(address)
            return words in await self.page.locator("main").inner_text()

        await until(shown, f"{address} said {words}")


Sit = Callable[[TestNode], Awaitable[Person]]


@pytest_asyncio.fixture(loop_scope="session", params=[True, False], ids=["scripts", "no scripts"])
async def sit(browser: Browser, request: pytest.FixtureRequest) -> Sit:
    """Somebody at a browser of their own, with scripts and without."""

    async def sit_down(served: TestNode) -> Person:
        context = await browser.new_context(
            base_url=served.url, locale="sv-SE", java_script_enabled=request.param
        )
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS_MAX)
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.on("console", lambda line: note_console(line.type, line.text))
        return Person(page, served)

    return sit_down


@pytest_asyncio.fixture(loop_scope="session")
async def towns(tmp_path: Path) -> AsyncIterator[list[TestNode]]:
    """Three fresh nodes that know nothing of each other."""
    made = [
        TestNode(tmp_path, code, name)
        for code, name in (("1495", "Skara kommun"), ("1497", "Hjo kommun"), ("1472", "Tibro"))
    ]
    for town in made:
        await town.start()
    yield made
    for town in made:
        await town.stop()


async def begun(sit: Sit, served: TestNode) -> Person:
    """The first user of a node."""
    person = await sit(served)
    link = await served.node.operations.setup_link()
    assert link is not None
    await person.begin(link)
    return person


async def until_knocking(served: TestNode) -> None:
    """Wait until somebody asks to become a neighbour."""

    async def there() -> bool:
        return bool(await served.node.operations.knocks())

    await until(there, "somebody knocked")


async def test_from_nothing_to_a_shared_record(sit: Sit, towns: list[TestNode]) -> None:
    """Two municipalities need ten presses each; a third joins them with two in each."""
    skara, hjo = await begun(sit, towns[0]), await begun(sit, towns[1])
    seen_in_hjo = await hjo.join(await skara.invite("Hjo kommun"))
    await until_knocking(towns[0])
    await hjo.until_shown("/grannar", "har inte godkänt er än")
    assert "Väntar på motparten" in await hjo.page.locator("main").inner_text()
    seen_in_skara = await skara.approve()

    groups = [line for line in seen_in_hjo.splitlines() if line.count(" ") == 7]
    assert len(groups) == 2
    assert all(line in seen_in_skara for line in groups)
    await hjo.until_shown("/grannar", "I fas")
    await hjo.share()
    await skara.until_shown("/", TITLE)
    await skara.press(f"a:text-is('{TITLE}')")
    assert "Hjo" in await skara.page.locator("main").inner_text()
    assert skara.presses <= PRESSES_MAX
    assert hjo.presses <= PRESSES_MAX

    tibro = await begun(sit, towns[2])
    await tibro.join(await hjo.invite("Tibro"))
    await until_knocking(towns[1])
    await hjo.approve()
    await skara.until_shown("/grannar", "Introducerad av Hjo")
    await tibro.until_shown("/grannar", "Introducerad av Hjo")
    for person in (skara, tibro):
        await person.page.goto("/")
        person.presses = 0
        await person.press("nav a:text-is('Grannar')")
        await person.press("button[value=lagg-till]")
        assert person.presses <= PRESSES_OF_A_THIRD_MAX
    await towns[0].publish("Exempel: en till från Skara")
    await tibro.until_shown("/", "Exempel: en till från Skara")
