"""Pages before something ends: a neighbour is removed, an introduction of ours is taken back.

Each says what stays and what does not, and asks why; nothing happens until the button is pressed.
"""

from __future__ import annotations

from aiohttp import web

from node.errors import ArgumentError
from node.operations.introduction_operations import OwnIntroduction
from node.operations.neighbour_status import NeighbourStatus
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other, short_name
from node.web.visitors import acting
from protocol.limits import NOTE_CHARS_MAX

REASON_CHARS_MAX = 500
UNKNOWN = Message("Okänd kommun")


async def remove_form(request: web.Request) -> web.Response:
    """GET /grannar/{log}/ta-bort"""
    return _show_removal(request, await _neighbour(request))


async def remove(request: web.Request) -> web.Response:
    """POST /grannar/{log}/ta-bort"""
    neighbour = await _neighbour(request)
    reason = " ".join(str((await read_posted(request)).get("skal", "")).split())
    if len(reason) > REASON_CHARS_MAX:
        return _show_removal(request, neighbour, reason, _too_long(REASON_CHARS_MAX))
    try:
        await acting(request).remove_neighbour(neighbour.log, reason)
    except ArgumentError:  # a colleague was quicker
        raise see_other("/grannar") from None
    raise see_other("/grannar?klart=borttagen")


async def withdraw_form(request: web.Request) -> web.Response:
    """GET /grannar/{log}/introduktion"""
    return _show_withdrawal(request, await _introduction(request))


async def withdraw(request: web.Request) -> web.Response:
    """POST /grannar/{log}/introduktion"""
    introduction = await _introduction(request)
    reason = str((await read_posted(request)).get("skal", "")).strip()
    fault = ""
    if not reason:
        fault = Message("Skriv varför ni tar tillbaka den, så att andra vet vad som gäller")
    elif len(reason) > NOTE_CHARS_MAX:
        fault = _too_long(NOTE_CHARS_MAX)
    if fault:
        return _show_withdrawal(request, introduction, reason, fault)
    try:
        await acting(request).withdraw_introduction(introduction.log, reason)
    except ArgumentError:
        fault = Message("Skälet innehåller tecken som inte går att publicera. Skriv om det")
        return _show_withdrawal(request, introduction, reason, fault)
    raise see_other("/grannar?klart=introduktion-tillbaka")


def _too_long(most: int) -> Message:
    return Message(
        "Skälet är för långt, högst %(most)s tecken får plats",
        most=lambda formats: formats.number(most),
    )


async def _neighbour(request: web.Request) -> NeighbourStatus:
    log = request.match_info["log"]
    for neighbour in await request.app[NODE].operations.neighbours():
        if neighbour.log == log:
            return neighbour
    raise web.HTTPNotFound


async def _introduction(request: web.Request) -> OwnIntroduction:
    log = request.match_info["log"]
    for introduction in await request.app[NODE].operations.own_introductions():
        if introduction.log == log:
            return introduction
    raise web.HTTPNotFound


def _show_removal(
    request: web.Request, neighbour: NeighbourStatus, reason: str = "", error: str = ""
) -> web.Response:
    name = short_name(neighbour.code, neighbour.name) or neighbour.url or UNKNOWN
    return _show(request, "removal.html", name, neighbour.code, reason, error)


def _show_withdrawal(
    request: web.Request, introduction: OwnIntroduction, reason: str = "", error: str = ""
) -> web.Response:
    name = short_name(introduction.code, introduction.name)
    return _show(request, "withdraw_introduction.html", name, introduction.code, reason, error)


def _show(
    request: web.Request, template: str, name: str, code: str, reason: str, error: str
) -> web.Response:
    status = INVALID if error else 200
    return request.app[RENDERER].page(
        request, template, status=status, name=name, code=code, reason=reason, error=error
    )
