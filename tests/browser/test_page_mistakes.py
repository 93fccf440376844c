"""A page with every mistake: each check finds its own, so that silence means something."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from page_visits import Visit, Visits, look

pytestmark = pytest.mark.asyncio(loop_scope="session")
MISTAKEN = """<!doctype html><html lang="xx"><title>Exempel</title>
<style>
  a:focus { outline: none }
  button { width: 10px; height: 10px; padding: 0 }
  .cut { width: 200px; height: 1.5em; overflow: hidden }
  .bar { position: fixed; inset: 0 0 auto 0; height: 60px; background: white; z-index: 1 }
  .wide { width: 1400px }
  @media (prefers-color-scheme: dark) {
    h1 { color: #333; background: #000 }
    h3 { margin-left: 7px }
  }
</style>
<body>
<a href="/">Meny</a><div class="bar"></div>
<h1>Ett</h1><h1>Två</h1><h3>Tre</h3>
<input placeholder="Namn" aria-label="Namn">
<button>x</button><button tabindex="1">y</button>
<p style="color: #aaa; background: #fff">Svagt</p>
<p class="cut">Text som får plats så länge ingen ändrar avståndet mellan orden.</p>
<div class="wide">Bred</div>
</body></html>"""
EXPECTED = {
    "axe": ["light: color-contrast", "html-lang-valid", "target-size", "dark: color-contrast: h1"],
    "own": [
        *("no language", "not exactly one h1", "follows a heading of level 1", "has no label"),
        *("no link past the menu", "is 10 by 10 px", "wider than the window", "cuts its text off"),
        'in the dark: <h3 > "Tre" was',
    ],
    "keyboard": ["does not show that it has focus", "has focus under"],
}


async def test_each_check_finds_its_mistake(browser: Browser, visits: Visits) -> None:
    """Contrast, language, labels, headings, sizes, cut text, focus: each is found by its check."""
    page = await browser.new_page()
    await page.set_content(MISTAKEN)
    visit = Visit()
    await look(page, visit)
    await page.close()

    for kind, findings in EXPECTED.items():
        found = "\n".join(getattr(visit, kind))
        assert [one for one in findings if one not in found] == [], found
