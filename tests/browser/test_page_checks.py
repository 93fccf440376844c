"""Every page of the router, in the states it can be in, as axe and our own checks see it."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser

from browsers import open_page
from half_way import half_way
from node.api.routes import API_ROUTES
from node.web.pictures import PUBLISHED
from node.web.routes import ROUTES
from page_table import EXAMPLES, NO_PAGE, PLACES, Place
from page_visits import Visit, Visits, look
from storage.account_views import Role
from web_site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")
WEIGHT_BYTES_MAX = 60_000
PICTURE = f"{PUBLISHED}/"
MISTAKE = {"sv": "Fel: ", "en": "Error: "}
each_place = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


async def test_every_route_has_an_example() -> None:
    """No page can be added without being looked at, and none is looked at that is gone."""
    read = {route.path for route in (*ROUTES, *API_ROUTES) if route.method == "GET"}

    assert read == EXAMPLES.keys() | NO_PAGE.keys()
    assert not EXAMPLES.keys() & NO_PAGE.keys()
    assert len({place.name for place in PLACES}) == len(PLACES)


@each_place
async def test_axe_finds_nothing(visits: Visits, place: Place) -> None:
    """Axe has nothing to say of any page, light and dark, wide and narrow."""
    assert (await visits.of(place)).axe == []


@each_place
async def test_our_own_checks_find_nothing(visits: Visits, place: Place) -> None:
    """Labels, headings, target sizes, 400 % zoom, text spacing and large text are right."""
    assert (await visits.of(place)).own == []


@each_place
async def test_the_keyboard_reaches_and_shows_everything(visits: Visits, place: Place) -> None:
    """Tab comes to all there is to use, and each stop is seen, also in a small window."""
    assert (await visits.of(place)).keyboard == []


@each_place
async def test_a_first_visit_is_light(visits: Visits, place: Place) -> None:
    """A page and all it needs are at most 60 kB, pictures apart, from this node alone."""
    visit = await visits.of(place)
    own = {url: size for url, size in visit.weights.items() if PICTURE not in url}

    assert 0 not in own.values(), "something came from the cache"
    assert sum(own.values()) <= WEIGHT_BYTES_MAX, own
    assert visit.hosts == set()


@each_place
async def test_a_page_is_what_it_says(visits: Visits, place: Place) -> None:
    """A form that holds a mistake says so first in its title, and focus is where it says what."""
    visit = await visits.of(place)

    assert visit.media_type.startswith("text/html")
    assert visit.title.startswith(MISTAKE[place.language]) == place.is_wrong
    assert (visit.status == 422) == place.is_wrong
    assert visit.is_at_the_mistake == place.is_wrong


@pytest.mark.parametrize("address", ["/", "/grannar"])
async def test_the_notice_about_fetching_is_judged_too(
    browser: Browser, visits: Visits, tmp_path: Path, address: str
) -> None:
    """Pages with a bar that moves are as accessible as the others."""
    async with half_way(tmp_path) as pair, aiohttp.ClientSession() as session:
        reader = await Site(pair.fetching, session).signed_in(Role.READER)
        page = await open_page(browser, reader, reduced_motion="reduce")
        await page.goto(address)
        assert await page.locator("progress").count() == 1
        visit = Visit()
        await look(page, visit)
        await page.context.close()

    assert visit.axe + visit.own + visit.keyboard == []


async def test_no_two_pages_share_a_title(visits: Visits) -> None:
    """Whoever has several pages open can tell them apart."""
    titles: dict[str, set[str]] = {}
    for path, address in EXAMPLES.items():
        place = next(one for one in PLACES if one.address == address)
        titles.setdefault((await visits.of(place)).title, set()).add(path)

    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}
