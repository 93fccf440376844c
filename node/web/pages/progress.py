"""How far fetching from neighbours has come: a notice on the start page and under Grannar.

It is there only while much is on its way, and works without scripts; `progress.js` asks for the
fragment again and again while the page is open.
"""

from __future__ import annotations

from aiohttp import web

from node.web.language import wanted
from node.web.progress_words import ProgressWords, in_words, is_worth_telling
from node.web.render import RENDERER
from node.web.site import NODE


async def progress_notice(request: web.Request) -> ProgressWords | None:
    """What a page says about fetching; None while there is little to fetch."""
    progress = await request.app[NODE].operations.sync_progress()
    return in_words(progress) if is_worth_telling(progress) else None


async def progress_fragment(request: web.Request) -> web.Response:
    """GET /grannar/hamtning: the notice alone, also when there is no more to fetch."""
    progress = await request.app[NODE].operations.sync_progress()
    context = {"progress": in_words(progress)}
    html = request.app[RENDERER].html("parts/progress.html", context, wanted(request).code)
    return web.Response(text=html, content_type="text/html", charset="utf-8")
