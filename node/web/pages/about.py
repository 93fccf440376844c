"""About Tidan, and the view's own files."""

from __future__ import annotations

from aiohttp import web

from node.web.assets import CACHE_FOR_EVER
from node.web.render import RENDERER
from node.web.site import NODE
from node.web.visitors import visible_to

# A picture opened by its own address may style itself, and neither run, load nor send anything.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


async def about_page(request: web.Request) -> web.Response:
    """GET /om"""
    counts = await request.app[NODE].queries.counts(visible=visible_to(request))
    return request.app[RENDERER].page(request, "about.html", counts=counts)


async def asset(request: web.Request) -> web.Response:
    """GET /static/{digest}/{name}: a file under its own digest; another digest is not found."""
    found = request.app[RENDERER].assets.get(request.match_info["name"])
    if found is None or found.digest != request.match_info["digest"]:
        raise web.HTTPNotFound
    is_picture = found.content_type.startswith("image/")
    headers = {"Cache-Control": CACHE_FOR_EVER}
    if is_picture:
        headers["Content-Security-Policy"] = PICTURE_POLICY
    return web.Response(
        body=found.content,
        content_type=found.content_type,
        charset=None if is_picture else "utf-8",
        headers=headers,
    )


async def favicon(request: web.Request) -> web.Response:
    """GET /favicon.ico: browsers ask for it by this name whatever the page says."""
    raise web.HTTPFound(request.app[RENDERER].assets.url("favicon.svg"))
