"""Users, for operators: who has an account, invitations, roles.

A new link is shown on the page that answers the form, once; only its digest is stored.
"""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from node.accounts.accounts import Link
from node.web.account_words import name_faults
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import is_https, user_of
from storage.account_views import LinkKind, Role, User
from storage.errors import LastOperatorError, LinkSpentError, NameTakenError, UnknownUserError

LAST_OPERATOR = Message(
    "Det måste finnas minst en driftansvarig. Gör en kollega till driftansvarig först, sedan går "
    "det här"
)


class ShownLink(NamedTuple):
    """A link to hand over: for whom, what for, where it leads and until when."""

    full_name: str
    is_reset: bool
    url: str
    expires_ms: int


async def users_page(request: web.Request) -> web.Response:
    """GET /anvandare"""
    return await _show(request)


async def invite(request: web.Request) -> web.Response:
    """POST /anvandare"""
    posted = await read_posted(request)
    typed = {name: str(posted.get(name, "")) for name in ("visat_namn", "namn", "roll")}
    errors = name_faults(typed)
    if typed["roll"] not in list(Role):
        errors["roll"] = Message("Välj en roll")
    link = None
    if not errors:
        try:
            link = await request.app[NODE].accounts.invite(
                typed["namn"], typed["visat_namn"], Role(typed["roll"]), user_of(request).name
            )
        except NameTakenError:
            errors["namn"] = Message("Det finns redan ett konto med det användarnamnet")
    if link is None:
        return await _show(request, typed=typed, errors=errors)
    return await _show(request, link=_shown(request, link, typed["visat_namn"], is_reset=False))


async def change_role(request: web.Request) -> web.Response:
    """POST /anvandare/{number}/roll"""
    posted = await read_posted(request)
    try:
        role = Role(str(posted.get("roll", "")))
    except ValueError as error:
        raise web.HTTPBadRequest from error
    actor = user_of(request)
    number = _number(request)
    accounts = request.app[NODE].accounts
    if (await _known(request)).role is role:
        raise see_other("/anvandare")
    try:
        await accounts.change_role(number, role, actor.name)
    except LastOperatorError:
        return await _refused(request)
    raise see_other("/logga-in" if number == actor.number else "/anvandare?klart=roll")


async def deactivate(request: web.Request) -> web.Response:
    """POST /anvandare/{number}/inaktivera"""
    actor = user_of(request)
    await _known(request)
    try:
        await request.app[NODE].accounts.deactivate(_number(request), actor.name)
    except LastOperatorError:
        return await _refused(request)
    raise see_other("/" if _number(request) == actor.number else "/anvandare?klart=stangt")


async def activate(request: web.Request) -> web.Response:
    """POST /anvandare/{number}/aktivera"""
    await _known(request)
    await request.app[NODE].accounts.activate(_number(request), user_of(request).name)
    raise see_other("/anvandare?klart=oppnat")


async def reset_password(request: web.Request) -> web.Response:
    """POST /anvandare/{number}/losenord"""
    user = await _known(request)
    link = await request.app[NODE].accounts.reset_link(user.number, user_of(request).name)
    return await _show(request, link=_shown(request, link, user.full_name, is_reset=True))


async def withdraw(request: web.Request) -> web.Response:
    """POST /anvandare/inbjudan/{digest}/angra"""
    digest = bytes.fromhex(request.match_info["digest"])
    try:
        await request.app[NODE].accounts.withdraw(digest, user_of(request).name)
    except LinkSpentError:  # used or too old meanwhile; the page shows what holds now
        raise see_other("/anvandare") from None
    raise see_other("/anvandare?klart=lank")


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])


async def _known(request: web.Request) -> User:
    try:
        return await request.app[NODE].accounts.user(_number(request))
    except UnknownUserError as error:
        raise web.HTTPNotFound from error


def _shown(request: web.Request, link: Link, full_name: str, *, is_reset: bool) -> ShownLink:
    scheme = "https" if is_https(request) else "http"
    site = request.app[NODE].settings.public_url or f"{scheme}://{request.host}"
    return ShownLink(" ".join(full_name.split()), is_reset, site + link.path, link.expires_ms)


async def _refused(request: web.Request) -> web.Response:
    return await _show(request, errors={f"anvandare-{_number(request)}": LAST_OPERATOR})


async def _show(
    request: web.Request,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    link: ShownLink | None = None,
) -> web.Response:
    accounts = request.app[NODE].accounts
    users = await accounts.users()
    response = request.app[RENDERER].page(
        request,
        "users.html",
        status=INVALID if errors else 200,
        active=[user for user in users if user.active],
        closed=[user for user in users if not user.active],
        waiting=[one for one in await accounts.invitations() if one.kind is not LinkKind.SETUP],
        typed=typed or {"roll": Role.AUTHOR.value},
        errors=errors or {},
        link=link,
    )
    if link is not None:
        response.headers["Cache-Control"] = "no-store"
    return response
