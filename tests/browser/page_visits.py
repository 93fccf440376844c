"""Opens each page once and notes all that the checks ask of it.

A visit loads the page as a first visitor does, with nothing in the cache, and then looks at it in
both colour schemes and at both widths, with what is folded unfolded. The tests only compare.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.async_api import CDPSession, Page, Request, Response

from browsers import BrowserEndedError, while_running
from page_table import PLACES, Place
from page_windows import WIDE, Windows
from page_world import World
from web_site import Site

CHECKERS = Path(__file__).parents[2] / ".checkers" / "node_modules"
AXE = CHECKERS / "axe-core" / "axe.min.js"
OWN_CHECKS = Path(__file__).with_name("own_checks.js")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_COLOUR_RULES = ["color-contrast", "link-in-text-block"]
"""The rules of these tags that look at colours; a colour scheme changes nothing else."""
NARROW = {"width": 360, "height": 740}
ZOOMED = {"width": 320, "height": 256}
"""A window of 1280 by 1024 at 400 %."""
TEXT_SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"""
"""WCAG 1.4.12."""
TEXT_TWICE_AS_LARGE = "html { font-size: 200% !important; }"
TAB_STOPS_MAX = 400
TABS_AT_ONCE = 20
TAB = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
AT_THE_MISTAKE = "document.activeElement.matches('.summary-of-errors, [aria-invalid=true]')"
RUN_AXE = """async (runOnly) => {
  const result = await axe.run({ runOnly, resultTypes: ["violations"] });
  return result.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target} ${node.failureSummary} ${node.html.slice(0, 200)}`));
}"""


@dataclass(slots=True)
class Visit:
    """What one page was like."""

    status: int = 0
    html: str = ""
    is_at_the_mistake: bool = False
    """Whether the page opened with focus on what says what is wrong."""
    title: str = ""
    media_type: str = ""
    axe: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    keyboard: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)
    """Bytes over the wire, headers included, by address; only of the first page."""
    hosts: set[str] = field(default_factory=set)


class Visits:
    """Each place is visited once, whichever test asks first."""

    def __init__(self, world: World, windows: Windows) -> None:
        self._world = world
        self._windows = windows
        self._made: dict[str, asyncio.Future[Visit]] = {}
        self._signing_in = asyncio.Lock()  # two visits may need the same new account

    async def of(self, place: Place) -> Visit:
        """The visit of one place; one that failed fails again."""
        self._begin(place)
        following = PLACES.index(place) + 1
        if following < len(PLACES):
            self._begin(PLACES[following])  # tests ask in this order; one fills the other's waiting
        return await self._made[place.name]

    async def close(self) -> None:
        """Let the visit that nobody asked for come to its end."""
        await asyncio.gather(*self._made.values(), return_exceptions=True)

    def _begin(self, place: Place) -> None:
        if place.name not in self._made:
            self._made[place.name] = asyncio.ensure_future(self._visit_surely(place))

    async def _visit_surely(self, place: Place) -> Visit:
        """A visit under which the browser ended is made once more: many tests hang on one."""
        for _ in range(2):
            browser = await self._windows.browser()
            with suppress(BrowserEndedError):
                return await while_running(browser, self._visit(place))
        raise BrowserEndedError

    async def _visit(self, place: Place) -> Visit:
        visit, site = Visit(), self._site(place)
        async with self._signing_in:
            viewer = await site.signed_in(place.role) if place.role else site.signed_out()
        async with self._windows.opened(viewer, place.language) as page:
            pages, requests = note_traffic(page)
            await page.goto(urljoin(site.served.url, place.address.format_map(self._world.names)))
            await weigh(visit, requests)
            if place.step is not None:
                await place.step(page)
            visit.hosts = {urlsplit(one.url).netloc for one in requests}
            visit.hosts -= {urlsplit(site.served.url).netloc}
            visit.status, visit.html = pages[-1].status, await pages[-1].text()
            visit.media_type = pages[-1].headers.get("content-type", "")
            visit.title = await page.title()
            visit.is_at_the_mistake = await page.evaluate(AT_THE_MISTAKE)
            await look(page, visit, has_own_colours=place.language == "sv")
        return visit

    def _site(self, place: Place) -> Site:
        site: Site = getattr(self._world, place.node)
        return site


def note_traffic(page: Page) -> tuple[list[Response], list[Request]]:
    """Lists that follow along: answers that are pages, and requests that were answered."""
    pages: list[Response] = []
    requests: list[Request] = []

    def note(response: Response) -> None:
        if response.request.is_navigation_request() and response.status not in range(300, 400):
            pages.append(response)

    def note_finished(request: Request) -> None:
        requests.append(request)

    page.on("response", note)
    page.on("requestfinished", note_finished)
    return pages, requests


async def weigh(visit: Visit, requests: list[Request]) -> None:
    """Note how many bytes each answer was."""
    for request in list(requests):
        sizes = await request.sizes()
        visit.weights[request.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]


async def look(page: Page, visit: Visit, *, has_own_colours: bool = True) -> None:
    """Look at a page in every way there is; in another language it has the colours it had."""
    await page.evaluate(AXE.read_text("utf-8"))
    await page.evaluate("globalThis.checks = " + OWN_CHECKS.read_text("utf-8"))
    for name in ("structure", "labels"):
        visit.own += await page.evaluate(f"checks.{name}()")
    await page.evaluate("checks.unfold()")
    for viewport in (WIDE, NARROW):
        await page.set_viewport_size(viewport)
        await look_in_both_schemes(page, visit, f"{viewport['width']} px", has_own_colours)
    for viewport in (WIDE, ZOOMED):
        await page.set_viewport_size(viewport)
        place = f"{viewport['width']} px"
        visit.own += [f"{place}: {one}" for one in await page.evaluate("checks.targets()")]
        for style in ("", TEXT_SPACING, *([TEXT_TWICE_AS_LARGE] if viewport is WIDE else [])):
            found = await page.evaluate(
                "text => { checks.style(text); return checks.cut(); }", style
            )
            visit.own += [f"{place} {style[:20]}: {one}" for one in found]
        await page.evaluate("checks.style('')")
        visit.keyboard += [f"{place}: {one}" for one in await walk(page)]


async def look_in_both_schemes(page: Page, visit: Visit, place: str, has_own_colours: bool) -> None:
    """Axe looks at all in the light, and in the dark at colours, as nothing may stand elsewhere."""
    await page.emulate_media(color_scheme="light")
    visit.axe += [f"{place} light: {one}" for one in await page.evaluate(RUN_AXE, AXE_TAGS)]
    await page.evaluate("checks.remember()")
    await page.emulate_media(color_scheme="dark")
    if has_own_colours:
        found = await page.evaluate(RUN_AXE, AXE_COLOUR_RULES)
        visit.axe += [f"{place} dark: {one}" for one in found]
    visit.own += [f"{place} in the dark: {one}" for one in await page.evaluate("checks.moved()")]
    await page.emulate_media(color_scheme="light")


async def walk(page: Page) -> list[str]:
    """Go through a page with Tab; returns what is wrong at the stops, or never reached.

    Keys are sent many at a time, as most of a walk would be waiting; the page itself looks at each
    stop when the key is let go.
    """
    keyboard = await page.context.new_cdp_session(page)
    await page.evaluate("checks.begin()")
    for _ in range(0, TAB_STOPS_MAX, TABS_AT_ONCE):
        await press_tab(keyboard, TABS_AT_ONCE)
        found: list[str] | None = await page.evaluate("checks.found()")
        if found is not None:
            break
    await keyboard.detach()
    return [f"more than {TAB_STOPS_MAX} stops"] if found is None else found


async def press_tab(keyboard: CDPSession, times: int) -> None:
    """Press Tab and let it go, so many times; the browser takes keys in the order they are sent."""
    kinds = ("rawKeyDown", "keyUp") * times
    keys = [keyboard.send("Input.dispatchKeyEvent", {"type": kind, **TAB}) for kind in kinds]
    await asyncio.gather(*keys)
