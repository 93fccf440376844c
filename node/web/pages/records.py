"""The list of records, with filters in its address, and one record's page."""

from __future__ import annotations

from aiohttp import web

from node.municipal import taxonomy
from node.web.listing import PARAMETERS, list_url, make_listing, read_filter
from node.web.published_forms import new_token
from node.web.record_view import RecordView, make_record_view
from node.web.render import RENDERER, record_url
from node.web.site import NODE, read_id, today
from node.web.visitors import changeable, visible_to


async def list_page(request: web.Request) -> web.Response:
    """GET /erfarenheter"""
    wanted = read_filter(request.query)
    page, facets = await request.app[NODE].queries.page_and_facets(
        wanted, visible=visible_to(request)
    )
    listing = make_listing(wanted, facets, total=page.total, page=page.page, pages=page.pages)
    kept = {name: getattr(wanted, field) for name, field in PARAMETERS.items() if name != "q"}
    return request.app[RENDERER].page(
        request,
        "records.html",
        listing=listing,
        rows=page.rows,
        kept={name: value for name, value in kept.items() if value},
    )


async def search_address(request: web.Request) -> web.Response:
    """GET /sok: the same list under the address people guess."""
    wanted = read_filter(request.query)
    raise web.HTTPMovedPermanently(list_url(wanted, page=wanted.page))


async def find_record(request: web.Request, version: bytes | None = None) -> RecordView:
    """The record that the address names, as a view. Raises 404 when it is not here."""
    node = request.app[NODE]
    record_id = read_id(request.match_info["id"])
    detail = await node.queries.record(record_id, version=version, visible=visible_to(request))
    if detail is None:
        raise web.HTTPNotFound
    return make_record_view(detail, own_log=node.own_log, today=today(request))


async def show_record(
    request: web.Request, view: RecordView, *, status: int = 200, **comment: str
) -> web.Response:
    """A record's page; `comment` brings back a comment that could not be published."""
    node = request.app[NODE]
    related = [bytes.fromhex(one) for one in view.experience.related] if view.experience else []
    rows = await node.queries.rows(related, visible=visible_to(request))
    parent = taxonomy.parent(view.row.area)
    trail = [(f"/erfarenheter?amne={parent.id}", parent.sv)] if parent else []
    first_kind = "answer" if view.row.type == "fraga" else "question"
    return request.app[RENDERER].page(
        request,
        "record.html",
        status=status,
        view=view,
        changeable=await changeable(request, view.own_entries),
        area_trail=trail,
        files_here=await files_here(request, view),
        related_titles={row.record_id.hex(): row.title for row in rows},
        token=new_token(),
        comment_text=comment.get("text", ""),
        comment_kind=comment.get("kind") or first_kind,
        comment_error=comment.get("error", ""),
    )


async def files_here(request: web.Request, view: RecordView) -> frozenset[str]:
    """Digests of the files that the shown version names and that can be fetched here now."""
    if view.experience is None or not view.is_current or view.withdrawn is not None:
        return frozenset()
    digests = [bytes.fromhex(one.sha256) for one in view.experience.attachments]
    held = await request.app[NODE].blob_store.held(digests) if digests else {}
    return frozenset(digest.hex() for digest in held)


async def record_page(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/{slug}: the id decides, another slug redirects."""
    asked = request.query.get("version")
    view = await find_record(request, read_id(asked) if asked else None)
    address = record_url(view.row.record_id, view.row.title)
    if request.path != address:
        query = f"?{request.query_string}" if request.query_string else ""
        raise web.HTTPMovedPermanently(f"{address}{query}")
    return await show_record(request, view)
