"""Invites to other municipalities: which there are, a new one, taking one back.

A new one is shown on the page that answers the form, once: as a link to copy and as a QR code.
"""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web
from markupsafe import Markup

from node.errors import ArgumentError, TooManyInvitesError
from node.operations.invite_operations import (
    DAYS_DEFAULT,
    INVITE_PATH,
    WORDS_CHARS_MAX,
    InviteView,
    NewInvite,
)
from node.origins import is_inside
from node.web.account_words import ACTORS
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.qr import qr_svg
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import acting
from storage.errors import UnknownInviteError

ADDRESS = "/grannar/inbjudningar"
DAYS = (1, 3, DAYS_DEFAULT, 14, 30)
WORDS_FAULT = Message(
    "Skriv vilken kommun inbjudan är till, högst %(count)s tecken", count=WORDS_CHARS_MAX
)
TOO_MANY = Message("Det finns redan så många inbjudningar som det får finnas. Ta tillbaka någon")


class InviteItem(NamedTuple):
    """One invite, who made it by name, and whose log has shown it, by name."""

    invite: InviteView
    made_by: str
    used_by: str


async def invites_page(request: web.Request) -> web.Response:
    """GET /grannar/inbjudningar"""
    return await _show(request)


async def make(request: web.Request) -> web.Response:
    """POST /grannar/inbjudningar: the one page on which the new invite stands."""
    posted = await read_posted(request)
    words, days = str(posted.get("till", "")), str(posted.get("dagar", ""))
    if days not in map(str, DAYS):
        raise web.HTTPBadRequest
    try:
        made = await acting(request).make_invite(words, int(days))
    except ArgumentError:
        return await _show(request, words=words, days=int(days), fault=WORDS_FAULT)
    except TooManyInvitesError:
        return await _show(request, words=words, days=int(days), fault=TOO_MANY)
    return await _show(request, made=made)


async def revoke(request: web.Request) -> web.Response:
    """POST /grannar/inbjudningar/{number}/ta-tillbaka"""
    try:
        await acting(request).revoke_invite(int(request.match_info["number"]))
    except UnknownInviteError:  # used or taken back meanwhile; the page shows what holds now
        raise see_other(ADDRESS) from None
    raise see_other(f"{ADDRESS}?klart=inbjudan-tillbaka")


async def invited_page(request: web.Request) -> web.Response:
    """GET /inbjudan: what an invite's link opens; the invite itself never reaches the server."""
    return request.app[RENDERER].page(request, "invited.html", address=INVITE_PATH)


async def _show(
    request: web.Request,
    *,
    words: str = "",
    days: int = DAYS_DEFAULT,
    fault: str = "",
    made: NewInvite | None = None,
) -> web.Response:
    node = request.app[NODE]
    people = {user.name: user.full_name for user in await node.accounts.users()}
    names = {knock.log: knock.name for knock in await node.operations.knocks(refused=True)}
    items = [
        InviteItem(
            one,
            ACTORS.get(one.made_by) or people.get(one.made_by, one.made_by),
            names.get(one.used_by or "", ""),
        )
        for one in await node.operations.invites()
    ]
    response = request.app[RENDERER].page(
        request,
        "invites.html",
        status=INVALID if fault else 200,
        open_invites=[item for item in items if not item.invite.is_over],
        old_invites=[item for item in items if item.invite.is_over],
        made=made,
        qr=qr_svg(made.link) if made else Markup(),
        only_inside=made is not None and is_inside(made.address),
        days_choices=DAYS,
        days=days,
        words=words,
        errors={"till": fault} if fault else {},
    )
    if made is not None:
        response.headers["Cache-Control"] = "no-store"
    return response
