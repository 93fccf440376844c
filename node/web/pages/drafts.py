"""Drafts: the list, opening one, saving while somebody writes, throwing away, choosing a text."""

from __future__ import annotations

from aiohttp import web

from node.web import draft_words
from node.web.draft_words import changed_words, saved_words
from node.web.form_state import DraftPlace, FormState, posted_place, typed_values
from node.web.language import wanted
from node.web.pages.form_pages import show_conflict, show_form
from node.web.pages.own_records import record_of_draft
from node.web.posted import Posted, read_posted
from node.web.published_forms import new_token
from node.web.render import RENDERER
from node.web.site import NODE, read_id, see_other
from node.web.visitors import user_of
from storage.errors import DraftChangedError, DraftGoneError, TooManyDraftsError


async def drafts_page(request: web.Request) -> web.Response:
    """GET /utkast"""
    drafts, user = request.app[NODE].drafts, user_of(request)
    others = await drafts.of_colleagues(user)
    return request.app[RENDERER].page(
        request,
        "drafts.html",
        own=await drafts.newest_of(user),
        to_review=[row for row in others if row.handed_in_ms],
        colleagues=[row for row in others if not row.handed_in_ms],
        untitled=draft_words.UNTITLED,
        now_ms=request.app[NODE].clock.time_ms(),
    )


async def open_draft(request: web.Request) -> web.Response:
    """GET /utkast/{draft}: the form, with what was written so far."""
    draft = await request.app[NODE].drafts.open(user_of(request), _draft_id(request))
    if draft is None:
        raise web.HTTPNotFound
    edited = await record_of_draft(request, draft.record)
    form = FormState(dict(draft.typed), new_token(), DraftPlace(draft.draft_id))
    form.draft.now_at(draft)
    if draft.record is not None and edited is None:
        form.notice = draft_words.RECORD_GONE
    return await show_form(request, form, edited)


async def save(request: web.Request) -> web.Response:
    """POST /utkast/{draft}: what the module sends while somebody writes; the answer is JSON."""
    node, user = request.app[NODE], user_of(request)
    form = _posted_form(request, await read_posted(request))
    if form.is_untouched and not form.draft.version:
        words = wanted(request).translated(draft_words.NOTHING_YET)
        return web.json_response({"version": 0, "words": words})
    record = await _posted_record(request)
    try:
        saved = await node.drafts.save(user, form.written(record))
    except DraftChangedError:
        found = await node.drafts.open(user, form.draft.draft_id)
        said = changed_words(found, user, node.clock.time_ms()) if found else ""
        return _refused(request, "changed", said)
    except DraftGoneError:
        return _refused(request, "gone", draft_words.GONE)
    except TooManyDraftsError:
        return _refused(request, "full", draft_words.TOO_MANY)
    words = wanted(request).translated(saved_words(saved, user, node.clock.time_ms()))
    return web.json_response({"version": saved.version, "words": words})


def _refused(request: web.Request, what: str, words: str) -> web.Response:
    said = wanted(request).translated(words)
    return web.json_response({"what": what, "words": said}, status=409)


async def throw_away(request: web.Request) -> web.Response:
    """POST /utkast/{draft}/kasta"""
    await request.app[NODE].drafts.throw_away(user_of(request), _draft_id(request))
    raise see_other("/utkast?klart=kastat")


async def choose(request: web.Request) -> web.Response:
    """POST /utkast/{draft}/valj: which of two texts the draft goes on with; the other is kept."""
    node, user = request.app[NODE], user_of(request)
    posted = await read_posted(request)
    form = _posted_form(request, posted)
    aside = posted_place({"utkast": posted.get("undan", "")}, node.drafts.new_id()).draft_id
    address, receipt = f"/utkast/{form.draft.id}", "valt-sparad"
    try:
        if posted.get("val") == "sparad":
            await node.drafts.keep_saved(user, form.written(None), aside)
        else:
            await node.drafts.keep_own(user, form.written(None), aside)
            receipt = "valt-egen"
    except DraftChangedError:
        saved = await node.drafts.open(user, form.draft.draft_id)
        if saved is None:
            raise
        return show_conflict(request, form, saved)
    except DraftGoneError:
        anew = form.written(await _posted_record(request))._replace(draft_id=aside, version=0)
        await node.drafts.save(user, anew)
        address, receipt = f"/utkast/{aside.hex()}", "utkast-nytt"
    raise see_other(f"{address}?klart={receipt}")


def _draft_id(request: web.Request) -> bytes:
    return bytes.fromhex(request.match_info["draft"])


def _posted_form(request: web.Request, posted: Posted) -> FormState:
    place = posted_place(posted, _draft_id(request))
    place.draft_id = _draft_id(request)
    return FormState(typed_values(posted), "", place)


async def _posted_record(request: web.Request) -> bytes | None:
    """The record that a draft is to change, if the visitor may change it."""
    named = str((await read_posted(request)).get("erfarenhet", ""))
    view = await record_of_draft(request, read_id(named)) if named else None
    return view.row.record_id if view else None
