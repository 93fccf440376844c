"""What changed between two versions of a record."""

from __future__ import annotations

from aiohttp import web

from node.web.differences import differences
from node.web.language import SOURCE, wanted
from node.web.pages.records import area_trail, find_record
from node.web.render import RENDERER
from node.web.site import NODE, read_id
from node.web.visitors import visible_to


async def difference_page(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/skillnad: without `fran` and `till` the newest change."""
    view = await find_record(request)
    oldest_first = view.versions[::-1]
    ids = [version.entry_id for version in oldest_first]
    later = _place(ids, request.query.get("till"), len(ids) - 1)
    earlier = _place(ids, request.query.get("fran"), max(later - 1, 0))
    earlier, later = sorted((earlier, later))
    shown = await request.app[NODE].queries.wordings(
        view.row.record_id, [ids[earlier], ids[later]], visible=visible_to(request)
    )
    before, after = (one.experience for one in shown)
    fields = differences(before, after, wanted(request)) if before and after else []
    return request.app[RENDERER].page(
        request,
        "difference.html",
        view=view,
        area_trail=area_trail(view.row.area),
        before=oldest_first[earlier],
        after=oldest_first[later],
        fields=fields,
        spoken=after.language if after else SOURCE,
        is_readable=before is not None and after is not None,
        previous_change=oldest_first[earlier].difference,
        next_change=oldest_first[later + 1].difference if later + 1 < len(ids) else "",
    )


def _place(ids: list[bytes], asked: str | None, otherwise: int) -> int:
    """Which version is asked for. Raises 404 for one that is not this record's."""
    if not asked:
        return otherwise
    entry_id = read_id(asked)
    if entry_id not in ids:
        raise web.HTTPNotFound
    return ids.index(entry_id)
