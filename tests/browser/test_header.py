"""The header on every width: read and walked through in one order, in as few lines as it needs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.async_api import Browser, Page

from browsers import open_page
from node.municipal import municipalities
from node.web.language import COOKIE
from page_world import World
from storage.account_views import Role

pytestmark = pytest.mark.asyncio(loop_scope="session")
PLACES = """() => [...document.querySelectorAll("header a, header button")].map(one => {
  const box = one.getBoundingClientRect();
  return [box.left, box.right, box.top, box.bottom];
}).filter(([left, right]) => right > left)"""
NAME = "name => document.querySelector('.mark .quiet').textContent = name"
LONGEST = max((one.name for one in municipalities.all_municipalities()), key=len)

Box = tuple[float, float, float, float]


def lines_of(boxes: list[Box]) -> list[list[Box]]:
    """Boxes in the order in which they are walked through, parted where one is below the last."""
    lines: list[list[Box]] = []
    for box in boxes:
        middle = (box[2] + box[3]) / 2
        if lines and lines[-1][0][2] <= middle <= lines[-1][0][3]:
            lines[-1].append(box)
        else:
            lines.append([box])
    return lines


async def assert_tidy(page: Page, width: int, lines_max: int) -> None:
    """Each line goes from left to right, each below the last, none is cut, and they are few."""
    lines = lines_of([tuple(one) for one in await page.evaluate(PLACES)])
    for line in lines:
        assert [box[0] for box in line] == sorted(box[0] for box in line), lines
        assert all(one[1] <= other[0] for one, other in pairwise(line)), lines
    bottoms = [max(box[3] for box in line) for line in lines]
    assert bottoms == sorted(bottoms), lines
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(lines) <= lines_max, lines


@pytest.mark.parametrize("width", [1280, 600, 360, 320])
@pytest.mark.parametrize("role", [None, Role.AUTHOR, Role.OPERATOR])
async def test_the_header_is_tidy_and_walked_through_as_it_is_seen(
    browser: Browser, world: World, role: Role | None, width: int
) -> None:
    """Mark and account share the first line, the menu has one more, on a phone at most two; Tab
    goes the way one reads. The longest name of a municipality fits as well.
    """
    site = await world.full.signed_in(role) if role else world.full.signed_out()
    viewport = {"width": width, "height": 600}
    page = await open_page(browser, site, viewport=viewport)
    for language in ("sv", "en"):
        chosen = {"name": COOKIE, "value": language, "url": site.served.url}
        await page.context.add_cookies([chosen])
        await page.goto("/erfarenheter")
        assert await page.get_attribute("html", "lang") == language
        await assert_tidy(page, width, 3 if role and width < 400 else 2)
        await page.evaluate(NAME, LONGEST)
        await assert_tidy(page, width, 4 if width < 400 else 2)
