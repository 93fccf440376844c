"""The list of records, with filters in its address, and one record's page."""

from __future__ import annotations

import asyncio

from aiohttp import web

from node.municipal import taxonomy
from node.operations.evidence import read_evidence
from node.web import labels
from node.web.follow_part import follow_list, follow_record
from node.web.listing import list_url, make_listing, read_filter, read_page_number
from node.web.message import Message
from node.web.pictures import FilesShown, look_up
from node.web.published_forms import new_token
from node.web.record_view import RecordView, make_record_view
from node.web.render import RENDERER, area_url, record_url
from node.web.site import NODE, OWN, read_id, today, whole_address
from node.web.threads import CommentPage, comment_page
from node.web.visitors import changeable, visible_to
from storage.record_views import RecordRow

NOT_KEPT = ("q", "ordagrant")
"""What a new search does not take over from the last."""
ALIKE_SHOWN = 4
CBOR_SEQUENCE = "application/cbor-seq"


async def list_page(request: web.Request) -> web.Response:
    """GET /erfarenheter"""
    own = request.app[OWN].code
    wanted = read_filter(request.query, own)
    page, facets = await request.app[NODE].queries.page_and_facets(
        wanted, visible=visible_to(request)
    )
    listing = make_listing(wanted, facets, own, total=page.total, page=page.page, pages=page.pages)
    return request.app[RENDERER].page(
        request,
        "records.html",
        listing=listing,
        follow=await follow_list(request, wanted),
        rows=page.rows,
        meant=page.meant,
        literal_url=list_url(wanted, literal=True),
        kept={name: value for name, value in wanted.parameters.items() if name not in NOT_KEPT},
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
    request: web.Request, view: RecordView, *, status: int = 200, **typed: str
) -> web.Response:
    """A record's page; `typed` brings back what could not be published, and why."""
    node = request.app[NODE]
    related = [bytes.fromhex(one) for one in view.experience.related] if view.experience else []
    # The index and the database are asked side by side, each in threads of its own.
    alike, rows, discussion = await asyncio.gather(
        _alike(request, view),
        node.queries.rows(related, visible=visible_to(request)),
        _discussion(request, view),
    )
    kinds = _comment_kinds(view)
    return request.app[RENDERER].page(
        request,
        "record.html",
        status=status,
        view=view,
        follow=await follow_record(request, view.row),
        changeable=await changeable(request, view.own_entries),
        area_trail=area_trail(view.row.area),
        files=await shown_files(request, view),
        related_rows={row.record_id.hex(): row for row in rows},
        discussion=discussion,
        alike=alike,
        held=node.operations.held(view.row.log, view.sequence),
        share_url=whole_address(request, view.url),
        token=new_token(),
        comment_text=typed.get("text", ""),
        comment_kind=typed.get("kind") or kinds[0],
        comment_kinds=kinds,
        comment_error=typed.get("error", ""),
        helped_text=typed.get("helped_text", ""),
        helped_error=typed.get("helped_error", ""),
    )


async def _alike(request: web.Request, view: RecordView) -> list[RecordRow]:
    """Records about the same, by title and tags."""
    if view.experience is None or view.withdrawn is not None:
        return []
    text = " ".join((view.title, *view.experience.tags))
    queries = request.app[NODE].queries
    rows = await queries.similar(text, ALIKE_SHOWN + 1, visible=visible_to(request))
    return [row for row in rows if row.record_id != view.row.record_id][:ALIKE_SHOWN]


def _comment_kinds(view: RecordView) -> tuple[str, ...]:
    """What one may write below a record, the likeliest first."""
    if view.is_own:
        return ("comment", "question")
    return (
        ("answer", "question", "comment") if view.row.type == "fraga" else ("question", "comment")
    )


async def _discussion(request: web.Request, view: RecordView) -> CommentPage:
    """The page of comments that the address asks for, by number or by a comment on it."""
    shown = request.query.get("visa", "")
    page = comment_page(
        view.threads,
        read_page_number(request.query.get("sida", "")),
        read_id(shown) if shown else None,
    )
    return page.with_texts(await request.app[NODE].queries.comment_texts(page.entry_ids))


def area_trail(area: str) -> list[tuple[str, str]]:
    """The steps above a record in the breadcrumbs: its area and subarea."""
    whole = taxonomy.parent(area)
    if whole is None:
        return []
    steps: list[tuple[str, str]] = [("/amnen", Message("Ämnen"))]
    wholes = [whole.id] if area == whole.id else [whole.id, area]
    return steps + [(area_url(one), labels.area(one)) for one in wholes]


async def shown_files(request: web.Request, view: RecordView) -> FilesShown:
    """The files that the shown version names; of an earlier or withdrawn one only the names."""
    files = view.experience.attachments if view.experience else ()
    if view.experience is None or not view.is_current or view.withdrawn is not None:
        return FilesShown(files)
    held = await look_up(request.app[NODE], files)
    return FilesShown(files, held, coming=True, downloads=True)


async def record_page(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/{slug}: the id decides, another slug redirects."""
    asked = request.query.get("version")
    view = await find_record(request, read_id(asked) if asked else None)
    address = record_url(view.row.record_id, view.row.title)
    if request.path != address:
        query = f"?{request.query_string}" if request.query_string else ""
        raise web.HTTPMovedPermanently(f"{address}{query}")
    return await show_record(request, view)


async def evidence_file(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/bevis.cbor: what anybody can check a version with, offline."""
    asked = request.query.get("version")
    view = await find_record(request, read_id(asked) if asked else None)
    node = request.app[NODE]
    data = await read_evidence(node.log_store, view.row.log, view.sequence)
    if data is None:
        raise web.HTTPNotFound
    name = f"tidan-{view.code}-{view.entry_id.hex()[:16]}.cbor"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=data, content_type=CBOR_SEQUENCE, headers=headers)
