"""Words to go on with, while somebody types in the search box."""

from __future__ import annotations

from aiohttp import web
from markupsafe import Markup

from node.wanted import TEXT_CHARS_MAX
from node.web.site import NODE
from node.web.visitors import visible_to

SHOWN = 8


async def suggestions_fragment(request: web.Request) -> web.Response:
    """GET /sok/forslag: the text that was typed, with its last word completed in some ways."""
    text = request.query.get("q", "").replace("\0", " ")[:TEXT_CHARS_MAX]
    queries = request.app[NODE].queries
    found = await queries.completed(text, SHOWN, visible=visible_to(request))
    options = Markup("").join(Markup('<option value="{}"></option>').format(one) for one in found)
    return web.Response(text=options, content_type="text/html", charset="utf-8")
