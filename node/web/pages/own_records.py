"""The own records that a visitor may change: found by address, or by a draft that changes one."""

from __future__ import annotations

from aiohttp import web

from node.web.pages.records import find_record
from node.web.record_view import RecordView, make_record_view
from node.web.site import NODE, today
from node.web.visitors import changeable, require_change, visible_to
from protocol.content import Experience


async def own_record(request: web.Request) -> RecordView:
    """The own, standing record that the address names, if the visitor may change it.

    Raises 404 for any other, 403 for one that only its author or an editor may change.
    """
    view = await find_record(request)
    if not view.is_own or view.withdrawn is not None:
        raise web.HTTPNotFound
    await require_change(request, view.id)
    return view


async def record_of_draft(request: web.Request, record: bytes | None) -> RecordView | None:
    """The record that a draft changes; None when it cannot be changed, or never was any."""
    if record is None:
        return None
    node = request.app[NODE]
    detail = await node.queries.record(record, visible=visible_to(request))
    if detail is None or detail.experience is None or detail.withdrawn is not None:
        return None
    view = make_record_view(detail, own_log=node.own_log, today=today(request))
    may_change = view.is_own and view.id in await changeable(request, [view.id])
    return view if may_change else None


def experience_of(view: RecordView) -> Experience:
    """What a record says; raises 404 when its content is erased."""
    if view.experience is None:
        raise web.HTTPNotFound
    return view.experience
