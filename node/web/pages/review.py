"""A second person's review: giving a draft back to whoever wrote it, with words about it."""

from __future__ import annotations

from aiohttp import web

from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import user_of
from protocol.limits import NOTE_CHARS_MAX
from storage.draft_store import Draft


async def send_back_form(request: web.Request) -> web.Response:
    """GET /utkast/{draft}/tillbaka"""
    return _show(request, await _handed_in(request), "", "")


async def send_back(request: web.Request) -> web.Response:
    """POST /utkast/{draft}/tillbaka"""
    draft = await _handed_in(request)
    words = str((await read_posted(request)).get("ord", "")).strip()
    if not words:
        return _show(request, draft, words, Message("Skriv vad som behöver ändras"))
    if len(words) > NOTE_CHARS_MAX or not words.replace("\n", "").replace("\r", "").isprintable():
        error = Message(
            "Skriv vanlig text, högst %(most)s tecken",
            most=lambda formats: formats.number(NOTE_CHARS_MAX),
        )
        return _show(request, draft, words, error)
    await request.app[NODE].drafts.send_back(user_of(request), draft, words)
    raise see_other("/utkast?klart=tillbaka")


async def _handed_in(request: web.Request) -> Draft:
    """The draft that the address names, if it waits for this user. Raises 404 for any other."""
    drafts, user = request.app[NODE].drafts, user_of(request)
    draft = await drafts.open(user, bytes.fromhex(request.match_info["draft"]))
    if draft is None or draft.handed_in_ms is None or not drafts.may_review(user, draft):
        raise web.HTTPNotFound
    return draft


def _show(request: web.Request, draft: Draft, words: str, error: str) -> web.Response:
    return request.app[RENDERER].page(
        request,
        "send_back.html",
        status=INVALID if error else 200,
        draft=draft,
        words=words,
        error=error,
    )
