"""Withdraw an own record: it stays in the history, with the reason, and leaves the lists."""

from __future__ import annotations

from aiohttp import web
from pydantic import ValidationError

from node.web.message import Message
from node.web.pages.own_records import own_record
from node.web.posted import INVALID, read_posted
from node.web.record_view import RecordView
from node.web.render import RENDERER
from node.web.site import see_other
from node.web.visitors import acting
from protocol.content import Withdraw
from protocol.limits import NOTE_CHARS_MAX


async def withdraw_form(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/aterkalla"""
    return _show_withdraw(request, await own_record(request), "", "")


async def withdraw(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/aterkalla"""
    view = await own_record(request)
    posted = await read_posted(request)
    reason = str(posted.get("reason", "")).strip()
    if not reason:
        error = Message("Skriv varför den återkallas, så att andra vet vad som gäller")
        return _show_withdraw(request, view, reason, error)
    if len(reason) > NOTE_CHARS_MAX:
        error = Message(
            "Skälet är för långt, högst %(most)s tecken får plats",
            most=lambda formats: formats.number(NOTE_CHARS_MAX),
        )
        return _show_withdraw(request, view, reason, error)
    try:
        content = Withdraw(target=view.id, reason=reason)
    except ValidationError:
        error = Message("Skälet innehåller tecken som inte går att publicera. Skriv om det")
        return _show_withdraw(request, view, reason, error)
    await acting(request).publish("withdraw", content)
    raise see_other(f"{view.url}?klart=aterkallad")


def _show_withdraw(request: web.Request, view: RecordView, reason: str, error: str) -> web.Response:
    return request.app[RENDERER].page(
        request,
        "withdraw.html",
        status=INVALID if error else 200,
        view=view,
        reason=reason,
        error=error,
    )
