"""Records like the one that is being written: a fragment while the title is typed, and for the
preview.

The title travels in the body and not in the address, since proxies note addresses, and what has not
been published is nobody else's.
"""

from __future__ import annotations

from aiohttp import web

from node.web.language import wanted
from node.web.posted import read_posted
from node.web.render import RENDERER
from node.web.site import NODE, read_id
from node.web.visitors import visible_to
from protocol.limits import TITLE_CHARS_MAX
from storage.record_views import RecordRow

SHOWN = 4


async def similar_records(
    request: web.Request, title: str, record: bytes | None
) -> list[RecordRow]:
    """The most similar records, without the one that is being changed."""
    queries = request.app[NODE].queries
    asked = title[: 2 * TITLE_CHARS_MAX]
    rows = await queries.similar(asked, SHOWN + 1, visible=visible_to(request))
    return [row for row in rows if row.record_id != record][:SHOWN]


async def similar_fragment(request: web.Request) -> web.Response:
    """POST /skriv/liknande: the list alone; empty when nothing is similar."""
    posted = await read_posted(request)
    named = str(posted.get("erfarenhet", ""))
    record = read_id(named) if named else None
    rows = await similar_records(request, str(posted.get("title", "")), record)
    language = wanted(request).code
    page = request.app[RENDERER]
    html = page.html("parts/similar.html", {"similar": rows}, language) if rows else ""
    return web.Response(text=html, content_type="text/html", charset="utf-8")
